//! Where every byte of a segment stands: file names, the segment header, the batch header, sizes.
//!
//! `FORMAT.md` is the same in words. Parsing takes any bytes and answers with a header whose fields are safe
//! to calculate with, or says what is wrong. Absent: the body of a batch, which `check` reads.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::chain::Chain;
use crate::wire::{array_at, i64_at, put, u16_at, u32_at, u64_at};

pub const FORMAT_VERSION: u16 = 1;
/// The largest payload of one record.
pub const PAYLOAD_BYTES_MAX: usize = BODY_BYTES_MAX - RECORD_HEADER - TRAILER;

/// Batches start at multiples of this and so never share their header with two sectors.
pub(crate) const ALIGN: usize = 64;
pub(crate) const SECTOR: usize = 512;
pub(crate) const SEGMENT_HEADER: usize = 64;
pub(crate) const BATCH_HEADER: usize = 64;
/// The part of a batch header that enters the chain: all but the two checksums.
pub(crate) const BATCH_HEADER_CHAINED: usize = 56;
pub(crate) const RECORD_HEADER: usize = 16;
pub(crate) const TRAILER: usize = 40;
pub(crate) const BODY_BYTES_MAX: usize = 64 << 20;

pub(crate) const SEGMENT_MAGIC: [u8; 8] = *b"STAYJRNL";
pub(crate) const BATCH_MAGIC: [u8; 4] = *b"SBch";
/// Every byte has four bits set: no single flipped bit makes one look as if it had not been written.
pub(crate) const TRAILER_MAGIC: [u8; 8] = [0x5a, 0xa5, 0x3c, 0xc3, 0x69, 0x96, 0x5a, 0xa5];

pub(crate) const WATERMARK: &str = "watermark";
pub(crate) const RESERVE: &str = "reserve";
pub(crate) const ARCHIVE: &str = "archive/";

#[must_use]
pub fn segment_name(first_seq: u64) -> String {
    format!("journal-{first_seq:020}.seg")
}

#[must_use]
pub fn snapshot_name(seq: u64) -> String {
    format!("snapshot-{seq:020}.snap")
}

pub(crate) fn parse_segment_name(name: &str) -> Option<u64> {
    parse_name(name, "journal-", ".seg")
}

pub(crate) fn parse_snapshot_name(name: &str) -> Option<u64> {
    parse_name(name, "snapshot-", ".snap")
}

fn parse_name(name: &str, prefix: &str, suffix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Files that only a write cut short leaves behind.
pub(crate) fn is_leftover(name: &str) -> bool {
    name.starts_with("spare-") || name.ends_with(".tmp")
}

pub(crate) fn spare_name(number: u64) -> String {
    format!("spare-{number}.seg")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// Not a header, or one with a wrong checksum.
    Invalid,
    /// A sound header of a format this program does not know.
    Version(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub shard: u32,
    pub first_seq: u64,
    pub chain: Chain,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        put(&mut bytes, 0, &SEGMENT_MAGIC);
        put(&mut bytes, 8, &FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 12, &self.shard.to_le_bytes());
        put(&mut bytes, 16, &self.first_seq.to_le_bytes());
        put(&mut bytes, 24, self.chain.as_bytes());
        seal_header(&mut bytes);
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderFault> {
        check_header(bytes, &SEGMENT_MAGIC, 8)?;
        let header = || {
            Some(Self {
                shard: u32_at(bytes, 12)?,
                first_seq: u64_at(bytes, 16)?,
                chain: Chain::from_bytes(array_at(bytes, 24)?),
            })
        };
        header().ok_or(HeaderFault::Invalid)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub shard: u32,
    pub count: u32,
    pub body_len: u32,
    pub epoch: u64,
    pub first_seq: u64,
    pub time_ns: i64,
    /// First bytes of the chain value before this batch.
    pub tag: u64,
    pub body_crc: u32,
}

impl BatchHeader {
    pub(crate) fn encode(&self) -> [u8; BATCH_HEADER] {
        let mut bytes = [0; BATCH_HEADER];
        put(&mut bytes, 0, &BATCH_MAGIC);
        put(&mut bytes, 4, &FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 8, &self.shard.to_le_bytes());
        put(&mut bytes, 12, &self.count.to_le_bytes());
        put(&mut bytes, 16, &self.body_len.to_le_bytes());
        put(&mut bytes, 24, &self.epoch.to_le_bytes());
        put(&mut bytes, 32, &self.first_seq.to_le_bytes());
        put(&mut bytes, 40, &self.time_ns.to_le_bytes());
        put(&mut bytes, 48, &self.tag.to_le_bytes());
        put(&mut bytes, BATCH_HEADER_CHAINED, &self.body_crc.to_le_bytes());
        seal_header(&mut bytes);
        bytes
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderFault> {
        check_header(bytes, &BATCH_MAGIC, 4)?;
        Self::fields(bytes).filter(Self::is_sound).ok_or(HeaderFault::Invalid)
    }

    fn fields(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            shard: u32_at(bytes, 8)?,
            count: u32_at(bytes, 12)?,
            body_len: u32_at(bytes, 16)?,
            epoch: u64_at(bytes, 24)?,
            first_seq: u64_at(bytes, 32)?,
            time_ns: i64_at(bytes, 40)?,
            tag: u64_at(bytes, 48)?,
            body_crc: u32_at(bytes, 56)?,
        })
    }

    /// Holds for every header this program writes; with it the sums below cannot overflow.
    fn is_sound(&self) -> bool {
        let needs = u64::from(self.count).saturating_mul(RECORD_HEADER as u64).saturating_add(TRAILER as u64);
        self.count > 0
            && self.first_seq > 0
            && self.first_seq.checked_add(u64::from(self.count)).is_some()
            && u64::from(self.body_len) >= needs
            && u64::from(self.body_len) <= BODY_BYTES_MAX as u64
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.first_seq.saturating_add(u64::from(self.count))
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.next_seq().saturating_sub(1)
    }

    /// Header and body, without the zeros that fill up to the next batch.
    pub(crate) fn used_len(&self) -> usize {
        usize::try_from(self.body_len).unwrap_or(usize::MAX).saturating_add(BATCH_HEADER)
    }

    pub(crate) fn total_len(&self) -> usize {
        padded(self.used_len())
    }
}

/// The length with the zeros after it: batches start at multiples of 64.
pub(crate) fn padded(len: usize) -> usize {
    len.checked_next_multiple_of(ALIGN).unwrap_or(len)
}

/// Both headers end in a checksum of the 60 bytes before it, in this and every later version.
fn seal_header(bytes: &mut [u8; 64]) {
    let crc = crc32c::crc32c(&bytes[..60]);
    put(bytes, 60, &crc.to_le_bytes());
}

fn check_header(bytes: &[u8], magic: &[u8], version_at: usize) -> Result<(), HeaderFault> {
    let sealed = bytes.get(..60).ok_or(HeaderFault::Invalid)?;
    if !sealed.starts_with(magic) || u32_at(bytes, 60) != Some(crc32c::crc32c(sealed)) {
        return Err(HeaderFault::Invalid);
    }
    match u16_at(bytes, version_at) {
        Some(FORMAT_VERSION) => Ok(()),
        Some(found) => Err(HeaderFault::Version(found)),
        None => Err(HeaderFault::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_only_as_written() {
        assert_eq!(parse_segment_name(&segment_name(7)), Some(7));
        assert_eq!(parse_snapshot_name(&snapshot_name(u64::MAX)), Some(u64::MAX));
        for name in ["journal-7.seg", "journal-+0000000000000000007.seg", "archive/journal-1.seg", ""] {
            assert_eq!(parse_segment_name(name), None, "{name}");
        }
        assert_eq!(parse_segment_name("journal-99999999999999999999.seg"), None);
    }

    #[test]
    fn headers_read_back_and_refuse_what_cannot_be() {
        let header = BatchHeader {
            shard: 3,
            count: 2,
            body_len: 100,
            epoch: 4,
            first_seq: 9,
            time_ns: -5,
            tag: 77,
            body_crc: 1,
        };
        assert_eq!(BatchHeader::parse(&header.encode()), Ok(header));
        let unsound = [
            BatchHeader { count: 0, ..header },
            BatchHeader { body_len: 71, ..header },
            BatchHeader { body_len: u32::MAX, ..header },
            BatchHeader { first_seq: 0, ..header },
            BatchHeader { first_seq: u64::MAX, ..header },
        ];
        for bad in unsound {
            assert_eq!(BatchHeader::parse(&bad.encode()), Err(HeaderFault::Invalid), "{bad:?}");
        }
        assert_eq!(BatchHeader::parse(&header.encode()[..63]), Err(HeaderFault::Invalid));
    }

    #[test]
    fn another_version_is_named() {
        let mut bytes = SegmentHeader { shard: 0, first_seq: 1, chain: Chain::genesis(0) }.encode();
        put(&mut bytes, 8, &9u16.to_le_bytes());
        assert_eq!(SegmentHeader::parse(&bytes), Err(HeaderFault::Invalid));
        seal_header(&mut bytes);
        assert_eq!(SegmentHeader::parse(&bytes), Err(HeaderFault::Version(9)));
    }
}
