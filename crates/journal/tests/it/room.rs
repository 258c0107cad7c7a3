//! A disk that fills up: told early, survived for a while on the reserve, and gone on with when there is room
//! again.

use journal::{Batch, Check, Disk, Journal, JournalError, MemDisk, Options};

use crate::workload::{commit_next, number, options, read_all};

#[test]
fn a_full_disk_is_told_early_and_survived() {
    let disk = MemDisk::new();
    disk.set_capacity(Some(64 << 10));
    let options = Options { reserve_bytes: 4096, low_water_percent: 25, ..options(4096) };
    let (mut journal, _) = Journal::open(disk.clone(), options.clone()).unwrap();
    let pool = journal.pool();
    let mut told = None;
    loop {
        match pool.prepare() {
            Ok(()) => assert!(!pool.is_low()),
            Err(JournalError::Full { .. }) => {
                assert!(pool.is_low());
                told.get_or_insert(journal.next_seq());
            }
            Err(error) => panic!("{error}"),
        }
        if told.is_some() {
            break;
        }
        commit_next(&mut journal).unwrap();
    }
    let told = told.unwrap();
    let (mut sealer, mut writer) = journal.split();
    let sealed = loop {
        let mut batch = Batch::default();
        crate::workload::fill(&mut batch, sealer.next_seq());
        let time = crate::workload::time_of(sealer.next_seq());
        let sealed = sealer.seal(batch, time).unwrap();
        match writer.write(&sealed) {
            Ok(_) => {}
            Err(JournalError::Full { .. }) => break sealed,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(sealed.first_seq() > told + 100, "{} records after the warning", sealed.first_seq() - told);
    assert!(!disk.list().unwrap().contains(&"reserve".to_owned()), "the reserve was given up");
    assert!(writer.stopped().is_none());
    disk.set_capacity(Some(128 << 10));
    writer.write(&sealed).expect("there is room again, and the batch was kept");
    pool.prepare().unwrap();
    assert!(!pool.is_low() && pool.is_ready());
    assert!(disk.list().unwrap().contains(&"reserve".to_owned()), "the reserve is back");
    assert_eq!(read_all(&disk, 1, Check::Chain), sealed.last_seq());
    drop(writer);
    let (_, recovered) = Journal::open(disk.clone(), options).unwrap();
    assert_eq!(recovered.next_seq, sealed.last_seq() + 1);
    assert!(disk.list().unwrap().iter().all(|name| !name.starts_with("spare-")));
}

#[test]
fn segments_are_made_ahead_and_only_then() {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options(2048)).unwrap();
    journal.pool().prepare().unwrap();
    journal.pool().prepare().unwrap();
    assert_eq!(disk.list().unwrap().iter().filter(|name| name.starts_with("spare-")).count(), 1);
    disk.set_fault(None);
    commit_next(&mut journal).unwrap();
    assert!(!journal.pool().is_ready());
    assert!(disk.operations() <= 8, "{} operations to start a segment", disk.operations());
    disk.set_fault(None);
    let syncs = disk.syncs();
    commit_next(&mut journal).unwrap();
    assert_eq!((disk.operations(), disk.syncs() - syncs), (3, 1), "one write, one sync, one watermark");
}

#[test]
fn wrong_sizes_are_refused() {
    for bytes in [0, 64, 1000, 1023, 1025] {
        let opened = Journal::open(MemDisk::new(), options(bytes));
        assert!(matches!(opened.err(), Some(JournalError::BadSegmentSize { .. })), "{}", number(1));
    }
}
