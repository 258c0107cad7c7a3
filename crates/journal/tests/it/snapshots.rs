//! Snapshots: the newest sound one serves, damage falls back, and one from elsewhere is refused.

use journal::{Chain, Crash, Fault, FaultKind, Journal, JournalError, MemDisk, SnapshotStore, snapshot_name};

use crate::workload::{SHARD, commit_next, options};

fn with_snapshots(count: usize) -> (MemDisk, SnapshotStore<MemDisk>, Vec<u64>) {
    let disk = MemDisk::new();
    let snapshots = SnapshotStore::new(disk.clone(), SHARD);
    let (mut journal, _) = Journal::open(disk.clone(), options(2048)).expect("a new journal");
    let mut seqs = Vec::new();
    for _ in 0..count {
        for _ in 0..9 {
            commit_next(&mut journal).expect("memory does not fail");
        }
        let done = commit_next(&mut journal).expect("memory does not fail");
        let body = format!("state at {}", done.last_seq);
        snapshots.save(done.last_seq, done.chain, [9; 32], body.as_bytes()).expect("memory does not fail");
        seqs.push(done.last_seq);
    }
    (disk, snapshots, seqs)
}

#[test]
fn the_newest_three_are_kept_and_load() {
    let (disk, snapshots, seqs) = with_snapshots(5);
    let newest: Vec<u64> = seqs.iter().rev().take(3).copied().collect();
    assert_eq!(snapshots.list().unwrap(), newest);
    let loaded = snapshots.newest_good().unwrap().unwrap();
    assert_eq!(loaded.body, format!("state at {}", newest[0]).into_bytes());
    assert_eq!((loaded.info.seq, loaded.info.state_hash, loaded.skipped), (newest[0], [9; 32], vec![]));
    let (_, recovered) = Journal::open(disk, options(2048)).unwrap();
    assert_eq!(recovered.newest_snapshot, Some(loaded.info));
    assert_eq!(recovered.first_seq, 1);
}

#[test]
fn every_flipped_bit_of_a_snapshot_is_found() {
    let (disk, snapshots, seqs) = with_snapshots(2);
    let name = snapshot_name(seqs[1]);
    let len = disk.contents(&name).unwrap().len();
    for byte in 0..len {
        for bit in 0..8 {
            disk.flip_bit(&name, byte, bit);
            let loaded = snapshots.newest_good().unwrap().unwrap();
            assert_eq!(loaded.info.seq, seqs[0], "bit {bit} of byte {byte}");
            assert_eq!(loaded.skipped[0].seq, seqs[1]);
            disk.flip_bit(&name, byte, bit);
        }
    }
    for cut in 0..len {
        let fork = disk.fork();
        fork.truncate(&name, cut);
        let snapshots = SnapshotStore::new(fork.clone(), SHARD);
        assert_eq!(snapshots.newest_good().unwrap().unwrap().info.seq, seqs[0], "cut at {cut}");
        let (_, recovered) = Journal::open(fork, options(2048)).unwrap();
        assert_eq!(recovered.newest_snapshot.unwrap().seq, seqs[0], "cut at {cut}");
        assert_eq!(recovered.damaged_snapshots.len(), 1, "cut at {cut}");
    }
}

#[test]
fn a_snapshot_from_elsewhere_is_refused() {
    let (disk, snapshots, seqs) = with_snapshots(1);
    let last = seqs[0];
    snapshots.save(last - 1, Chain::genesis(9), [0; 32], b"foreign").unwrap();
    Journal::open(disk.clone(), options(2048)).expect("the newest one is sound");
    disk.lose(&snapshot_name(last));
    let error = Journal::open(disk.clone(), options(2048)).err().expect("another history");
    assert!(matches!(error, JournalError::SnapshotBad { .. }), "{error}");
    snapshots.save(last + 1, Chain::genesis(9), [0; 32], b"ahead").unwrap();
    let error = Journal::open(disk.clone(), options(2048)).err().expect("ahead of the journal");
    assert!(matches!(error, JournalError::SnapshotAhead { .. }), "{error}");
    let other = SnapshotStore::new(disk.clone(), SHARD + 1);
    assert!(matches!(other.load(last - 1), Err(JournalError::WrongShard { .. })));
    let mut wrong = options(2048);
    wrong.shard += 1;
    assert!(matches!(Journal::open(disk, wrong), Err(JournalError::WrongShard { .. })));
}

#[test]
fn a_snapshot_that_fails_leaves_the_ones_before() {
    let disk = MemDisk::faulty();
    let snapshots = SnapshotStore::new(disk.clone(), SHARD);
    let (mut journal, _) = Journal::open(disk.clone(), options(2048)).unwrap();
    let first = commit_next(&mut journal).unwrap();
    snapshots.save(first.last_seq, first.chain, [1; 32], b"first").unwrap();
    let second = commit_next(&mut journal).unwrap();
    for at in 0.. {
        let fork = disk.fork();
        fork.set_fault(Some(Fault { at, kind: FaultKind::LostSync, persistent: false }));
        let store = SnapshotStore::new(fork.clone(), SHARD);
        let saved = store.save(second.last_seq, second.chain, [2; 32], b"second").is_ok();
        for crash in [Crash::Kill, Crash::LOST, Crash::torn(at)] {
            let after = fork.crash(crash);
            Journal::open(after.clone(), options(2048)).unwrap();
            let loaded = SnapshotStore::new(after, SHARD).newest_good().unwrap().unwrap();
            let expected: &[u8] = if loaded.info.seq == second.last_seq { b"second" } else { b"first" };
            assert_eq!(loaded.body, expected, "fault at {at}, {crash:?}");
            assert!(!saved || loaded.body == b"second", "fault at {at}, {crash:?}");
            assert_eq!(loaded.skipped, [], "fault at {at}, {crash:?}");
        }
        if saved && fork.operations() <= at {
            break;
        }
    }
}
