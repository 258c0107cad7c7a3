//! A recorded journal, cut at every byte of its end and around every record before: what is left holds every
//! batch that was whole and nothing else, and the state is the one that the live engine had there.
//! Where batches and records begin is read here from the bytes, as `FORMAT.md` says, and not by the journal.

use journal::{Chain, Disk, Journal, MemDisk};
use node::Core;
use std::collections::{BTreeMap, BTreeSet};
use tests::sim::{History, fixed_history};

const COMMANDS: usize = 10_000;
const SEGMENT: u64 = 1 << 14;
const EVERY_BYTE: usize = 64 << 10;
const HEADER: usize = 64;

struct Segment {
    name: String,
    bytes: Vec<u8>,
    /// The record before its first.
    before: u64,
    /// Where each batch ends, and its last record.
    batches: Vec<(usize, u64)>,
    records: Vec<usize>,
}

impl Segment {
    fn read(name: String, bytes: Vec<u8>) -> Self {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let small = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let (before, mut at) = (number(16) - 1, HEADER);
        let (mut batches, mut records) = (Vec::new(), Vec::new());
        while bytes.get(at..at + 4) == Some(b"SBch") {
            let (count, body, first) = (small(at + 12), small(at + 16), number(at + 32));
            let mut record = at + HEADER;
            for _ in 0..count {
                records.push(record);
                record += 16 + small(record + 4);
            }
            records.push(record);
            let end = at + HEADER + body;
            batches.push((end, first + count as u64 - 1));
            at = end.next_multiple_of(64);
        }
        Self { name, bytes, before, batches, records }
    }

    /// The last record of a batch that is whole before a cut; none if the segment would have no name yet.
    fn kept(&self, cut: usize) -> Option<u64> {
        self.batches.iter().take_while(|(end, _)| *end <= cut).last().map(|(_, seq)| *seq)
    }

    fn used(&self) -> usize {
        self.batches.last().map_or(HEADER, |(end, _)| *end)
    }
}

struct Cuts {
    history: History,
    chains: BTreeMap<u64, Chain>,
    segments: Vec<Segment>,
}

impl Cuts {
    fn new() -> Self {
        let snapshots: Vec<u64> = (1..COMMANDS as u64 / 100).map(|at| at * 100).collect();
        let history = fixed_history(11, COMMANDS, 7, SEGMENT, &snapshots).unwrap();
        let names = history.disk.list().unwrap().into_iter().filter(|name| name.starts_with("journal-"));
        let read = |name: String| (history.disk.contents(&name).unwrap(), name);
        let segments = names.map(read).map(|(bytes, name)| Segment::read(name, bytes)).collect();
        let chains = history.batches.iter().copied().collect();
        Self { history, chains, segments }
    }

    /// The disk when the segment was the last one, with the snapshots that were there when it began.
    fn disk(&self, last: usize) -> MemDisk {
        let disk = MemDisk::new();
        for segment in &self.segments[..=last] {
            disk.put(&segment.name, &segment.bytes);
        }
        for name in self.history.disk.list().unwrap() {
            let seq = name.strip_prefix("snapshot-").and_then(|rest| rest.get(..20)?.parse::<u64>().ok());
            if seq.is_some_and(|seq| seq <= self.segments[last].before) {
                disk.put(&name, &self.history.disk.contents(&name).unwrap());
            }
        }
        disk
    }

    fn cut(&self, disk: &MemDisk, segment: &Segment, cut: usize, state_too: bool) {
        let copy = disk.fork();
        copy.zero(&segment.name, cut, segment.bytes.len() - cut);
        let here = format!("{} cut at byte {cut}", segment.name);
        let Some(kept) = segment.kept(cut) else {
            // A name is given after the first batch is synced: this is no crash, and it is refused.
            let error =
                Journal::open(copy, self.history.config.journal.clone()).map(|_| ()).expect_err(&here);
            return assert!(error.is_damage(), "{here}: {error}");
        };
        if state_too {
            let (core, report) = Core::open(copy, self.history.config.clone()).expect(&here);
            assert_eq!(report.last_seq, kept, "{here}");
            assert_eq!(core.digest(), self.history.digests[&kept], "{here}");
        } else {
            let (_, found) = Journal::open(copy, self.history.config.journal.clone()).expect(&here);
            assert_eq!((found.next_seq, Some(&found.chain)), (kept + 1, self.chains.get(&kept)), "{here}");
        }
    }
}

#[test]
fn every_cut_leaves_what_was_acknowledged() {
    let cuts = Cuts::new();
    let total: usize = cuts.segments.iter().map(Segment::used).sum();
    let mut tried = 0;
    let mut start = 0;
    for (at, segment) in cuts.segments.iter().enumerate() {
        let disk = cuts.disk(at);
        let around = segment.records.iter().flat_map(|record| [record - 1, *record, record + 1]);
        let mut places: BTreeSet<usize> = around.filter(|place| *place < segment.bytes.len()).collect();
        let boundaries = places.clone();
        places.extend((0..=segment.used()).filter(|place| start + place + EVERY_BYTE >= total));
        start += segment.used();
        for &place in &places {
            let state_too = boundaries.contains(&place) && place % 16 == 0 || place % 256 == 0;
            cuts.cut(&disk, segment, place, state_too);
        }
        tried += places.len();
        disk.lose(&segment.name);
        let (core, report) = Core::open(disk, cuts.history.config.clone()).unwrap();
        assert_eq!(report.last_seq, segment.before);
        assert_eq!(core.digest(), cuts.history.digests[&segment.before]);
    }
    assert!(tried > EVERY_BYTE + COMMANDS, "{tried}");
}
