//! Retention takes only what a sound snapshot covers, and what it leaves recovers.

use journal::{
    Archive, Check, Journal, JournalError, MemDisk, Reach, Retention, SnapshotStore, retire, scan,
    scan_within, segment_name, verify,
};

use crate::workload::{SHARD, commit_next, number, options, payload, read_all, segments};

const DELETE: Retention = Retention { segments_min: 1, archive: Archive::Delete };

fn journal_with_two_snapshots() -> (MemDisk, SnapshotStore<MemDisk>, u64, u64) {
    let disk = MemDisk::new();
    let snapshots = SnapshotStore::new(disk.clone(), SHARD);
    let (mut journal, _) = Journal::open(disk.clone(), options(2048)).expect("a new journal");
    let mut save = |batches: u32| {
        let done = (0..batches).map(|_| commit_next(&mut journal).expect("memory does not fail")).last();
        let done = done.expect("some batches");
        snapshots.save(done.last_seq, done.chain, [0; 32], b"state").expect("memory does not fail");
        done.last_seq
    };
    let (older, newer) = (save(40), save(40));
    (disk, snapshots, older, newer)
}

#[test]
fn only_what_the_oldest_sound_snapshot_covers_goes() {
    let (disk, snapshots, older, newer) = journal_with_two_snapshots();
    let before = segments(&disk);
    let retired = retire(&disk, &snapshots, u64::MAX, &DELETE).unwrap();
    let first = retired.first_seq.unwrap();
    assert!(retired.segments > 3 && first <= older + 1, "{retired:?}");
    assert!(before.iter().any(|(seq, _)| *seq > first && *seq <= newer), "segments after it are still there");
    assert_eq!(retire(&disk, &snapshots, u64::MAX, &DELETE).unwrap().segments, 0);
    let (_, recovered) = Journal::open(disk.clone(), options(2048)).unwrap();
    assert_eq!((recovered.first_seq, recovered.next_seq), (first, newer + 1));
    assert_eq!(read_all(&disk, first, Check::Chain), newer + 1 - first);
    assert_eq!(verify(&disk).unwrap().first_seq, first);
    let missing = scan(&disk, 1, Check::Crc).err().expect("it is gone");
    assert!(matches!(missing, JournalError::MissingStart { wanted: 1, .. }), "{missing}");
    for seq in snapshots.list().unwrap() {
        disk.lose(&journal::snapshot_name(seq));
    }
    let missing = Journal::open(disk, options(2048)).err().expect("nothing covers the start");
    assert!(matches!(missing, JournalError::MissingStart { wanted: 1, .. }), "{missing}");
}

#[test]
fn nothing_goes_without_a_sound_snapshot_or_beyond_what_is_asked() {
    let (disk, snapshots, older, newer) = journal_with_two_snapshots();
    let second = segments(&disk)[1].0;
    assert_eq!(retire(&disk, &snapshots, second - 2, &DELETE).unwrap().segments, 0);
    assert_eq!(retire(&disk, &snapshots, second - 1, &DELETE).unwrap().segments, 1);
    let keep_all = Retention { segments_min: 1000, ..DELETE };
    assert_eq!(retire(&disk, &snapshots, u64::MAX, &keep_all).unwrap().segments, 0);
    for seq in [older, newer] {
        disk.flip_bit(&journal::snapshot_name(seq), 133, 1);
    }
    let disk = disk.fork();
    assert!(segments(&disk).len() > 3);
    assert_eq!(retire(&disk, &snapshots, u64::MAX, &DELETE).unwrap().segments, 0);
}

#[test]
fn the_archive_is_bounded_and_can_be_brought_back() {
    let (disk, snapshots, ..) = journal_with_two_snapshots();
    let before = segments(&disk);
    let archive = |segments_max, bytes_max| Retention {
        segments_min: 1,
        archive: Archive::Keep { segments_max, bytes_max },
    };
    let retired = retire(&disk, &snapshots, u64::MAX, &archive(usize::MAX, u64::MAX)).unwrap();
    assert_eq!(retired.archive_deleted, 0);
    let whole = disk.fork();
    for (first, bytes) in &before[..retired.segments] {
        let archived = whole.contents(&format!("archive/{}", segment_name(*first))).unwrap();
        assert!(archived == *bytes);
        whole.put(&segment_name(*first), &archived);
    }
    assert_eq!(verify(&whole).unwrap().first_seq, 1);
    check_archive(&disk, number(retired.segments));
    let bounded = retire(&disk, &snapshots, u64::MAX, &archive(2, u64::MAX)).unwrap();
    assert_eq!(bounded.archive_deleted, retired.segments - 2);
    let bounded = retire(&disk, &snapshots, u64::MAX, &archive(2, 2048)).unwrap();
    assert_eq!(bounded.archive_deleted, 1);
    let newest = before[retired.segments - 1].0;
    assert!(disk.contents(&format!("archive/{}", segment_name(newest))).is_some(), "the newest one stays");
    assert_eq!(number(segments(&disk).len() + retired.segments), number(before.len()));
    let report = verify(&disk).unwrap();
    assert_eq!((report.first_seq, report.archived), (newest, 1));
}

/// All of history is checked and read, and damage in the archive is found there.
fn check_archive(disk: &MemDisk, archived: u64) {
    let report = verify(disk).expect("a sound journal");
    assert_eq!((report.first_seq, report.archived), (1, archived));
    let mut reader = scan_within(disk, Reach::Archive, 1, Check::Chain).expect("a sound journal");
    let mut seq = 0;
    while let Some(record) = reader.next().expect("a sound journal") {
        seq += 1;
        assert!(record.seq == seq && record.payload == payload(seq));
    }
    assert_eq!(seq, report.last_seq);
    let (fork, name) = (disk.fork(), format!("archive/{}", segment_name(1)));
    fork.flip_bit(&name, 130, 1);
    let error = verify(&fork).expect_err("a changed bit");
    assert!(error.bad_seq() == Some(1) && error.to_string().contains(&name), "{error}");
    let moving = disk.fork();
    moving.put(&segment_name(1), &disk.contents(&name).expect("archived"));
    assert_eq!(verify(&moving).expect("a sound journal").records, report.records);
}
