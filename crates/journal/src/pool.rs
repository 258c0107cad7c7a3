//! Segments made ahead of need: written with zeros and synced, because a file that grows makes every sync
//! several times slower.
//!
//! Another thread calls `prepare` while the writer writes; the writer takes what is ready and makes its own
//! only when nothing is. Room is watched here: under the low-water mark nothing is prepared, and the reserve
//! file is given up only when the writer itself would have to stop. Absent: threads and waiting.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, DiskFile, Space};
use crate::error::{JournalError, Result};
use crate::journal::Options;
use crate::layout::{RESERVE, spare_name};

pub struct SegmentPool<D: Disk> {
    disk: D,
    options: Options,
    ready: Mutex<Option<Spare<D::File>>>,
    /// One preparation at a time; the writer never waits for it.
    preparing: Mutex<()>,
    made: AtomicU64,
    low: AtomicBool,
    reserved: AtomicBool,
}

/// A synced file of zeros under a name that recovery ignores.
pub(crate) struct Spare<F> {
    pub file: F,
    pub name: String,
    pub len: u64,
}

impl<D: Disk> SegmentPool<D> {
    pub(crate) fn new(disk: D, options: Options, reserved: bool) -> Self {
        Self {
            disk,
            options,
            ready: Mutex::new(None),
            preparing: Mutex::new(()),
            made: AtomicU64::new(0),
            low: AtomicBool::new(false),
            reserved: AtomicBool::new(reserved),
        }
    }

    /// Makes the next segment if none is ready, and the reserve if it is missing. `Full` under the low-water
    /// mark: the writer still goes on for a while, but new work should be refused.
    pub fn prepare(&self) -> Result<()> {
        let _one_at_a_time = self.preparing.lock().unwrap_or_else(PoisonError::into_inner);
        let need = self.missing_bytes();
        if need == 0 {
            return Ok(());
        }
        let outcome = self.check_room(need).and_then(|()| self.make_missing());
        if !matches!(outcome, Err(JournalError::Io { .. })) {
            self.low.store(outcome.is_err(), Ordering::Release);
        }
        outcome
    }

    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready().is_some()
    }

    /// Whether room was short when a segment was last made.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.low.load(Ordering::Acquire)
    }

    /// A segment of at least `need` bytes, now. `Full` if even the reserve does not give the room.
    pub(crate) fn take(&self, need: u64) -> Result<Spare<D::File>> {
        if need <= self.options.segment_bytes
            && let Some(spare) = self.ready().take()
        {
            return Ok(spare);
        }
        let len = need.max(self.options.segment_bytes);
        match self.make(len) {
            Err(JournalError::Full { .. }) if self.reserved.swap(false, Ordering::AcqRel) => {
                self.low.store(true, Ordering::Release);
                self.disk.remove(RESERVE).map_err(JournalError::io("removing", RESERVE))?;
                self.make(len)
            }
            made => made,
        }
    }

    fn missing_bytes(&self) -> u64 {
        let segment = if self.is_ready() { 0 } else { self.options.segment_bytes };
        let reserve = if self.reserved.load(Ordering::Acquire) { 0 } else { self.options.reserve_bytes };
        segment.saturating_add(reserve)
    }

    fn make_missing(&self) -> Result<()> {
        if !self.is_ready() {
            let spare = self.make(self.options.segment_bytes)?;
            *self.ready() = Some(spare);
        }
        if self.options.reserve_bytes > 0 && !self.reserved.load(Ordering::Acquire) {
            self.write_zeros(RESERVE, self.options.reserve_bytes)?;
            self.reserved.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn make(&self, len: u64) -> Result<Spare<D::File>> {
        let name = spare_name(self.made.fetch_add(1, Ordering::Relaxed));
        let file = self.write_zeros(&name, len)?;
        Ok(Spare { file, name, len })
    }

    fn write_zeros(&self, name: &str, len: u64) -> Result<D::File> {
        let file = self.disk.create(name).map_err(|error| self.shortage("creating", name, len, error))?;
        let written = file.allocate(len).and_then(|()| file.sync_data());
        written.map_err(|error| {
            // What is left under this name is removed at the next start at the latest.
            self.disk.remove(name).unwrap_or_default();
            self.shortage("preparing", name, len, error)
        })?;
        Ok(file)
    }

    fn shortage(&self, doing: &'static str, name: &str, need: u64, error: io::Error) -> JournalError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let free = self.disk.space().ok().flatten().map_or(0, |space| space.free);
                JournalError::Full { need, free }
            }
            _ => JournalError::io(doing, name)(error),
        }
    }

    fn check_room(&self, need: u64) -> Result<()> {
        let space = self.disk.space().map_err(JournalError::io("asking the room of", "the disk"))?;
        let Some(Space { free, total }) = space else { return Ok(()) };
        let mark = (total / 100).saturating_mul(self.options.low_water_percent);
        let mark = mark.min(self.options.low_water_bytes_max);
        if free < mark.saturating_add(need) {
            return Err(JournalError::Full { need: mark.saturating_add(need), free });
        }
        Ok(())
    }

    fn ready(&self) -> MutexGuard<'_, Option<Spare<D::File>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
