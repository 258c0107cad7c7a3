//! A directory written by format version 1. It must read for ever; and as long as version 1 is what is
//! written, the same records must give the same bytes.

use journal::{
    Batch, Check, Journal, MemDisk, Options, SnapshotStore, scan, segment_name, snapshot_name, verify,
};

const HEAD: &str = include_str!("golden/head.txt");

const FILES: [(&str, &[u8]); 4] = [
    ("journal-00000000000000000001.seg", include_bytes!("golden/journal-00000000000000000001.seg")),
    ("journal-00000000000000000006.seg", include_bytes!("golden/journal-00000000000000000006.seg")),
    ("snapshot-00000000000000000005.snap", include_bytes!("golden/snapshot-00000000000000000005.snap")),
    ("watermark", include_bytes!("golden/watermark")),
];

const BATCHES: [&[&[u8]]; 3] = [
    &[b"the first record", b"", &[0; 40]],
    &[b"a second batch", &[0xff; 400]],
    &[b"a second segment, because there was no room for this in the first one", &[0x55; 300]],
];

fn written_today() -> MemDisk {
    let disk = MemDisk::new();
    let options =
        Options { shard: 2, epoch: 11, segment_bytes: 1024, reserve_bytes: 0, ..Options::default() };
    let (mut journal, _) = Journal::open(disk.clone(), options).expect("a new journal");
    let mut batch = Batch::default();
    for (index, records) in (0i64..).zip(BATCHES) {
        records.iter().for_each(|record| batch.push(record).expect("a small batch"));
        let done =
            journal.commit(&mut batch, 1_700_000_000_000_000_000 + index).expect("memory does not fail");
        if index == 1 {
            let store = SnapshotStore::new(disk.clone(), 2);
            store.save(done.last_seq, done.chain, [0xee; 32], b"the state").expect("memory does not fail");
        }
    }
    journal.close().expect("memory does not fail");
    disk
}

fn golden() -> MemDisk {
    let disk = MemDisk::new();
    FILES.iter().for_each(|(name, bytes)| disk.put(name, bytes));
    disk
}

#[test]
fn version_1_reads() {
    let disk = golden();
    let report = verify(&disk).unwrap();
    assert_eq!((report.records, report.batches, report.segments, report.last_seq), (7, 3, 2, 7));
    assert_eq!(report.chain.hex(), HEAD.trim());
    let mut reader = scan(&disk, 1, Check::Chain).unwrap();
    for (index, records) in (0i64..).zip(BATCHES) {
        for expected in records {
            let record = reader.next().unwrap().unwrap();
            assert_eq!(record.payload, *expected);
            assert_eq!((record.time_ns, record.epoch), (1_700_000_000_000_000_000 + index, 11));
        }
    }
    let loaded = SnapshotStore::new(disk, 2).newest_good().unwrap().unwrap();
    assert_eq!((loaded.info.seq, loaded.body.as_slice()), (5, b"the state".as_slice()));
}

#[test]
fn version_1_is_what_is_written() {
    let disk = written_today();
    for (name, bytes) in FILES {
        assert!(
            disk.contents(name).expect(name) == bytes,
            "{name} differs; a new format needs a new version"
        );
    }
    assert_eq!([segment_name(1), segment_name(6), snapshot_name(5)], [FILES[0].0, FILES[1].0, FILES[2].0]);
}
