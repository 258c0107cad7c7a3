//! Is this a batch, is it the next one, and if not, which record is wrong?
//!
//! `Crc` trusts the checksums and follows the recorded chain values; `Chain` computes every chain value
//! again and so finds records that were altered with their checksums put right. Absent: any judgement of
//! whether a wrong batch is a torn write or damage, which is `tear`'s.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::chain::Chain;
use crate::layout::{
    BATCH_HEADER, BATCH_HEADER_CHAINED, BatchHeader, HeaderFault, RECORD_HEADER, TRAILER, TRAILER_MAGIC,
};
use crate::scan::Check;
use crate::wire::{all_zero, array_at, u32_at, u64_at};

/// What must stand at a place in the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub seq: u64,
    pub chain: Chain,
    pub shard: u32,
}

#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing was written here.
    Empty,
    /// Something is here, but no header.
    NoHeader,
    /// A sound header of a later format.
    Version(u16),
    /// A sound batch of another place or another history.
    Misplaced(String),
    /// The header is sound, the rest is not; `at` counts from the start of the batch.
    Body { seq: u64, at: usize, why: &'static str },
    /// All checksums hold, the hashes do not.
    Hash { seq: u64, at: usize, why: &'static str },
}

/// Checks the batch at the start of `bytes`; answers its header and the chain value after it.
pub(crate) fn check_batch(
    bytes: &[u8],
    expected: &Expected,
    check: Check,
) -> Result<(BatchHeader, Chain), Trouble> {
    let head = bytes.get(..BATCH_HEADER).unwrap_or(bytes);
    let header = BatchHeader::parse(head).map_err(|fault| match fault {
        HeaderFault::Version(found) => Trouble::Version(found),
        HeaderFault::Invalid if all_zero(head) => Trouble::Empty,
        HeaderFault::Invalid => Trouble::NoHeader,
    })?;
    check_place(&header, expected)?;
    let chain = check_body(bytes, &header, expected.chain)?;
    if check == Check::Chain {
        check_hashes(bytes, &header, expected.chain)?;
    }
    Ok((header, chain))
}

fn check_place(header: &BatchHeader, expected: &Expected) -> Result<(), Trouble> {
    let why = if header.first_seq != expected.seq {
        format!("a batch that starts at record {} stands here", header.first_seq)
    } else if header.shard != expected.shard {
        format!("a batch of shard {} stands here", header.shard)
    } else if header.tag != expected.chain.tag() {
        "a batch of another history stands here".to_owned()
    } else {
        return Ok(());
    };
    Err(Trouble::Misplaced(why))
}

/// Checks checksums and framing; answers the chain value that the trailer records.
fn check_body(bytes: &[u8], header: &BatchHeader, before: Chain) -> Result<Chain, Trouble> {
    let body = bytes.get(BATCH_HEADER..header.used_len());
    if body.map(crc32c::crc32c) != Some(header.body_crc) {
        return Err(first_bad_record(bytes, header, before));
    }
    let mut records = Records::new(bytes, header);
    let mut tag = header.tag;
    while let Some(record) = records.next() {
        tag = record.tag;
    }
    let at = header.used_len().saturating_sub(TRAILER);
    let trailer = |why| Trouble::Body { seq: header.last_seq(), at, why };
    if records.remaining != 0 || records.at != at {
        return Err(trailer("the records do not fill the batch"));
    }
    let chain = array_at(bytes, at).map(Chain::from_bytes);
    let magic = array_at(bytes, at.saturating_add(32));
    match (chain, magic) {
        (Some(chain), Some(TRAILER_MAGIC)) if chain.tag() == tag => {}
        _ => return Err(trailer("the trailer does not belong to the records")),
    }
    // At the end of a file the zeros may be missing; they carry nothing.
    let padding = bytes.get(header.used_len()..header.total_len().min(bytes.len()));
    if !padding.is_some_and(all_zero) {
        return Err(Trouble::Body {
            seq: header.last_seq(),
            at: header.used_len(),
            why: "the space after the batch is not empty",
        });
    }
    chain.ok_or_else(|| trailer("the trailer is missing"))
}

/// The body's checksum is wrong: which record is it? A sound record of another place passes its own checksum
/// and not its hash.
fn first_bad_record(bytes: &[u8], header: &BatchHeader, before: Chain) -> Trouble {
    let mut chain = before.step(bytes.get(..BATCH_HEADER_CHAINED).unwrap_or_default());
    let mut records = Records::new(bytes, header);
    loop {
        let (seq, at) = (records.seq, records.at);
        let Some(record) = records.next() else {
            return if records.remaining > 0 {
                Trouble::Body { seq, at, why: "its length is wrong or it is cut off" }
            } else {
                Trouble::Body { seq: header.last_seq(), at, why: "the end of its batch is damaged" }
            };
        };
        chain = chain.step(record.payload);
        if crc32c::crc32c(record.sealed) != record.crc || record.tag != chain.tag() {
            return Trouble::Body { seq, at, why: "its checksum is wrong" };
        }
    }
}

fn check_hashes(bytes: &[u8], header: &BatchHeader, before: Chain) -> Result<(), Trouble> {
    let mut chain = before.step(bytes.get(..BATCH_HEADER_CHAINED).unwrap_or_default());
    let mut records = Records::new(bytes, header);
    loop {
        let (seq, at) = (records.seq, records.at);
        let Some(record) = records.next() else { break };
        chain = chain.step(record.payload);
        if record.tag != chain.tag() {
            let why = "its contents, or those of its batch header, are not what was written";
            return Err(Trouble::Hash { seq, at, why });
        }
    }
    let at = header.used_len().saturating_sub(TRAILER);
    if array_at(bytes, at) == Some(*chain.as_bytes()) {
        return Ok(());
    }
    Err(Trouble::Hash { seq: header.last_seq(), at, why: "the chain value after its batch is not its own" })
}

/// The records of one batch, as far as their framing holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    end: usize,
    pub at: usize,
    pub seq: u64,
    pub remaining: u32,
}

pub(crate) struct RawRecord<'a> {
    pub crc: u32,
    pub tag: u64,
    pub payload: &'a [u8],
    /// What the checksum covers.
    pub sealed: &'a [u8],
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8], header: &BatchHeader) -> Self {
        Self::resume(bytes, header, BATCH_HEADER, header.first_seq, header.count)
    }

    pub(crate) fn resume(bytes: &'a [u8], header: &BatchHeader, at: usize, seq: u64, remaining: u32) -> Self {
        Self { bytes, end: header.used_len().saturating_sub(TRAILER), at, seq, remaining }
    }

    pub(crate) fn next(&mut self) -> Option<RawRecord<'a>> {
        if self.remaining == 0 {
            return None;
        }
        let len = usize::try_from(u32_at(self.bytes, self.at.checked_add(4)?)?).ok()?;
        let end = self.at.checked_add(RECORD_HEADER)?.checked_add(len)?;
        if end > self.end {
            return None;
        }
        let record = self.bytes.get(self.at..end)?;
        let raw = RawRecord {
            crc: u32_at(record, 0)?,
            tag: u64_at(record, 8)?,
            payload: record.get(RECORD_HEADER..)?,
            sealed: record.get(4..)?,
        };
        self.at = end;
        self.seq = self.seq.saturating_add(1);
        self.remaining = self.remaining.saturating_sub(1);
        Some(raw)
    }
}
