//! A fixed history to write, crash and read back, and a second, naive reading of the format that tells which
//! record a byte belongs to.

use std::ops::Range;

use journal::{
    Batch, Chain, Check, Committed, Disk, Journal, MemDisk, Options, Recovered, Result, Rng, scan,
    segment_name,
};

pub const SHARD: u32 = 7;

pub fn options(segment_bytes: u64) -> Options {
    Options { shard: SHARD, epoch: 3, segment_bytes, reserve_bytes: 0, ..Options::default() }
}

pub fn number(value: usize) -> u64 {
    u64::try_from(value).expect("64 bits")
}

pub fn size(value: u64) -> usize {
    usize::try_from(value).expect("64 bits")
}

/// The payload that every history holds at this place: mostly small, some with long runs of zeros.
pub fn payload(seq: u64) -> Vec<u8> {
    let mut rng = Rng::new(seq);
    let len = rng.below(if seq.is_multiple_of(13) { 700 } else { 160 });
    let zeros = seq.is_multiple_of(5);
    (0..len).map(|_| if zeros { 0 } else { rng.draw().to_le_bytes()[0] }).collect()
}

/// How many records the batch that starts here holds.
fn batch_len(first_seq: u64) -> u64 {
    1 + Rng::new(first_seq ^ 0xba7c).draw() % 7
}

pub fn fill(batch: &mut Batch, first_seq: u64) {
    for seq in first_seq..first_seq + batch_len(first_seq) {
        batch.push(&payload(seq)).expect("a small batch");
    }
}

/// Commits the batch of the history that comes next.
pub fn commit_next<D: Disk>(journal: &mut Journal<D>) -> Result<Committed> {
    let first_seq = journal.next_seq();
    let mut batch = Batch::default();
    fill(&mut batch, first_seq);
    journal.commit(&mut batch, time_of(first_seq))
}

pub fn time_of(first_seq: u64) -> i64 {
    i64::try_from(first_seq).expect("small") * 1_000_000
}

/// The history as it must be: the chain value after every batch, by the batch's last record.
pub struct History(Vec<(u64, Chain)>);

impl History {
    pub fn new(records: u64) -> Self {
        let (mut journal, _) = Journal::open(MemDisk::new(), options(1 << 20)).expect("a new journal");
        let mut ends = vec![(0, Chain::genesis(SHARD))];
        while journal.next_seq() <= records {
            let done = commit_next(&mut journal).expect("memory does not fail");
            ends.push((done.last_seq, done.chain));
        }
        Self(ends)
    }

    /// Fails unless this is the end of a batch of the history, with everything before it unchanged.
    pub fn check(&self, recovered: &Recovered, about: &str) {
        let end = (recovered.next_seq - 1, recovered.chain);
        assert!(self.0.contains(&end), "{about}: {end:?} is not a prefix of the history");
    }
}

/// A journal of the history with at least this many bytes, closed cleanly.
pub fn journal_of(bytes: usize, segment_bytes: u64) -> (MemDisk, u64) {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options(segment_bytes)).expect("a new journal");
    while used(&disk) < bytes {
        commit_next(&mut journal).expect("memory does not fail");
    }
    let records = journal.next_seq() - 1;
    journal.close().expect("memory does not fail");
    (disk, records)
}

fn used(disk: &MemDisk) -> usize {
    segments(disk)
        .iter()
        .map(|(_, bytes)| bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1))
        .sum()
}

/// First record and contents of every segment.
pub fn segments(disk: &MemDisk) -> Vec<(u64, Vec<u8>)> {
    let names = disk.list().expect("a list");
    let seq = |name: &String| name.strip_prefix("journal-")?.strip_suffix(".seg")?.parse::<u64>().ok();
    let seqs = names.iter().filter_map(seq);
    seqs.map(|seq| (seq, disk.contents(&segment_name(seq)).expect("listed"))).collect()
}

/// One batch in a segment, read without the crate's own decoder.
pub struct Extent {
    pub first_seq: u64,
    pub start: usize,
    pub records: Vec<Range<usize>>,
    /// Start of the trailer, of the zeros behind it, of the next batch.
    pub trailer: usize,
    pub padding: usize,
    pub end: usize,
}

impl Extent {
    pub fn last_seq(&self) -> u64 {
        self.first_seq + number(self.records.len()) - 1
    }
}

pub fn u32_of(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

pub fn extents(segment: &[u8]) -> Vec<Extent> {
    let (mut extents, mut at) = (Vec::new(), 64);
    while segment.get(at..at + 4) == Some(b"SBch") {
        let count = u32_of(segment, at + 12);
        let padding = at + 64 + size(u32_of(segment, at + 16).into());
        let first_seq = u64::from_le_bytes(segment[at + 32..at + 40].try_into().expect("eight bytes"));
        let (mut record, mut records) = (at + 64, Vec::new());
        for _ in 0..count {
            let end = record + 16 + size(u32_of(segment, record + 4).into());
            records.push(record..end);
            record = end;
        }
        assert_eq!(record, padding - 40, "the trailer follows the records");
        let end = padding.next_multiple_of(64);
        extents.push(Extent { first_seq, start: at, records, trailer: record, padding, end });
        at = end;
    }
    extents
}

/// The record that damage at this byte must be reported for; `None` in the room behind the last batch.
pub fn blame(segment: &[u8], byte: usize) -> Option<u64> {
    let extents = extents(segment);
    if byte < 64 {
        return Some(extents[0].first_seq);
    }
    let extent = extents.iter().find(|extent| byte < extent.end)?;
    let record = extent.records.iter().position(|range| range.contains(&byte));
    Some(match record {
        Some(index) => extent.first_seq + number(index),
        None if byte < extent.start + 64 => extent.first_seq,
        None => extent.last_seq(),
    })
}

/// Reads everything and compares it with the history; answers the number of records.
pub fn read_all<D: Disk>(disk: &D, from_seq: u64, check: Check) -> u64 {
    let mut reader = scan(disk, from_seq, check).expect("a sound journal");
    let mut seq = from_seq;
    while let Some(record) = reader.next().expect("a sound journal") {
        assert_eq!(record.seq, seq);
        assert_eq!(record.epoch, 3);
        assert!(record.payload == payload(seq), "record {seq}");
        seq += 1;
    }
    seq - from_seq
}
