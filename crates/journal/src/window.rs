//! A window on a file: the batch at hand and what was read ahead, at most a megabyte or one batch.
//!
//! It holds what the file held when it was read; whoever follows a file that grows clears it first.

use std::io;

use crate::disk::DiskFile;

const WINDOW: usize = 1 << 20;

/// A piece of a file in memory: the batch at hand and what was read ahead.
#[derive(Default)]
pub(crate) struct Window {
    bytes: Vec<u8>,
    start: u64,
}

impl Window {
    pub(crate) fn get(&self, at: u64, len: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..from.checked_add(len)?)
    }

    /// The bytes from `at`, fewer than `len` only where the file ends.
    pub(crate) fn load<F: DiskFile>(
        &mut self,
        file: &F,
        at: u64,
        len: usize,
        file_len: u64,
    ) -> io::Result<&[u8]> {
        let left = file_len.saturating_sub(at);
        let len = len.min(usize::try_from(left).unwrap_or(usize::MAX));
        if self.get(at, len).is_none() {
            self.refill(file, at, len.max(window_len(left)))?;
        }
        let from = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        Ok(rest.get(..len).unwrap_or(rest))
    }

    fn refill<F: DiskFile>(&mut self, file: &F, at: u64, len: usize) -> io::Result<()> {
        let behind = at.checked_sub(self.start).and_then(|behind| usize::try_from(behind).ok());
        match behind.filter(|behind| *behind <= self.bytes.len()) {
            Some(behind) => drop(self.bytes.drain(..behind)),
            None => self.bytes.clear(),
        }
        self.start = at;
        let kept = self.bytes.len();
        self.bytes.resize(len.max(kept), 0);
        let read = file.read_full(self.bytes.get_mut(kept..).unwrap_or_default(), at + kept as u64)?;
        self.bytes.truncate(kept + read);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }
}

pub(crate) fn window_len(left: u64) -> usize {
    usize::try_from(left).unwrap_or(WINDOW).min(WINDOW)
}
