//! Puts sealed batches on the disk: one write, one sync, then the watermark.
//!
//! What `write` answered is durable. After any failed write or sync nothing more is written, ever: a failed
//! sync leaves the page cache and the disk in disagreement, and only a restart reads the truth. A full disk
//! is noticed before anything is written and may be tried again. Absent: retries, and more than one batch in
//! flight, which is what lets recovery conclude that a batch with a batch behind it was whole.

use std::sync::Arc;

use crate::batch::Sealed;
use crate::chain::Chain;
use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::layout::{SEGMENT_HEADER, SegmentHeader, segment_name};
use crate::pool::SegmentPool;
use crate::watermark::{self, Watermark};

/// What is now on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    pub first_seq: u64,
    pub last_seq: u64,
    pub chain: Chain,
}

pub struct Writer<D: Disk> {
    disk: D,
    pool: Arc<SegmentPool<D>>,
    segment: Option<Segment<D::File>>,
    watermark: Watermark<D::File>,
    next_seq: u64,
    stopped: Option<String>,
    _lock: D::Lock,
}

/// The segment that is written to.
pub(crate) struct Segment<F> {
    pub file: F,
    pub name: String,
    pub end: u64,
    pub len: u64,
}

impl<D: Disk> Writer<D> {
    pub(crate) fn new(
        disk: D,
        pool: Arc<SegmentPool<D>>,
        segment: Option<Segment<D::File>>,
        watermark: Watermark<D::File>,
        next_seq: u64,
        lock: D::Lock,
    ) -> Self {
        Self { disk, pool, segment, watermark, next_seq, stopped: None, _lock: lock }
    }

    /// Writes and syncs a batch. `Full` changes nothing and may be tried again with the same batch; after any
    /// other failure of the disk every call answers `Stopped`.
    pub fn write(&mut self, batch: &Sealed) -> Result<Committed> {
        if let Some(cause) = &self.stopped {
            return Err(JournalError::Stopped { cause: cause.clone() });
        }
        if batch.first_seq != self.next_seq {
            return Err(JournalError::OutOfOrder { expected: self.next_seq, found: batch.first_seq });
        }
        let outcome = self.write_and_sync(batch);
        if let Err(error) = &outcome
            && !matches!(error, JournalError::Full { .. })
        {
            self.stopped = Some(error.to_string());
        }
        outcome
    }

    /// Where segments come from; `prepare` it from another thread.
    #[must_use]
    pub fn pool(&self) -> Arc<SegmentPool<D>> {
        Arc::clone(&self.pool)
    }

    /// The sequence number of the next record to be written.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Why nothing more is written, if that is so.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Makes the watermark durable and gives the directory back.
    pub fn close(self) -> Result<()> {
        self.watermark.sync()
    }

    fn write_and_sync(&mut self, batch: &Sealed) -> Result<Committed> {
        let len = batch.as_bytes().len() as u64;
        let rolled = match &mut self.segment {
            Some(segment) if len <= segment.len.saturating_sub(segment.end) => {
                append(segment, batch.as_bytes())?;
                false
            }
            _ => {
                self.roll(batch)?;
                true
            }
        };
        self.next_seq = batch.last_seq + 1;
        self.watermark.write(watermark::mark(batch.last_seq, batch.after))?;
        if rolled {
            self.watermark.sync()?;
        }
        Ok(Committed { first_seq: batch.first_seq, last_seq: batch.last_seq, chain: batch.after })
    }

    /// Starts the next segment with this batch. It gets its name only when the batch in it is synced, so a
    /// segment that can be seen is never torn at its start.
    fn roll(&mut self, batch: &Sealed) -> Result<()> {
        let end = SEGMENT_HEADER as u64 + batch.as_bytes().len() as u64;
        let spare = self.pool.take(end)?;
        let header = SegmentHeader { shard: batch.shard, first_seq: batch.first_seq, chain: batch.before };
        let name = segment_name(batch.first_seq);
        let written = spare.file.write_at(&header.encode(), 0);
        let written = written.and_then(|()| spare.file.write_at(batch.as_bytes(), SEGMENT_HEADER as u64));
        written.map_err(JournalError::io("writing", &name))?;
        spare.file.sync_data().map_err(JournalError::io("syncing", &name))?;
        self.disk.rename(&spare.name, &name).map_err(JournalError::io("naming", &name))?;
        self.disk.sync_dir().map_err(JournalError::io("syncing the directory of", &name))?;
        self.segment = Some(Segment { file: spare.file, name, end, len: spare.len });
        Ok(())
    }
}

fn append<F: DiskFile>(segment: &mut Segment<F>, bytes: &[u8]) -> Result<()> {
    let written = segment.file.write_at(bytes, segment.end);
    written.map_err(JournalError::io("writing", &segment.name))?;
    segment.file.sync_data().map_err(JournalError::io("syncing", &segment.name))?;
    segment.end += bytes.len() as u64;
    Ok(())
}
