//! What goes in comes out, whatever its sizes; and whatever stands on the disk, nothing panics.

use journal::{
    Batch, Check, Journal, JournalError, MemDisk, PAYLOAD_BYTES_MAX, Rng, scan, segment_name, verify,
};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use crate::workload::{extents, journal_of, number, options, segments};

/// Reads without expecting anything.
fn read(disk: &MemDisk, from_seq: u64, check: Check) -> Result<Vec<(u64, i64, Vec<u8>)>, JournalError> {
    let mut reader = scan(disk, from_seq, check)?;
    let mut records = Vec::new();
    while let Some(record) = reader.next()? {
        records.push((record.seq, record.time_ns, record.payload.to_vec()));
    }
    Ok(records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_come_back(
        batches in vec((vec(vec(any::<u8>(), 0..1500), 1..6), any::<i64>(), any::<bool>()), 0..12),
        blocks in 16u64..200,
        from in 0usize..60,
    ) {
        let disk = MemDisk::new();
        let (mut journal, _) = Journal::open(disk.clone(), options(blocks * 64)).unwrap();
        let (mut model, mut batch) = (Vec::new(), Batch::default());
        for (payloads, time_ns, reopen) in batches {
            for payload in payloads {
                batch.push(&payload).unwrap();
                model.push((number(model.len()) + 1, time_ns, payload));
            }
            let done = journal.commit(&mut batch, time_ns).unwrap();
            prop_assert!(batch.is_empty());
            prop_assert_eq!(done.last_seq, number(model.len()));
            if reopen {
                drop(journal);
                let (again, recovered) = Journal::open(disk.clone(), options(blocks * 64)).unwrap();
                prop_assert_eq!((recovered.chain, recovered.cut), (done.chain, None));
                journal = again;
            } else {
                journal.pool().prepare().unwrap();
            }
        }
        prop_assert_eq!(&read(&disk, 1, Check::Chain).unwrap(), &model);
        let from = from.min(model.len());
        prop_assert_eq!(&read(&disk, number(from) + 1, Check::Crc).unwrap(), &model[from..]);
        prop_assert_eq!(verify(&disk).unwrap().records, number(model.len()));
    }
}

#[test]
fn any_bytes_are_survived() {
    let (disk, _) = journal_of(6 << 10, 2048);
    let parts = segments(&disk);
    for seed in 0..20_000u64 {
        let mut rng = Rng::new(seed);
        let fork = disk.fork();
        let (first, bytes) = &parts[rng.below(parts.len())];
        let mut bytes = bytes.clone();
        for _ in 0..1 + rng.below(4) {
            let at = rng.below(bytes.len());
            let end = (at + 1 + rng.below(80)).min(bytes.len());
            match rng.below(3) {
                0 => bytes[at..end].iter_mut().for_each(|byte| *byte = rng.draw().to_le_bytes()[0]),
                1 => bytes.truncate(at.max(1)),
                // A hostile but well-sealed header: any field, checksum put right.
                _ => {
                    let headers = extents(&parts[0].1);
                    let start = if rng.coin() { 0 } else { headers[rng.below(headers.len())].start };
                    if let Some(header) = bytes.get_mut(start..start + 64) {
                        header[4 + rng.below(52)] = rng.draw().to_le_bytes()[0];
                        let crc = crc32c::crc32c(&header[..60]);
                        header[60..].copy_from_slice(&crc.to_le_bytes());
                    }
                }
            }
        }
        fork.put(&segment_name(*first), &bytes);
        if rng.coin() {
            fork.lose("watermark");
        }
        let verified = verify(&fork).is_ok();
        let read = read(&fork, 1, Check::Chain);
        assert!(!verified || read.is_ok(), "seed {seed}");
        drop(Journal::open(fork, options(2048)));
    }
}

#[test]
fn batches_larger_than_a_segment_and_the_largest_payload() {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options(1024)).unwrap();
    let mut batch = Batch::default();
    let sizes = [3, 5000, 1, 960, 961, 100_000, 20, PAYLOAD_BYTES_MAX];
    for (index, size) in sizes.into_iter().enumerate() {
        batch.push(&vec![u8::try_from(index).unwrap(); size]).unwrap();
        journal.commit(&mut batch, 0).unwrap();
    }
    assert!(matches!(batch.push(&vec![0; PAYLOAD_BYTES_MAX + 1]), Err(JournalError::TooLarge { .. })));
    assert!(matches!(journal.commit(&mut batch, 0), Err(JournalError::EmptyBatch)));
    drop(journal);
    let found: Vec<usize> = read(&disk, 1, Check::Chain).unwrap().iter().map(|(_, _, p)| p.len()).collect();
    assert_eq!(found, sizes);
    let (_, recovered) = Journal::open(disk, options(1024)).unwrap();
    assert_eq!(recovered.next_seq, number(sizes.len()) + 1);
}

#[test]
fn sealing_runs_ahead_of_writing_and_order_is_kept() {
    let disk = MemDisk::new();
    let (journal, _) = Journal::open(disk.clone(), options(4096)).unwrap();
    let (mut sealer, mut writer) = journal.split();
    let mut seal = |text: &[u8]| {
        let mut batch = Batch::default();
        batch.push(text).unwrap();
        sealer.seal(batch, 5).unwrap()
    };
    let (first, second) = (seal(b"first"), seal(b"second"));
    let error = writer.write(&second).unwrap_err();
    assert!(matches!(error, JournalError::OutOfOrder { expected: 1, found: 2 }), "{error}");
    writer.write(&first).unwrap();
    writer.write(&second).unwrap();
    assert_eq!(writer.next_seq(), sealer.next_seq());
    assert_eq!(read(&disk, 2, Check::Chain).unwrap(), [(2, 5, b"second".to_vec())]);
}
