//! A recorded journal of ten thousand commands, cut at every byte. What is left holds every batch that was whole
//! and nothing else, and the state is the one that the live engine had there. With the watermark of the moment
//! nothing acknowledged is lost: a cut through it is refused, and only the batch in flight is cut.

mod segment;

use journal::{Disk, Journal, JournalError, MemDisk, Recovered, snapshot_name};
use node::Core;
use segment::Segment;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tests::sim::{History, Synced, fixed_history};

const COMMANDS: usize = 10_000;
const BATCH: usize = 7;
const SEGMENT: u64 = 1 << 13;

struct Cuts {
    history: History,
    synced: BTreeMap<u64, Synced>,
    segments: Vec<Segment>,
}

impl Cuts {
    /// Two tests cut the same journal.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Cuts> = OnceLock::new();
        SHARED.get_or_init(Self::record)
    }

    /// With a snapshot before each segment, so that recovery reads that segment and no other.
    fn record() -> Self {
        let play = |snapshots: &[u64]| fixed_history(11, COMMANDS, BATCH, SEGMENT, snapshots).unwrap();
        let starts: Vec<u64> = segments(&play(&[]).disk).iter().map(|segment| segment.before).collect();
        let mut history = play(&starts);
        let synced = std::mem::take(&mut history.batches).into_iter().map(|at| (at.seq, at)).collect();
        let segments = segments(&history.disk);
        Self { history, synced, segments }
    }

    /// What recovery read when the segment was the last one.
    fn disk(&self, segment: &Segment) -> MemDisk {
        let disk = MemDisk::new();
        disk.put(&segment.name, &segment.bytes);
        if let Some(snapshot) = self.history.disk.contents(&snapshot_name(segment.before)) {
            disk.put(&snapshot_name(segment.before), &snapshot);
        }
        disk
    }

    /// The same at a moment: with its watermark, if one is known.
    fn moment(&self, disk: &MemDisk, acked: Option<u64>) -> MemDisk {
        let disk = disk.fork();
        if let Some(acked) = acked.filter(|acked| *acked > 0) {
            disk.put("watermark", &self.synced[&acked].watermark);
        }
        disk
    }

    fn open(&self, disk: MemDisk) -> Result<Recovered, JournalError> {
        Journal::open(disk, self.history.config.journal.clone()).map(|(_, found)| found)
    }

    /// A cut leaves the batches that are whole; in the first of a segment it is refused.
    fn check_journal(&self, disk: MemDisk, segment: &Segment, cut: usize) {
        let here = || format!("{} cut at byte {cut}", segment.name);
        match (segment.kept(cut), self.open(disk)) {
            (Some(kept), Ok(found)) => {
                let known = (kept + 1, self.synced[&kept].chain);
                assert_eq!((found.next_seq, found.chain), known, "{}", here());
            }
            (None, Err(error)) => assert!(error.is_damage(), "{}: {error}", here()),
            (kept, found) => panic!("{}: {kept:?} was whole, and it came to {found:?}", here()),
        }
    }

    /// Every cut through one batch: nothing known, everything before it acknowledged, and itself acknowledged.
    fn cut_batch(&self, disk: &MemDisk, segment: &Segment, at: usize) {
        let batch = &segment.batches[at];
        let before = at.checked_sub(1).map(|at| &segment.batches[at]);
        let acked = before.map_or(segment.before, |before| before.last_seq);
        let from = before.map_or(0, |before| before.end);
        let moments = [None, Some(acked), Some(batch.last_seq)];
        let [bare, flying, late] = moments.map(|acked| self.moment(disk, acked));
        for disk in [&bare, &flying, &late] {
            disk.zero(&segment.name, batch.end, segment.bytes.len() - batch.end);
        }
        self.check_journal(late.fork(), segment, batch.end);
        for cut in (from..batch.end).rev() {
            for disk in [&bare, &flying, &late] {
                disk.zero(&segment.name, cut, 1);
            }
            self.check_journal(bare.fork(), segment, cut);
            self.check_journal(flying.fork(), segment, cut);
            let error = self.open(late.fork()).expect_err("what was acknowledged is not cut away");
            assert!(error.is_damage(), "{} cut at byte {cut}: {error}", segment.name);
        }
    }

    /// The whole node opens, and stands where the live one stood.
    fn check_state(&self, disk: &MemDisk, segment: &Segment, cut: usize, acked: Option<u64>) {
        let disk = self.moment(disk, acked);
        disk.zero(&segment.name, cut, segment.bytes.len().saturating_sub(cut));
        let here = || format!("{} cut at byte {cut}, {acked:?} acknowledged", segment.name);
        match (segment.kept(cut), Core::open(disk, self.history.config.clone())) {
            (Some(kept), Ok((core, report))) => {
                assert_eq!(report.last_seq, kept, "{}", here());
                assert!(acked.is_none_or(|acked| acked <= kept), "{}", here());
                assert_eq!(core.digest(), self.history.digests[&kept], "{}", here());
            }
            (None, Err(_)) => {}
            (kept, opened) => {
                panic!(
                    "{}: {kept:?} was whole, and it came to {:?}",
                    here(),
                    opened.map(|(_, report)| report)
                )
            }
        }
    }
}

fn segments(disk: &MemDisk) -> Vec<Segment> {
    let names = disk.list().unwrap().into_iter().filter(|name| name.starts_with("journal-"));
    names.map(|name| Segment::read(name.clone(), disk.contents(&name).unwrap())).collect()
}

#[test]
fn every_byte_leaves_what_was_acknowledged() {
    let cuts = Cuts::shared();
    for segment in &cuts.segments {
        let disk = cuts.disk(segment);
        for at in 0..segment.batches.len() {
            cuts.cut_batch(&disk, segment, at);
        }
    }
    let bytes: usize = cuts.segments.iter().map(Segment::used).sum();
    assert!(bytes > COMMANDS * 64, "{bytes} bytes");
}

#[test]
fn around_every_record_the_state_is_the_live_one() {
    let (cuts, mut records) = (Cuts::shared(), 0);
    for segment in &cuts.segments {
        let (disk, mut acked) = (cuts.disk(segment), segment.before);
        for batch in &segment.batches {
            for record in &batch.records {
                // On it, and by turns a byte before or behind; by turns with the watermark and without.
                records += 1;
                let near = if records % 2 == 0 { record - 1 } else { record + 1 };
                let marked = |turn: bool| turn.then_some(acked);
                cuts.check_state(&disk, segment, *record, marked(records % 3 == 0));
                cuts.check_state(&disk, segment, near, marked(records % 4 < 2));
            }
            cuts.check_state(&disk, segment, batch.end, Some(batch.last_seq));
            acked = batch.last_seq;
        }
    }
    assert!(records > COMMANDS, "{records}");
}
