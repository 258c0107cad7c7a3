//! Reads records in order, for replay, for cursors and for people.
//!
//! A reader holds a window of a megabyte (or one batch, if that is larger) whatever the journal's size. At
//! the end it answers `None` and may be asked again later, so it can follow a journal that is being written;
//! it then also sees batches that are written and not yet synced. Absent: seeking backwards.

use crate::check::Records;
use crate::disk::Disk;
use crate::error::{JournalError, Result};
use crate::layout::BatchHeader;
use crate::walk::Walker;
use crate::watermark;

/// How much is checked on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Checksums, order and links: finds every accident. For replay.
    Crc,
    /// Also every hash: finds alterations made with care. For `verify`.
    Chain,
}

/// How far back the segments are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What recovery could need.
    Journal,
    /// Also those that were retired, as far as the archive still has them.
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    pub seq: u64,
    /// Of the batch, as its writer gave it.
    pub time_ns: i64,
    pub epoch: u64,
    pub payload: &'a [u8],
}

pub struct Reader<D: Disk> {
    walker: Walker<D>,
    from_seq: u64,
    cursor: Option<Cursor>,
}

/// The place in the walker's current batch.
#[derive(Clone, Copy)]
struct Cursor {
    header: BatchHeader,
    at: usize,
    seq: u64,
    remaining: u32,
}

/// Reads from a record on; records count from 1.
pub fn scan<D: Disk>(disk: &D, from_seq: u64, check: Check) -> Result<Reader<D>> {
    scan_within(disk, Reach::Journal, from_seq, check)
}

/// As [`scan`], with a say in how far back it reaches.
pub fn scan_within<D: Disk>(disk: &D, reach: Reach, from_seq: u64, check: Check) -> Result<Reader<D>> {
    let from_seq = from_seq.max(1);
    let mark = watermark::read(disk, None)?;
    let walker = Walker::new(disk.clone(), reach, check, mark, None, from_seq)?;
    if let Some(place) = walker.place()
        && place.first_seq > from_seq
    {
        return Err(JournalError::MissingStart { wanted: from_seq, first_seq: place.first_seq });
    }
    Ok(Reader { walker, from_seq, cursor: None })
}

impl<D: Disk> Reader<D> {
    #[expect(
        clippy::should_implement_trait,
        reason = "a record borrows from the reader, which an iterator's item cannot"
    )]
    pub fn next(&mut self) -> Result<Option<Record<'_>>> {
        let (seq, header, from, to) = loop {
            let Some(cursor) = self.cursor else {
                let Some(header) = self.walker.next_batch()? else { return Ok(None) };
                if header.last_seq() >= self.from_seq {
                    let records = Records::new(&[], &header);
                    self.cursor = Some(Cursor {
                        header,
                        at: records.at,
                        seq: records.seq,
                        remaining: records.remaining,
                    });
                }
                continue;
            };
            let Cursor { header, at, seq, remaining } = cursor;
            let mut records = Records::resume(self.walker.batch_bytes(), &header, at, seq, remaining);
            let Some(record) = records.next() else {
                self.cursor = None;
                continue;
            };
            let (from, to) = (records.at - record.payload.len(), records.at);
            self.cursor =
                Some(Cursor { header, at: records.at, seq: records.seq, remaining: records.remaining });
            if seq >= self.from_seq {
                break (seq, header, from, to);
            }
        };
        let payload = self.walker.batch_bytes().get(from..to).unwrap_or_default();
        Ok(Some(Record { seq, time_ns: header.time_ns, epoch: header.epoch, payload }))
    }
}
