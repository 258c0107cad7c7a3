//! A journal that ends at any byte recovers to a prefix that holds every batch that is whole.

use journal::{Check, Crash, DataLoss, Fault, FaultKind, Journal, MemDisk, NameLoss, segment_name, verify};

use crate::workload::{History, commit_next, extents, journal_of, number, options, read_all, segments};

#[test]
fn every_byte_of_a_64_kib_journal() {
    let (disk, records) = journal_of(65_536, 1 << 17);
    let history = History::new(records);
    // After a loss of power the watermark may be gone; with it, the same cuts are damage (see `damage`).
    disk.lose("watermark");
    let (first, bytes) = segments(&disk).remove(0);
    let batches = extents(&bytes);
    let name = segment_name(first);
    let used = batches.last().expect("batches").padding;
    let mut whole = 0;
    for cut in 0..=used {
        whole += usize::from(batches.get(whole).is_some_and(|batch| batch.padding <= cut));
        let fork = disk.fork();
        if cut % 2 == 0 {
            fork.truncate(&name, cut);
        } else {
            fork.zero(&name, cut, bytes.len() - cut);
        }
        let opened = Journal::open(fork.clone(), options(1 << 17));
        if whole == 0 {
            // The first batch is synced before its segment has a name, so this is no tear.
            assert!(opened.err().expect("refused").is_damage(), "cut at {cut}");
            continue;
        }
        let (mut journal, recovered) = opened.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        history.check(&recovered, &format!("cut at {cut}"));
        assert_eq!(recovered.next_seq, batches[whole - 1].last_seq() + 1, "cut at {cut}");
        if cut % 97 == 0 {
            let done = commit_next(&mut journal).expect("it goes on");
            drop(journal);
            assert_eq!(read_all(&fork, 1, Check::Chain), done.last_seq, "cut at {cut}");
            verify(&fork).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        }
    }
    assert_eq!(whole, batches.len());
}

#[test]
fn a_write_that_stops_at_any_byte() {
    let history = History::new(200);
    for before in 1..30 {
        let disk = MemDisk::faulty();
        let (mut journal, _) = Journal::open(disk.clone(), options(1 << 16)).expect("a new journal");
        for _ in 0..before {
            commit_next(&mut journal).expect("no fault yet");
        }
        let acked = journal.next_seq() - 1;
        // The write succeeds, its sync does not.
        disk.set_fault(Some(Fault { at: 1, kind: FaultKind::Error, persistent: true }));
        commit_next(&mut journal).expect_err("the sync fails");
        for bytes in 0..=number(disk.unsynced_sectors() * 512) {
            let crash = Crash::Power { data: DataLoss::Cut { bytes }, names: NameLoss::Kept };
            let after = disk.crash(crash);
            let about = format!("batch {before} cut at {bytes}");
            let (_, recovered) =
                Journal::open(after, options(1 << 16)).unwrap_or_else(|error| panic!("{about}: {error}"));
            history.check(&recovered, &about);
            assert!(recovered.next_seq > acked, "{about}: acknowledged records are gone");
        }
    }
}
