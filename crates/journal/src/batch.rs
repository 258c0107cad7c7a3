//! Building a batch: payloads are written straight into the buffer that goes to disk, then sealed with
//! chain values and checksums in one pass.
//!
//! A batch moves through types: `Batch` takes records, `Sealer` turns it into `Sealed`, the writer writes
//! that, and `reuse` gives the buffer back, so a steady writer allocates nothing. Sealing needs only the
//! batch before, not its sync, so it can run on another thread while the disk works. Absent: any I/O.

use crate::chain::Chain;
use crate::error::{JournalError, Result};
use crate::layout::{
    BATCH_HEADER, BATCH_HEADER_CHAINED, BODY_BYTES_MAX, BatchHeader, RECORD_HEADER, TRAILER, TRAILER_MAGIC,
    padded,
};
use crate::wire::{put, u32_at};

/// Records on their way into the journal. The buffer keeps its room between uses.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    count: u32,
}

impl Batch {
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes.saturating_add(BATCH_HEADER + TRAILER)), count: 0 }
    }

    /// Adds one record; a payload that does not fit any more leaves the batch as it was.
    pub fn push(&mut self, payload: &[u8]) -> Result<()> {
        self.push_with(|buffer| buffer.extend_from_slice(payload))
    }

    /// Adds one record whose payload `write` appends to the buffer. `write` may only append.
    pub fn push_with<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        if self.bytes.is_empty() {
            self.bytes.resize(BATCH_HEADER, 0);
        }
        let record = self.bytes.len();
        self.bytes.extend_from_slice(&[0; RECORD_HEADER]);
        let answer = write(&mut self.bytes);
        let body = self.bytes.len().saturating_sub(BATCH_HEADER).saturating_add(TRAILER);
        if body > BODY_BYTES_MAX {
            self.bytes.truncate(record);
            return Err(JournalError::TooLarge { bytes: body, max: BODY_BYTES_MAX });
        }
        let payload = self.bytes.len().checked_sub(record + RECORD_HEADER);
        let payload = payload.expect("invariant: a payload writer only appends");
        let len = u32::try_from(payload).expect("invariant: a body is at most 64 MiB");
        put(&mut self.bytes, record + 4, &len.to_le_bytes());
        self.count += 1;
        Ok(answer)
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes collected so far, to decide when a batch is large enough.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets the records and keeps the room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }
}

/// A batch as it will stand on disk.
#[derive(Debug)]
pub struct Sealed {
    bytes: Vec<u8>,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    pub(crate) shard: u32,
    /// The chain value before the first record.
    pub(crate) before: Chain,
    pub(crate) after: Chain,
}

impl Sealed {
    #[must_use]
    pub fn first_seq(&self) -> u64 {
        self.first_seq
    }

    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The chain value after the last record.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.after
    }

    /// An empty batch in the same buffer.
    #[must_use]
    pub fn reuse(self) -> Batch {
        let mut bytes = self.bytes;
        bytes.clear();
        Batch { bytes, count: 0 }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Gives batches their place in history: sequence numbers, chain values, checksums.
#[derive(Debug)]
pub struct Sealer {
    shard: u32,
    epoch: u64,
    next_seq: u64,
    chain: Chain,
}

impl Sealer {
    pub(crate) fn new(shard: u32, epoch: u64, next_seq: u64, chain: Chain) -> Self {
        Self { shard, epoch, next_seq, chain }
    }

    /// The sequence number that the first record of the next batch will get.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The chain value after everything sealed so far.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.chain
    }

    pub fn seal(&mut self, batch: Batch, time_ns: i64) -> Result<Sealed> {
        let Batch { mut bytes, count } = batch;
        if count == 0 {
            return Err(JournalError::EmptyBatch);
        }
        let body = bytes.len() - BATCH_HEADER + TRAILER;
        let mut header = BatchHeader {
            shard: self.shard,
            count,
            body_len: u32::try_from(body).expect("invariant: a body is at most 64 MiB"),
            epoch: self.epoch,
            first_seq: self.next_seq,
            time_ns,
            tag: self.chain.tag(),
            body_crc: 0,
        };
        let before = self.chain;
        let start = before.step(&header.encode()[..BATCH_HEADER_CHAINED]);
        let after = seal_records(&mut bytes, start);
        bytes.extend_from_slice(after.as_bytes());
        bytes.extend_from_slice(&TRAILER_MAGIC);
        header.body_crc = crc32c::crc32c(bytes.get(BATCH_HEADER..).unwrap_or_default());
        put(&mut bytes, 0, &header.encode());
        bytes.resize(padded(bytes.len()), 0);
        self.next_seq = header.next_seq();
        self.chain = after;
        let (first_seq, last_seq) = (header.first_seq, header.last_seq());
        Ok(Sealed { bytes, first_seq, last_seq, shard: self.shard, before, after })
    }
}

/// Fills in the tag and the checksum of every record and answers the chain value after the last.
fn seal_records(bytes: &mut [u8], mut chain: Chain) -> Chain {
    let mut at = BATCH_HEADER;
    while let Some(len) = u32_at(bytes, at + 4) {
        let end = at + RECORD_HEADER + usize::try_from(len).unwrap_or(usize::MAX);
        let record = bytes.get_mut(at..end).expect("invariant: records fill the buffer exactly");
        chain = chain.step(record.get(RECORD_HEADER..).unwrap_or_default());
        put(record, 8, &chain.tag().to_le_bytes());
        let crc = crc32c::crc32c(record.get(4..).unwrap_or_default());
        put(record, 0, &crc.to_le_bytes());
        at = end;
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_is_too_large_stays_as_it_was() {
        let mut batch = Batch::default();
        batch.push(b"one").unwrap();
        let before = batch.bytes();
        let huge = vec![0; BODY_BYTES_MAX];
        assert!(matches!(batch.push(&huge), Err(JournalError::TooLarge { .. })));
        assert_eq!((batch.bytes(), batch.len()), (before, 1));
    }

    #[test]
    fn reuse_keeps_the_room() {
        let mut sealer = Sealer::new(0, 0, 1, Chain::genesis(0));
        let mut batch = Batch::with_capacity(1000);
        for round in 0..5 {
            batch.push(&[7; 500]).unwrap();
            let room = batch.bytes.capacity();
            let sealed = sealer.seal(batch, 0).unwrap();
            batch = sealed.reuse();
            assert_eq!(batch.bytes.capacity(), room, "round {round}");
        }
        assert!(matches!(sealer.seal(batch, 0), Err(JournalError::EmptyBatch)));
    }
}
