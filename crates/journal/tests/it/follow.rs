//! A reader that follows a journal while it is written: it goes on where the writer went on, takes nothing half
//! written for a record or for damage, and does not search the whole room behind the end for each step.

use journal::{Batch, Check, FileDisk, Journal, MemDisk, Options, scan};

use crate::workload::{commit_next, extents, options, payload, segments};

#[test]
fn what_was_read_ahead_is_read_again() {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options(16 << 20)).unwrap();
    let mut last = commit_next(&mut journal).unwrap().last_seq;
    let mut reader = scan(&disk, 1, Check::Crc).unwrap();
    for seq in 1..400 {
        disk.set_fault(None);
        let record = reader.next().unwrap().unwrap_or_else(|| panic!("record {seq} is there"));
        assert_eq!((record.seq, record.payload), (seq, &*payload(seq)));
        let reads = disk.operations();
        assert!(reads <= 2, "{reads} reads for record {seq}: it searched behind the end");
        if seq == last {
            last = commit_next(&mut journal).unwrap().last_seq;
        }
    }
}

#[test]
fn a_batch_half_written_is_not_there_yet() {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options(1 << 16)).unwrap();
    for _ in 0..20 {
        commit_next(&mut journal).unwrap();
    }
    let (first, whole) = segments(&disk).remove(0);
    let (name, batches) = (journal::segment_name(first), extents(&whole));
    // The watermark is written after its batch.
    disk.lose("watermark");
    let written = |end: usize| {
        let mut bytes = whole.clone();
        bytes[end..].fill(0);
        disk.put(&name, &bytes);
    };
    for batch in &batches[1..] {
        for end in (batch.start..batch.padding).step_by(61) {
            written(end);
            let mut reader = scan(&disk, batch.first_seq - 1, Check::Crc).unwrap();
            let before = reader.next().unwrap().map(|record| record.seq);
            assert_eq!(before, Some(batch.first_seq - 1));
            assert!(reader.next().unwrap().is_none(), "cut at {end}");
        }
    }
}

#[test]
fn a_reader_beside_a_busy_writer_meets_no_damage() {
    const RECORDS: u64 = 600;
    let directory = tempfile::tempdir().unwrap();
    let disk = FileDisk::open(directory.path()).unwrap();
    let options = Options { segment_bytes: 4 << 20, reserve_bytes: 0, ..Options::default() };
    let (mut journal, _) = Journal::open(disk.clone(), options).unwrap();
    let mut batch = Batch::default();
    // Large batches, so that they are met half written.
    let payload = vec![7; 40_000];
    batch.push(&payload).unwrap();
    journal.commit(&mut batch, 0).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 1..RECORDS {
                batch.push(&payload).unwrap();
                journal.commit(&mut batch, 0).unwrap();
            }
        });
        let (mut reader, mut seq, mut looked_again) = (scan(&disk, 1, Check::Chain).unwrap(), 0, false);
        while seq < RECORDS {
            let was_done = writer.is_finished();
            match reader.next().unwrap() {
                Some(record) => {
                    (seq, looked_again) = (seq + 1, false);
                    assert_eq!((record.seq, record.payload.len()), (seq, payload.len()));
                }
                // What it looked ahead at may be older than the end.
                None => {
                    assert!(!looked_again, "it ends after record {seq}");
                    looked_again = was_done;
                }
            }
        }
    });
}
