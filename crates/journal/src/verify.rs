//! Checks a whole journal: every checksum, every link, every hash, from the first record that is kept, in the
//! archive if there is one, to the last. It writes nothing and takes no lock, so it may run beside the writer or over a copy.

use crate::chain::Chain;
use crate::disk::Disk;
use crate::error::Result;
use crate::layout::{ARCHIVE, SEGMENT_HEADER};
use crate::scan::{Check, Reach};
use crate::walk::Walker;
use crate::watermark;

/// A journal without fault. A fault is the error: it names the first bad record, its segment and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    pub records: u64,
    pub batches: u64,
    pub segments: u64,
    /// Those of them that were retired.
    pub archived: u64,
    /// Of batches and segment headers; the room prepared behind them is not counted.
    pub bytes: u64,
    pub first_seq: u64,
    /// 0 if there is none.
    pub last_seq: u64,
    /// The last chain value; kept elsewhere, it proves this history.
    pub chain: Chain,
    /// Bytes of a batch at the end that was never whole; recovery will cut them.
    pub torn_bytes: u64,
}

pub fn verify<D: Disk>(disk: &D) -> Result<VerifyReport> {
    let mark = watermark::read(disk, None)?;
    let mut walker = Walker::new(disk.clone(), Reach::Archive, Check::Chain, mark, None, 0)?;
    let first_seq = walker.next_seq();
    let (mut records, mut batches, mut segments, mut archived, mut bytes) = (0, 0, 0, 0, 0);
    let mut segment = None;
    while let Some(header) = walker.next_batch()? {
        records += u64::from(header.count);
        batches += 1;
        bytes += header.total_len() as u64;
        let place = walker.place();
        let here = place.as_ref().map(|place| place.first_seq);
        if segment != here {
            segment = here;
            segments += 1;
            archived += u64::from(place.is_some_and(|place| place.segment.starts_with(ARCHIVE)));
            bytes += SEGMENT_HEADER as u64;
        }
    }
    Ok(VerifyReport {
        records,
        batches,
        segments,
        archived,
        bytes,
        first_seq,
        last_seq: walker.next_seq().saturating_sub(1),
        chain: walker.chain(),
        torn_bytes: walker.torn().map_or(0, |torn| torn.bytes),
    })
}
