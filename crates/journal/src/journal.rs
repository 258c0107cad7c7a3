//! The journal as its one writer sees it: open it, commit batches, or split it to seal and write on two
//! threads. Opening recovers; see `recover` for what that decides.

use std::sync::Arc;

use crate::batch::{Batch, Sealer};
use crate::disk::Disk;
use crate::error::Result;
use crate::pool::SegmentPool;
use crate::recover::{self, Recovered};
use crate::writer::{Committed, Writer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Every file of a directory belongs to one shard.
    pub shard: u32,
    /// Written into each batch; who leads under a lease passes its number here.
    pub epoch: u64,
    /// A multiple of 64, at least `SEGMENT_BYTES_MIN`.
    pub segment_bytes: u64,
    /// Room kept back for the last orders on a full disk; 0 for none.
    pub reserve_bytes: u64,
    /// Nothing is prepared when less than this share of the disk is free,
    pub low_water_percent: u64,
    /// but this much is always enough.
    pub low_water_bytes_max: u64,
}

impl Options {
    pub const SEGMENT_BYTES_MIN: u64 = 1024;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            shard: 0,
            epoch: 0,
            segment_bytes: 64 << 20,
            reserve_bytes: 64 << 20,
            low_water_percent: 5,
            low_water_bytes_max: 2 << 30,
        }
    }
}

pub struct Journal<D: Disk> {
    sealer: Sealer,
    writer: Writer<D>,
}

impl<D: Disk> Journal<D> {
    /// Takes the directory, recovers what is in it, and stands ready after the last record.
    pub fn open(disk: D, options: Options) -> Result<(Self, Recovered)> {
        let (sealer, writer, recovered) = recover::open(disk, options)?;
        Ok((Self { sealer, writer }, recovered))
    }

    /// Seals, writes and syncs a batch and leaves it empty for the next. The time is the caller's, in
    /// nanoseconds. After `Full` or any failure the journal has to be opened again; who wants to try a full
    /// disk again splits the journal and keeps the sealed batch.
    pub fn commit(&mut self, batch: &mut Batch, time_ns: i64) -> Result<Committed> {
        let sealed = self.sealer.seal(std::mem::take(batch), time_ns)?;
        let outcome = self.writer.write(&sealed);
        *batch = sealed.reuse();
        outcome
    }

    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.writer.next_seq()
    }

    #[must_use]
    pub fn pool(&self) -> Arc<SegmentPool<D>> {
        self.writer.pool()
    }

    /// Two halves for two threads: one batch is sealed while the one before is synced.
    #[must_use]
    pub fn split(self) -> (Sealer, Writer<D>) {
        (self.sealer, self.writer)
    }

    /// Makes the watermark durable and gives the directory back.
    pub fn close(self) -> Result<()> {
        self.writer.close()
    }
}
