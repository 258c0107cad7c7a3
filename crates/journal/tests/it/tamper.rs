//! Records altered with care: every checksum is put right, only the hashes cannot be. `verify` names the
//! first record that is not what was written.

use journal::{Check, Journal, JournalError, MemDisk, scan, segment_name, verify};

use crate::workload::{Extent, extents, journal_of, number, options, segments};

const SEGMENT: u64 = 1 << 16;

/// Puts the checksums of every record, batch and header right.
fn mend(bytes: &mut [u8], extent: &Extent) {
    for record in &extent.records {
        let crc = crc32c::crc32c(&bytes[record.start + 4..record.end]);
        bytes[record.start..record.start + 4].copy_from_slice(&crc.to_le_bytes());
    }
    let start = extent.start;
    let body = crc32c::crc32c(&bytes[start + 64..extent.padding]);
    bytes[start + 56..start + 60].copy_from_slice(&body.to_le_bytes());
    let head = crc32c::crc32c(&bytes[start..start + 60]);
    bytes[start + 60..start + 64].copy_from_slice(&head.to_le_bytes());
}

fn read_by_checksum(disk: &MemDisk) -> Result<u64, JournalError> {
    let mut reader = scan(disk, 1, Check::Crc)?;
    let mut records = 0;
    while reader.next()?.is_some() {
        records += 1;
    }
    Ok(records)
}

/// Alters one batch in the middle and answers what `verify` blames.
fn blamed(edit: impl FnOnce(&mut Vec<u8>, &Extent)) -> (JournalError, Extent) {
    let (disk, records) = journal_of(20 << 10, SEGMENT);
    let (first, mut bytes) = segments(&disk).remove(0);
    let extent = extents(&bytes).into_iter().find(|extent| {
        let len = |index: usize| extent.records.get(index).map_or(0, ExactSizeIterator::len);
        extent.first_seq > 40 && extent.records.len() >= 4 && len(1) > 60 && len(2) > 60
    });
    let extent = extent.expect("a batch with some records");
    edit(&mut bytes, &extent);
    let extent = extents(&bytes).into_iter().find(|found| found.start == extent.start).expect("still there");
    mend(&mut bytes, &extent);
    disk.put(&segment_name(first), &bytes);
    if read_by_checksum(&disk).is_ok_and(|read| read != records) {
        panic!("the alteration changed the number of records");
    }
    (verify(&disk).expect_err("an altered journal"), extent)
}

#[test]
fn an_altered_payload() {
    for index in 0..4 {
        let mut altered = false;
        let (error, extent) = blamed(|bytes, extent| {
            let record = &extent.records[index];
            altered = record.len() > 16;
            if altered {
                bytes[record.end - 1] ^= 0x40;
            } else {
                bytes[record.start + 8] ^= 0x40;
            }
        });
        assert!(matches!(error, JournalError::ChainBroken { .. }), "{error}");
        assert_eq!(error.bad_seq(), Some(extent.first_seq + number(index)), "{altered}: {error}");
    }
}

#[test]
fn an_altered_time_epoch_or_chain() {
    for at in [24, 40] {
        let (error, extent) = blamed(|bytes, extent| bytes[extent.start + at] ^= 1);
        assert!(matches!(error, JournalError::ChainBroken { .. }), "{error}");
        assert_eq!(error.bad_seq(), Some(extent.first_seq), "{error}");
    }
    let (error, extent) = blamed(|bytes, extent| bytes[extent.trailer + 20] ^= 1);
    assert_eq!(error.bad_seq(), Some(extent.last_seq()), "{error}");
}

#[test]
fn exchanged_records() {
    let (error, extent) = blamed(|bytes, extent| {
        let (one, other) = (extent.records[1].clone(), extent.records[2].clone());
        let mut swapped = bytes[other.clone()].to_vec();
        swapped.extend_from_slice(&bytes[one.clone()]);
        bytes[one.start..other.end].copy_from_slice(&swapped);
    });
    assert_eq!(error.bad_seq(), Some(extent.first_seq + 1), "{error}");
}

#[test]
fn a_record_dropped_or_repeated() {
    let (disk, _) = journal_of(20 << 10, SEGMENT);
    let (first, bytes) = segments(&disk).remove(0);
    for extent in extents(&bytes).into_iter().filter(|extent| extent.records.len() > 2).take(20) {
        let record = extent.records[1].clone();
        // Dropped: the rest moves up, the counts are put right, the batch keeps its room.
        let mut shorter = bytes.clone();
        shorter.copy_within(record.end..extent.padding, record.start);
        let padding = extent.padding - record.len();
        shorter[padding..extent.end].fill(0);
        let count = u32::try_from(extent.records.len() - 1).unwrap();
        let body = u32::try_from(padding - extent.start - 64).unwrap();
        shorter[extent.start + 12..extent.start + 16].copy_from_slice(&count.to_le_bytes());
        shorter[extent.start + 16..extent.start + 20].copy_from_slice(&body.to_le_bytes());
        let mut altered = extents(&shorter).into_iter().find(|found| found.start == extent.start).unwrap();
        altered.padding = padding;
        mend(&mut shorter, &altered);
        disk.put(&segment_name(first), &shorter);
        let seq = verify(&disk).expect_err("a record is missing").bad_seq().unwrap();
        assert!(seq >= extent.first_seq && seq <= extent.last_seq() + 1, "{seq} of {}", extent.first_seq);
        // Repeated: the first record stands in the place of one of the same length.
        let same =
            |range: &&std::ops::Range<usize>| range.len() == record.len() && range.start != record.start;
        if let Some(twin) = extent.records.iter().find(same) {
            let mut repeated = bytes.clone();
            repeated.copy_within(record.clone(), twin.start);
            mend(&mut repeated, &extent);
            disk.put(&segment_name(first), &repeated);
            assert!(verify(&disk).is_err());
        }
    }
}

#[test]
fn a_whole_batch_dropped_or_taken_from_another_journal() {
    let (disk, _) = journal_of(20 << 10, SEGMENT);
    let (first, bytes) = segments(&disk).remove(0);
    let found = extents(&bytes);
    let (gone, next) = (&found[5], &found[6]);
    let mut shorter = bytes[..gone.start].to_vec();
    shorter.extend_from_slice(&bytes[next.start..]);
    let fork = disk.fork();
    fork.put(&segment_name(first), &shorter);
    for error in [verify(&fork).err(), Journal::open(fork, options(SEGMENT)).err()] {
        assert_eq!(error.expect("a batch is missing").bad_seq(), Some(gone.first_seq));
    }
}

#[test]
fn an_unknown_version_is_named() {
    let (disk, _) = journal_of(2 << 10, SEGMENT);
    let (first, bytes) = segments(&disk).remove(0);
    let batch = &extents(&bytes)[1];
    for (start, version) in [(0, 8), (batch.start, 4)] {
        let mut newer = bytes.clone();
        newer[start + version] = 2;
        let crc = crc32c::crc32c(&newer[start..start + 60]);
        newer[start + 60..start + 64].copy_from_slice(&crc.to_le_bytes());
        let fork = disk.fork();
        fork.put(&segment_name(first), &newer);
        let error = Journal::open(fork, options(SEGMENT)).err().expect("refused");
        assert!(matches!(error, JournalError::UnknownVersion { found: 2, supported: 1, .. }), "{error}");
        assert!(error.to_string().contains("use a newer program"), "{error}");
    }
}

#[test]
fn a_trailer_that_does_not_belong_to_its_records_fails_a_replay_too() {
    let (disk, _) = journal_of(20 << 10, SEGMENT);
    let (first, bytes) = segments(&disk).remove(0);
    let extent = extents(&bytes).pop().expect("batches");
    let mut altered = bytes;
    altered[extent.trailer + 3] ^= 1;
    mend(&mut altered, &extent);
    disk.put(&segment_name(first), &altered);
    disk.lose("watermark");
    let error = Journal::open(disk, options(SEGMENT)).err().expect("refused");
    assert_eq!(error.bad_seq(), Some(extent.last_seq()), "{error}");
}
