//! The journal on a real directory: the lock, a process that dies, a reader that follows, threads.

use std::sync::atomic::{AtomicBool, Ordering};

use journal::{
    Archive, Batch, Check, FileDisk, Journal, JournalError, Retention, SnapshotStore, retire, scan,
    segment_name, verify,
};

use crate::workload::{SHARD, commit_next, options, payload, read_all};

#[test]
fn one_writer_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FileDisk::open(directory.path().join("new/journal")).unwrap();
    let (mut journal, _) = Journal::open(disk.clone(), options(4096)).unwrap();
    commit_next(&mut journal).unwrap();
    let other = FileDisk::open(disk.directory()).unwrap();
    let error = Journal::open(other.clone(), options(4096)).err().expect("it is in use");
    let pid = std::process::id().to_string();
    assert!(matches!(&error, JournalError::InUse { holder } if *holder == pid), "{error}");
    assert!(verify(&other).unwrap().records > 0, "reading needs no lock");
    journal.close().unwrap();
    Journal::open(other, options(4096)).unwrap();
}

#[test]
fn a_directory_survives_its_process() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FileDisk::open(directory.path()).unwrap();
    let snapshots = SnapshotStore::new(disk.clone(), SHARD);
    let mut last = 0;
    for round in 0..4 {
        let (mut journal, recovered) = Journal::open(disk.clone(), options(4096)).unwrap();
        assert_eq!(recovered.next_seq, last + 1, "round {round}");
        for _ in 0..25 {
            last = commit_next(&mut journal).unwrap().last_seq;
        }
        snapshots.save(last, recovered.chain, [0; 32], b"wrong chain").unwrap();
        std::fs::remove_file(disk.directory().join(journal::snapshot_name(last))).unwrap();
        let done = commit_next(&mut journal).unwrap();
        last = done.last_seq;
        snapshots.save(last, done.chain, [0; 32], b"state").unwrap();
        // Dropped without closing, as a killed process leaves it.
    }
    assert_eq!(read_all(&disk, 1, Check::Chain), last);
    let archive = Archive::Keep { segments_max: 2, bytes_max: u64::MAX };
    let retired = retire(&disk, &snapshots, last, &Retention { segments_min: 1, archive }).unwrap();
    assert!(retired.segments > 2 && retired.archive_deleted == retired.segments - 2, "{retired:?}");
    assert_eq!(std::fs::read_dir(disk.directory().join("archive")).unwrap().count(), 2);
    let first = retired.first_seq.unwrap();
    assert_eq!(read_all(&disk, first, Check::Chain), last + 1 - first);
    let segment = disk.directory().join(segment_name(first));
    assert_eq!(std::fs::metadata(segment).unwrap().len(), 4096, "segments are preallocated");
    Journal::open(disk, options(4096)).unwrap();
}

#[test]
fn readers_follow_and_segments_are_made_on_another_thread() {
    const RECORDS: u64 = 3000;
    let directory = tempfile::tempdir_in(if cfg!(target_os = "linux") { "/dev/shm" } else { "." });
    let directory = directory.or_else(|_no_shared_memory| tempfile::tempdir()).unwrap();
    let disk = FileDisk::open(directory.path()).unwrap();
    let (journal, _) = Journal::open(disk.clone(), options(8192)).unwrap();
    let (mut sealer, mut writer) = journal.split();
    let (pool, done) = (writer.pool(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                pool.prepare().expect("room");
                std::thread::yield_now();
            }
        });
        scope.spawn(|| {
            let mut reader = scan(&disk, 1, Check::Chain).expect("a journal");
            let mut seen = 0;
            while seen < RECORDS {
                match reader.next().expect("a sound journal") {
                    Some(record) => {
                        seen += 1;
                        assert_eq!(record.seq, seen);
                        assert!(record.payload == payload(seen));
                    }
                    None => std::thread::yield_now(),
                }
            }
        });
        let mut batch = Batch::default();
        while sealer.next_seq() <= RECORDS {
            crate::workload::fill(&mut batch, sealer.next_seq());
            let sealed = sealer.seal(batch, 0).expect("records");
            writer.write(&sealed).expect("a working disk");
            batch = sealed.reuse();
        }
        done.store(true, Ordering::Release);
    });
    assert!(verify(&disk).unwrap().records >= RECORDS);
}

#[test]
fn failures_name_the_file_and_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let occupied = directory.path().join("file");
    std::fs::write(&occupied, b"not a directory").unwrap();
    let error = FileDisk::open(&occupied).expect_err("not a directory").to_string();
    assert!(error.contains("file") && error.contains("check the disk"), "{error}");
}
