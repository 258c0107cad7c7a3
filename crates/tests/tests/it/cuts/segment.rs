//! A segment as its bytes say it: where batches and records begin is read here, as `FORMAT.md` says, and not by
//! the journal.

const HEADER: usize = 64;

pub struct Segment {
    pub name: String,
    pub bytes: Vec<u8>,
    /// The record before its first.
    pub before: u64,
    pub batches: Vec<Extent>,
}

pub struct Extent {
    /// Behind its last byte that is not filling.
    pub end: usize,
    pub last_seq: u64,
    /// Where its records begin and end.
    pub records: Vec<usize>,
}

impl Segment {
    pub fn read(name: String, bytes: Vec<u8>) -> Self {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let small = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let (before, mut start, mut batches) = (number(16) - 1, HEADER, Vec::new());
        while bytes.get(start..start + 4) == Some(b"SBch") {
            let (count, body, first) = (small(start + 12), small(start + 16), number(start + 32));
            let mut records = vec![start + HEADER];
            for at in 0..count {
                let record = records[at];
                records.push(record + 16 + small(record + 4));
            }
            let end = start + HEADER + body;
            batches.push(Extent { end, last_seq: first + count as u64 - 1, records });
            start = end.next_multiple_of(HEADER);
        }
        Self { name, bytes, before, batches }
    }

    pub fn used(&self) -> usize {
        self.batches.last().map_or(HEADER, |batch| batch.end)
    }

    /// The last record of a batch that is whole before a cut; none if the segment would have no name yet: it is
    /// given after its first batch is synced.
    pub fn kept(&self, cut: usize) -> Option<u64> {
        self.batches.iter().take_while(|batch| batch.end <= cut).last().map(|batch| batch.last_seq)
    }
}
