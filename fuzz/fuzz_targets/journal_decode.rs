//! Any bytes in the journal's files are read, cut or refused by name: by `verify`, by a scan, by the snapshot
//! store and by opening for writing, which must then find what it left when it opens again.
//! The first byte chooses: the bytes are a segment, a snapshot, or edits of a good journal.
#![no_main]

use journal::{
    Batch, Check, Journal, MemDisk, Options, PAYLOAD_BYTES_MAX, SnapshotStore, scan, segment_name,
    snapshot_name, verify,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let disk = match kind % 4 {
        0 => holding(&segment_name(1), rest),
        1 => holding(&snapshot_name(1), rest),
        _ => edited(rest),
    };
    read(&disk);
    let Ok((journal, _)) = Journal::open(disk.clone(), options()) else { return };
    let next = journal.next_seq();
    journal.close().expect("a memory disk takes the watermark");
    read(&disk);
    let (journal, _) = Journal::open(disk, options()).expect("what was recovered opens again");
    assert_eq!(journal.next_seq(), next);
});

fn options() -> Options {
    Options { segment_bytes: 4096, reserve_bytes: 0, ..Options::default() }
}

fn holding(name: &str, bytes: &[u8]) -> MemDisk {
    let disk = MemDisk::new();
    disk.put(name, bytes);
    disk
}

/// A journal of a few batches over two segments, with bytes overwritten: place, place, value.
fn edited(edits: &[u8]) -> MemDisk {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), options()).expect("an empty disk opens");
    let mut batch = Batch::default();
    for round in 0..6u8 {
        for record in 0..3u8 {
            batch.push(&vec![round ^ record; 150]).expect("a small record fits");
        }
        journal.commit(&mut batch, i64::from(round)).expect("a memory disk takes it");
    }
    journal.close().expect("a memory disk takes the watermark");
    let names = [segment_name(1), segment_name(4), segment_name(7), segment_name(10), segment_name(13)];
    for edit in edits.chunks_exact(4) {
        let [file, high, low, value] = [edit[0], edit[1], edit[2], edit[3]];
        let name = &names[usize::from(file) % names.len()];
        let Some(mut bytes) = disk.contents(name).filter(|bytes| !bytes.is_empty()) else { continue };
        let at = usize::from(u16::from_be_bytes([high, low])) % bytes.len();
        bytes[at] ^= value;
        disk.put(name, &bytes);
    }
    disk
}

fn read(disk: &MemDisk) {
    verify(disk).ok();
    for check in [Check::Crc, Check::Chain] {
        let Ok(mut reader) = scan(disk, 1, check) else { continue };
        while let Ok(Some(record)) = reader.next() {
            assert!(record.payload.len() <= PAYLOAD_BYTES_MAX);
        }
    }
    let store = SnapshotStore::new(disk.clone(), 0);
    store.newest_good().ok();
    store.load(1).ok();
}
