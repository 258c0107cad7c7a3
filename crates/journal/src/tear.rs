//! Torn or damaged? A batch at the very end that power loss caught half-written may be cut away; anything
//! else must stop the start, because it may have been acknowledged.
//!
//! A write lands on zeros, sector by sector or up to some byte, so a tear leaves zeros where a batch should
//! be. A batch that is complete but wrong, or that has a later batch behind it, was never torn. The caller
//! has asked the watermark already. Absent: I/O; this is a pure function of the bytes at the end.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::layout::{ALIGN, BATCH_HEADER, BATCH_MAGIC, BatchHeader, SECTOR};
use crate::wire::all_zero;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Torn(&'static str),
    Damaged(String),
}

/// Judges the bytes from the end of the last good batch to the last byte that is not zero. `sector_room` is
/// how many of them lie in the first sector, `seq` the record that should come next.
pub(crate) fn judge(tail: &[u8], sector_room: usize, seq: u64) -> Verdict {
    let header = BatchHeader::parse(tail.get(..BATCH_HEADER).unwrap_or(tail)).ok();
    let header = header.filter(|header| header.first_seq == seq);
    let behind = header.map_or(ALIGN, |header| header.total_len());
    if let Some((at, later)) = later_batch(tail, behind, seq) {
        let why = format!("a later batch, of record {}, stands {at} bytes behind it", later.first_seq);
        return Verdict::Damaged(why);
    }
    match header {
        Some(header) => judge_body(tail, sector_room, &header),
        None => judge_header(tail, sector_room),
    }
}

/// A later batch is written only after this one was synced, so its presence proves that this one was whole.
fn later_batch(tail: &[u8], from: usize, seq: u64) -> Option<(usize, BatchHeader)> {
    (from..tail.len()).step_by(ALIGN).find_map(|at| {
        let rest = tail.get(at..)?;
        if !rest.starts_with(&BATCH_MAGIC) {
            return None;
        }
        let header = BatchHeader::parse(rest.get(..BATCH_HEADER)?).ok()?;
        (header.first_seq > seq).then_some((at, header))
    })
}

fn judge_body(tail: &[u8], sector_room: usize, header: &BatchHeader) -> Verdict {
    let used = header.used_len();
    if tail.len() > used {
        return Verdict::Damaged("its checksum is wrong and there are bytes behind it".to_owned());
    }
    if tail.len() < used {
        return Verdict::Torn("the end of the batch was never written");
    }
    if has_empty_sector(tail, sector_room) {
        return Verdict::Torn("a sector of the batch was never written");
    }
    Verdict::Damaged("the batch was written to its end and its checksum is wrong".to_owned())
}

fn judge_header(tail: &[u8], sector_room: usize) -> Verdict {
    if tail.len() <= BATCH_HEADER {
        return Verdict::Torn("only a part of the batch header was written");
    }
    if tail.get(..sector_room).is_some_and(all_zero) {
        return Verdict::Torn("the first sector of the batch was never written");
    }
    Verdict::Damaged("there is no batch here, and the bytes are not those of a torn write".to_owned())
}

fn has_empty_sector(batch: &[u8], sector_room: usize) -> bool {
    let (first, rest) = batch.split_at_checked(sector_room).unwrap_or((batch, &[]));
    all_zero(first) || rest.chunks(SECTOR).any(all_zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, Sealer};
    use crate::chain::Chain;
    use crate::wire::first_nonzero;

    fn sealed(sealer: &mut Sealer, payload: usize) -> Vec<u8> {
        let mut batch = Batch::default();
        batch.push(&vec![0xab; payload]).unwrap();
        sealer.seal(batch, 0).unwrap().as_bytes().to_vec()
    }

    fn verdict(tail: &[u8], sector_room: usize) -> Verdict {
        let used = tail.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        assert!(first_nonzero(tail).is_some());
        judge(&tail[..used], sector_room, 1)
    }

    #[test]
    fn tears_and_damage_are_told_apart() {
        let mut sealer = Sealer::new(0, 0, 1, Chain::genesis(0));
        let whole = sealed(&mut sealer, 2000);
        let next = sealed(&mut sealer, 10);
        type Edit = fn(&mut Vec<u8>);
        let cases: [(&str, Edit, bool); 8] = [
            ("cut in the header", |b| b[30..].fill(0), true),
            ("cut in the body", |b| b[700..].fill(0), true),
            ("cut in the trailer", |b| b[2119..].fill(0), true),
            ("first sector lost", |b| b[..256].fill(0), true),
            ("middle sector lost", |b| b[768..1280].fill(0), true),
            ("a flipped bit", |b| b[900] ^= 1, false),
            ("a flipped bit in the header", |b| b[9] ^= 1, false),
            ("a hole that is no sector", |b| b[700..900].fill(0), false),
        ];
        assert_eq!(BATCH_HEADER + 16 + 2000 + 40, 2120);
        for (name, edit, torn) in cases {
            let mut bytes = whole.clone();
            edit(&mut bytes);
            let found = verdict(&bytes, 256);
            assert_eq!(matches!(found, Verdict::Torn(_)), torn, "{name}: {found:?}");
            bytes.extend_from_slice(&next);
            let found = verdict(&bytes, 256);
            assert!(matches!(found, Verdict::Damaged(_)), "{name}, with a batch behind it: {found:?}");
        }
        let mut bytes = whole.clone();
        bytes[768..1280].fill(0);
        bytes.push(1);
        assert!(
            matches!(verdict(&bytes, 256), Verdict::Damaged(_)),
            "no write of ours reaches behind its batch"
        );
    }
}
