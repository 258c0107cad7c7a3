//! Every operation of a disk fails once, or from then on: nothing acknowledged is lost, nothing lost is
//! acknowledged, and the writer stops.

use journal::{
    Archive, Check, Crash, Fault, FaultKind, Journal, JournalError, MemDisk, Retention, SnapshotStore, retire,
};

use crate::workload::{History, SHARD, commit_next, options, read_all};

const RECORDS: u64 = 300;
const SEGMENT: u64 = 4096;

/// What a run told its callers before it ended.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    acked: u64,
    failed: bool,
}

/// Opens, writes the history to its end with snapshots and retention on the way, and closes.
fn run(disk: &MemDisk, told: &mut Told) -> Result<(), JournalError> {
    let (mut journal, recovered) = Journal::open(disk.clone(), options(SEGMENT))?;
    told.acked = told.acked.max(recovered.next_seq - 1);
    let snapshots = SnapshotStore::new(disk.clone(), SHARD).keeping(2);
    let retention =
        Retention { segments_min: 2, archive: Archive::Keep { segments_max: 2, bytes_max: u64::MAX } };
    let mut batches = 0;
    while journal.next_seq() <= RECORDS {
        let done = match commit_next(&mut journal) {
            Ok(done) => done,
            Err(error) => {
                let again = commit_next(&mut journal).expect_err("nothing is written after a failure");
                assert!(
                    matches!(again, JournalError::Stopped { .. } | JournalError::OutOfOrder { .. }),
                    "{again}"
                );
                return Err(error);
            }
        };
        told.acked = done.last_seq;
        batches += 1;
        if batches % 7 == 0 {
            journal.pool().prepare()?;
        }
        if batches % 15 == 0 {
            snapshots.save(done.last_seq, done.chain, [1; 32], b"state")?;
            retire(disk, &snapshots, done.last_seq, &retention)?;
        }
    }
    journal.close()
}

#[test]
fn every_operation_fails() {
    let history = History::new(RECORDS);
    let (mut runs, mut clean) = (0u64, 0);
    for kind in FaultKind::ALL {
        for persistent in [false, true] {
            for at in 0.. {
                let disk = MemDisk::faulty();
                disk.set_fault(Some(Fault { at, kind, persistent }));
                let mut told = Told::default();
                told.failed = run(&disk, &mut told).is_err();
                runs += 1;
                if !told.failed && disk.operations() <= at {
                    clean += 1;
                    break;
                }
                for crash in [Crash::Kill, Crash::LOST, Crash::torn(at)] {
                    let about = format!("{kind:?} at {at}, persistent {persistent}, {crash:?}");
                    check_after(&disk.crash(crash), told, &history, &about);
                }
                if told.failed && at % 5 == 0 {
                    fail_recovery(&disk, told, &history, at);
                }
            }
        }
    }
    assert_eq!(clean, 8, "each kind of fault ran past the end");
    assert!(runs > 2000, "{runs} runs");
}

fn check_after(disk: &MemDisk, told: Told, history: &History, about: &str) {
    let (journal, recovered) =
        Journal::open(disk.clone(), options(SEGMENT)).unwrap_or_else(|error| panic!("{about}: {error}"));
    history.check(&recovered, about);
    assert!(recovered.next_seq > told.acked, "{about}: {told:?}, {recovered:?}");
    let first = recovered.first_seq;
    assert_eq!(read_all(disk, first, Check::Crc), recovered.next_seq - first, "{about}");
    drop(journal);
    // What recovery told is relied on from here, so it must survive the power.
    let (_, again) = Journal::open(disk.crash(Crash::LOST), options(SEGMENT))
        .unwrap_or_else(|error| panic!("{about}, power lost after recovery: {error}"));
    assert_eq!(
        (again.next_seq, again.chain),
        (recovered.next_seq, recovered.chain),
        "{about}, then power lost"
    );
    let mut told = told;
    run(disk, &mut told).unwrap_or_else(|error| panic!("{about}, going on: {error}"));
    assert!(told.acked >= RECORDS, "{about}");
    let (_, last) = Journal::open(disk.crash(Crash::LOST), options(SEGMENT))
        .unwrap_or_else(|error| panic!("{about}, power lost at the end: {error}"));
    assert!(last.next_seq > told.acked, "{about}, power lost at the end");
}

/// The process restarts on the damaged disk and recovery fails at each of its own operations.
fn fail_recovery(disk: &MemDisk, told: Told, history: &History, at: u64) {
    for kind in [FaultKind::LostSync, FaultKind::ShortWrite] {
        for during in 0.. {
            let after = disk.crash(Crash::torn(at ^ during));
            after.set_fault(Some(Fault { at: during, kind, persistent: false }));
            let failed = Journal::open(after.clone(), options(SEGMENT)).is_err();
            if !failed && after.operations() <= during {
                break;
            }
            let about = format!("{kind:?} at {during} of recovery, after a fault at {at}");
            let last = after.crash(Crash::torn(during));
            let (_, recovered) =
                Journal::open(last, options(SEGMENT)).unwrap_or_else(|error| panic!("{about}: {error}"));
            history.check(&recovered, &about);
            assert!(recovered.next_seq > told.acked, "{about}");
        }
    }
}

#[test]
fn random_crashes_never_lose_what_was_acknowledged() {
    let history = History::new(RECORDS);
    for seed in 0..400u64 {
        let mut rng = journal::Rng::new(seed);
        let mut disk = MemDisk::faulty();
        let mut told = Told::default();
        for _ in 0..12 {
            let at = rng.draw() % 120;
            let kind = FaultKind::ALL[rng.below(4)];
            disk.set_fault(Some(Fault { at, kind, persistent: rng.coin() }));
            if run(&disk, &mut told).is_ok() {
                break;
            }
            disk = disk.crash(if rng.coin() { Crash::Kill } else { Crash::torn(rng.draw()) });
        }
        disk = disk.crash(Crash::torn(seed));
        let (_, recovered) =
            Journal::open(disk, options(SEGMENT)).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        history.check(&recovered, &format!("seed {seed}"));
        assert!(recovered.next_seq > told.acked, "seed {seed}: {told:?}");
    }
}
