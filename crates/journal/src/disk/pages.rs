//! The contents of a file in memory, in pages that copies share until one of them is written.
//!
//! A page of zeros takes no room, so a preallocated segment is free and a disk is copied in microseconds,
//! which is what makes hundreds of thousands of recoveries a matter of seconds.

use std::sync::Arc;

const PAGE: usize = 4096;

type Page = Arc<[u8; PAGE]>;

#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    pages: Vec<Option<Page>>,
    len: usize,
}

impl Pages {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Grows with zeros or cuts.
    pub(super) fn set_len(&mut self, len: usize) {
        if len < self.len {
            let end = self.len.min(len.next_multiple_of(PAGE));
            self.clear(len, end);
        }
        self.pages.resize(len.div_ceil(PAGE), None);
        self.len = len;
    }

    pub(super) fn read(&self, at: usize, buffer: &mut [u8]) -> usize {
        let count = self.len.saturating_sub(at).min(buffer.len());
        let wanted = buffer.get_mut(..count).unwrap_or_default();
        for (page, from, piece) in pieces_mut(at, wanted) {
            match self.pages.get(page).and_then(Option::as_ref) {
                Some(page) => piece.copy_from_slice(page.get(from..from + piece.len()).unwrap_or_default()),
                None => piece.fill(0),
            }
        }
        count
    }

    /// Writes and grows as needed.
    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        if at + bytes.len() > self.len {
            self.set_len(at + bytes.len());
        }
        let mut at = at;
        let mut rest = bytes;
        while !rest.is_empty() {
            let from = at % PAGE;
            let (piece, behind) = rest.split_at((PAGE - from).min(rest.len()));
            if let Some(place) = self.page_mut(at / PAGE).get_mut(from..from + piece.len()) {
                place.copy_from_slice(piece);
            }
            at += piece.len();
            rest = behind;
        }
    }

    pub(super) fn clear(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to.min(self.len) {
            let end = (at / PAGE + 1) * PAGE;
            let end = end.min(to);
            if self.pages.get(at / PAGE).is_some_and(Option::is_some)
                && let Some(place) = self.page_mut(at / PAGE).get_mut(at % PAGE..at % PAGE + (end - at))
            {
                place.fill(0);
            }
            at = end;
        }
    }

    /// Shares the pages that the range touches; neither side changes its length downwards.
    pub(super) fn take_pages(&mut self, other: &Self, at: usize, len: usize) {
        if self.len < other.len {
            self.set_len(other.len);
        }
        for index in at / PAGE..(at + len).div_ceil(PAGE) {
            if let (Some(own), Some(theirs)) = (self.pages.get_mut(index), other.pages.get(index)) {
                own.clone_from(theirs);
            }
        }
    }

    /// Copies exactly the range.
    pub(super) fn take_bytes(&mut self, other: &Self, at: usize, len: usize) {
        let mut bytes = vec![0; len];
        let count = other.read(at, &mut bytes);
        bytes.truncate(count);
        self.write(at, &bytes);
    }

    fn page_mut(&mut self, index: usize) -> &mut [u8; PAGE] {
        let slot = self.pages.get_mut(index).expect("invariant: pages cover the length");
        Arc::make_mut(slot.get_or_insert_with(|| Arc::new([0; PAGE])))
    }
}

fn pieces_mut(at: usize, buffer: &mut [u8]) -> impl Iterator<Item = (usize, usize, &mut [u8])> {
    let first = (PAGE - at % PAGE).min(buffer.len());
    let (head, rest) = buffer.split_at_mut(first);
    let later = rest.chunks_mut(PAGE).enumerate();
    let later = later.map(move |(index, piece)| (at / PAGE + 1 + index, 0, piece));
    std::iter::once((at / PAGE, at % PAGE, head)).chain(later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Rng;

    #[test]
    fn pages_behave_like_a_vector() {
        let mut rng = Rng::new(11);
        let (mut pages, mut model) = (Pages::default(), Vec::<u8>::new());
        for round in 0..3000 {
            let at = rng.below(20_000);
            match rng.below(4) {
                0 => {
                    pages.set_len(at);
                    model.resize(at, 0);
                }
                1 => {
                    let end = (at + rng.below(9000)).min(model.len());
                    pages.clear(at, end);
                    if at < end {
                        model[at..end].fill(0);
                    }
                }
                _ => {
                    let bytes = vec![0xc7; rng.below(9000)];
                    pages.write(at, &bytes);
                    if model.len() < at + bytes.len() {
                        model.resize(at + bytes.len(), 0);
                    }
                    model[at..at + bytes.len()].copy_from_slice(&bytes);
                }
            }
            let mut read = vec![1; model.len()];
            assert_eq!(pages.read(0, &mut read), model.len(), "round {round}");
            assert!(read == model, "round {round}");
        }
    }
}
