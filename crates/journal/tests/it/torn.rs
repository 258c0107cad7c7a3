//! Any subset of the sectors of the last batch may arrive; recovery cuts it or keeps it whole, also when it
//! is interrupted itself.

use journal::{Batch, Check, Crash, DataLoss, Fault, FaultKind, Journal, MemDisk, NameLoss, Rng, verify};

use crate::workload::{History, SHARD, commit_next, fill, options, read_all, time_of};

/// A disk on which some batches are acknowledged and one more was written and not synced.
fn before_the_crash(batches: u64, large: bool) -> (MemDisk, u64) {
    let disk = MemDisk::faulty();
    let (mut journal, _) = Journal::open(disk.clone(), options(1 << 16)).expect("a new journal");
    for _ in 0..batches {
        commit_next(&mut journal).expect("no fault yet");
    }
    let acked = journal.next_seq() - 1;
    disk.set_fault(Some(Fault { at: 1, kind: FaultKind::Error, persistent: true }));
    let mut batch = Batch::default();
    fill(&mut batch, acked + 1);
    if large {
        for size in [0, 5000, 700, 1, 900] {
            batch.push(&vec![0x77; size]).expect("a small batch");
        }
        batch.push(&[0; 1500]).expect("a small batch");
    }
    journal.commit(&mut batch, time_of(acked + 1)).expect_err("the sync fails");
    (disk, acked)
}

#[test]
fn twenty_thousand_tears() {
    let mut rng = Rng::new(2026);
    let (mut cut, mut kept) = (0, 0);
    for round in 0..25_000u64 {
        let (disk, acked) =
            if round % 500 == 0 { before_the_crash(1 + round / 500, round % 1000 == 0) } else { continue };
        let sectors = disk.unsynced_sectors();
        assert!((1..=120).contains(&sectors));
        for case in 0..500 {
            let arrived = match case {
                0 => u128::MAX,
                1 => 0,
                2..130 => !(1 << (case - 2)),
                130..258 => 1 << (case - 130),
                _ => u128::from(rng.draw()) << 64 | u128::from(rng.draw()),
            };
            let after =
                disk.crash(Crash::Power { data: DataLoss::Sectors { arrived }, names: NameLoss::Kept });
            let about = format!("{acked} acknowledged, sectors {arrived:#x}");
            let (mut journal, recovered) = Journal::open(after.clone(), options(1 << 16))
                .unwrap_or_else(|error| panic!("{about}: {error}"));
            if recovered.next_seq == acked + 1 {
                cut += 1;
                if case % 50 == 0 {
                    let last = commit_next(&mut journal).expect("it goes on").last_seq;
                    assert_eq!(read_all(&after, 1, Check::Chain), last, "{about}");
                }
            } else {
                assert!(recovered.next_seq > acked && recovered.cut.is_none(), "{about}");
                kept += 1;
            }
            if case % 50 == 0 {
                let report = verify(&after).unwrap_or_else(|error| panic!("{about}: {error}"));
                assert_eq!(report.torn_bytes, 0, "{about}: the cut is complete");
            }
        }
    }
    assert!(cut > 10_000 && kept > 40, "{cut} cut, {kept} kept");
}

#[test]
fn tears_while_a_tear_is_cut() {
    let history = History::new(200);
    let mut rng = Rng::new(9);
    for round in 0..600 {
        let (disk, acked) = before_the_crash(1 + round % 25, false);
        let seed = rng.draw();
        let mut after = disk.crash(Crash::torn(seed));
        for again in 0..5 {
            let fault =
                Fault { at: rng.draw() % 30, kind: FaultKind::ALL[rng.below(4)], persistent: rng.coin() };
            after.set_fault(Some(fault));
            if let Ok((journal, recovered)) = Journal::open(after.clone(), options(1 << 16)) {
                history.check(&recovered, &format!("seed {seed}, again {again}"));
                drop(journal);
            }
            after = after.crash(Crash::torn(rng.draw()));
        }
        let (_, recovered) = Journal::open(after, options(1 << 16))
            .unwrap_or_else(|error| panic!("shard {SHARD}, seed {seed}: {error}"));
        history.check(&recovered, &format!("seed {seed}"));
        assert!(recovered.next_seq > acked, "seed {seed}");
    }
}
