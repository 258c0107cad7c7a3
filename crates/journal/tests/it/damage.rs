//! Damage to what was acknowledged is found, whatever it is, and named by the right record; damage to the
//! room behind it costs nothing.

use journal::{Journal, JournalError, MemDisk, Rng, segment_name, verify};

use crate::workload::{blame, commit_next, extents, journal_of, options, segments};

const SEGMENT: u64 = 8192;

/// What the tests damage, and what they expect of it.
struct Target {
    disk: MemDisk,
    records: u64,
    segments: Vec<(u64, Vec<u8>)>,
}

impl Target {
    fn new() -> Self {
        let (disk, records) = journal_of(48 << 10, SEGMENT);
        let segments = segments(&disk);
        assert!(segments.len() >= 6);
        Self { disk, records, segments }
    }

    /// The record to blame for the first byte that differs; in spare room of a segment, the one that would
    /// come next.
    fn culprit(&self, index: usize, damaged: &[u8]) -> Option<u64> {
        let original = &self.segments[index].1;
        let byte = original.iter().zip(damaged).position(|(a, b)| a != b)?;
        let next = || extents(original).last().expect("batches").last_seq() + 1;
        Some(blame(original, byte).unwrap_or_else(next))
    }

    /// Opens a damaged fork and fails unless it is refused for the right record, or nothing was lost.
    fn check(&self, fork: &MemDisk, index: usize, deep: bool, about: &str) -> bool {
        let name = segment_name(self.segments[index].0);
        let Some(culprit) = self.culprit(index, &fork.contents(&name).expect("it is there")) else {
            Journal::open(fork.clone(), options(SEGMENT)).unwrap_or_else(|error| panic!("{about}: {error}"));
            return false;
        };
        if deep {
            match verify(fork) {
                Err(error) => assert_eq!(error.bad_seq(), Some(culprit), "{about}: {error}"),
                Ok(report) => {
                    assert_eq!((report.last_seq, culprit), (self.records, self.records + 1), "{about}")
                }
            }
        }
        match Journal::open(fork.clone(), options(SEGMENT)) {
            Err(error) => {
                assert!(error.is_damage(), "{about}: {error}");
                assert_eq!(error.bad_seq(), Some(culprit), "{about}: {error}");
            }
            Ok((_, recovered)) => {
                assert_eq!(culprit, self.records + 1, "{about}: damage was applied");
                assert_eq!(recovered.next_seq, self.records + 1, "{about}");
                assert!(recovered.cut.is_some(), "{about}: nobody was told");
            }
        }
        true
    }
}

#[test]
fn two_hundred_thousand_flipped_bits() {
    let target = Target::new();
    let mut rng = Rng::new(41);
    for round in 0..200_000 {
        let index = rng.below(target.segments.len());
        let (first, bytes) = &target.segments[index];
        let (byte, bit) = (rng.below(bytes.len()), u8::try_from(rng.below(8)).expect("below 8"));
        let fork = target.disk.fork();
        fork.flip_bit(&segment_name(*first), byte, bit);
        let about = format!("round {round}: bit {bit} of byte {byte} of segment {first}");
        assert!(target.check(&fork, index, round % 16 == 0, &about), "{about}");
    }
}

#[test]
fn every_bit_of_the_last_batch_with_and_without_its_watermark() {
    let target = Target::new();
    let index = target.segments.len() - 1;
    let (first, bytes) = &target.segments[index];
    let last = extents(bytes).pop().expect("batches");
    for byte in last.start..last.end {
        for bit in 0..8 {
            let fork = target.disk.fork();
            fork.flip_bit(&segment_name(*first), byte, bit);
            assert!(target.check(&fork, index, false, &format!("bit {bit} of byte {byte}")));
            // A whole batch with a flipped bit is no tear, whether or not it was acknowledged.
            fork.lose("watermark");
            let opened = Journal::open(fork, options(SEGMENT));
            assert!(opened.is_err_and(|error| error.is_damage()), "bit {bit} of byte {byte}");
        }
    }
}

#[test]
fn zeroed_sectors_and_runs() {
    let target = Target::new();
    let mut rng = Rng::new(42);
    let mut found = 0;
    for round in 0..5000 {
        let index = rng.below(target.segments.len());
        let (first, bytes) = &target.segments[index];
        let sector = rng.below(bytes.len() / 512) * 512;
        let (at, len) =
            if round % 5 == 0 { (rng.below(bytes.len()), 1 + rng.below(3000)) } else { (sector, 512) };
        let fork = target.disk.fork();
        fork.zero(&segment_name(*first), at, len);
        let about = format!("round {round}: {len} bytes from {at} of segment {first}");
        found += usize::from(target.check(&fork, index, round % 4 == 0, &about));
    }
    assert!(found > 2000, "{found}");
}

#[test]
fn swapped_blocks() {
    let target = Target::new();
    let mut rng = Rng::new(43);
    let mut found = 0;
    for round in 0..4000 {
        let index = rng.below(target.segments.len());
        let (first, bytes) = &target.segments[index];
        let block = [64, 512, 1024][rng.below(3)];
        let mut place = || rng.below(bytes.len() / block) * block;
        let (one, other) = (place(), place());
        let fork = target.disk.fork();
        fork.swap(&segment_name(*first), one, other, block);
        let about = format!("round {round}: {block} bytes at {one} and {other} of segment {first}");
        found += usize::from(target.check(&fork, index, round % 4 == 0, &about));
    }
    assert!(found > 2000, "{found}");
}

#[test]
fn cut_files() {
    let target = Target::new();
    for (index, (first, bytes)) in target.segments.iter().enumerate() {
        let found = extents(bytes);
        let last = found.last().expect("batches");
        for cut in (0..last.padding).step_by(7) {
            if found.iter().any(|extent| (extent.padding..extent.end).contains(&cut)) {
                continue; // Only zeros of that batch are gone, and the next one is blamed.
            }
            let fork = target.disk.fork();
            fork.truncate(&segment_name(*first), cut);
            let error = Journal::open(fork, options(SEGMENT)).err();
            let error = error.unwrap_or_else(|| panic!("segment {index} cut at {cut} was accepted"));
            let seq = error.bad_seq().unwrap_or_else(|| panic!("segment {index} cut at {cut}: {error}"));
            assert_eq!(Some(seq), blame(bytes, cut), "segment {index} cut at {cut}: {error}");
        }
    }
}

#[test]
fn stale_missing_and_exchanged_segments() {
    let target = Target::new();
    let young = MemDisk::new();
    let (mut journal, _) = Journal::open(young.clone(), options(SEGMENT)).unwrap();
    let mut stale = 0;
    while journal.next_seq() <= target.records {
        let (first, older) = segments(&young).pop().unwrap_or((0, Vec::new()));
        if let Some((_, now)) = target.segments.iter().find(|(seq, bytes)| *seq == first && *bytes != older) {
            let fork = target.disk.fork();
            fork.put(&segment_name(first), &older);
            let error = Journal::open(fork.clone(), options(SEGMENT)).err();
            let error = error.unwrap_or_else(|| panic!("a stale segment {first} was accepted"));
            let byte = now.iter().zip(&older).position(|(a, b)| a != b).unwrap();
            assert_eq!(error.bad_seq(), blame(now, byte), "{error}");
            assert_eq!(verify(&fork).unwrap_err().bad_seq(), error.bad_seq());
            stale += 1;
        }
        commit_next(&mut journal).unwrap();
    }
    assert!(stale > 50, "{stale}");
    for (index, (first, _)) in target.segments.iter().enumerate() {
        let fork = target.disk.fork();
        fork.lose(&segment_name(*first));
        let error = Journal::open(fork, options(SEGMENT)).err().expect("a segment is missing");
        let missing_start = matches!(&error, JournalError::MissingStart { wanted: 1, .. });
        assert!(if index == 0 { missing_start } else { error.bad_seq() == Some(*first) }, "{error}");
        let (other, bytes) = &target.segments[(index + 1) % target.segments.len()];
        let fork = target.disk.fork();
        fork.put(&segment_name(*first), bytes);
        fork.put(&segment_name(*other), &target.segments[index].1);
        assert!(Journal::open(fork, options(SEGMENT)).is_err_and(|error| error.is_damage()));
    }
}

#[test]
fn a_lost_old_or_damaged_watermark_is_harmless() {
    let target = Target::new();
    let mark = target.disk.contents("watermark").expect("it is there");
    let check = |fork: MemDisk, about: &str| {
        let (_, recovered) =
            Journal::open(fork, options(SEGMENT)).unwrap_or_else(|error| panic!("{about}: {error}"));
        assert_eq!((recovered.next_seq, recovered.cut), (target.records + 1, None), "{about}");
    };
    for byte in 0..mark.len() {
        for bit in 0..8 {
            let fork = target.disk.fork();
            fork.flip_bit("watermark", byte, bit);
            check(fork, &format!("bit {bit} of byte {byte}"));
        }
    }
    for len in 0..mark.len() {
        let fork = target.disk.fork();
        fork.truncate("watermark", len);
        check(fork, &format!("cut at {len}"));
    }
    let (young, _) = journal_of(10 << 10, SEGMENT);
    let fork = target.disk.fork();
    fork.put("watermark", &young.contents("watermark").unwrap());
    check(fork, "an old one");
}

#[test]
fn a_watermark_of_another_history_is_refused() {
    let (disk, records) = journal_of(4 << 10, SEGMENT);
    let other = MemDisk::new();
    let (mut journal, _) = Journal::open(other.clone(), options(SEGMENT)).unwrap();
    let mut batch = journal::Batch::default();
    while journal.next_seq() <= records {
        batch.push(b"another record").unwrap();
        journal.commit(&mut batch, 0).unwrap();
    }
    disk.put("watermark", &other.contents("watermark").unwrap());
    let error = Journal::open(disk, options(SEGMENT)).err().expect("refused");
    assert!(matches!(error, JournalError::ChainBroken { .. }), "{error}");
}

#[test]
fn a_segment_of_another_history_is_refused() {
    let write = |first: &[u8]| {
        let disk = MemDisk::new();
        let (mut journal, _) = Journal::open(disk.clone(), options(1024)).unwrap();
        let mut batch = journal::Batch::default();
        for seq in 0..20 {
            batch.push(if seq == 0 { first } else { &[7; 200] }).unwrap();
            journal.commit(&mut batch, seq).unwrap();
        }
        disk
    };
    let (ours, other) = (write(b"ours!"), write(b"other"));
    let (theirs, own) = (segments(&other), segments(&ours));
    for (index, (first, bytes)) in theirs.iter().enumerate() {
        assert_eq!(own[index].0, *first);
        let fork = ours.fork();
        fork.lose("watermark");
        fork.put(&segment_name(*first), bytes);
        for error in [verify(&fork).err(), Journal::open(fork, options(1024)).err()] {
            let error = error.unwrap_or_else(|| panic!("a foreign segment {first} was accepted"));
            // A foreign first segment is sound in itself; the next one does not continue it.
            let named = if index == 0 { own[1].0 } else { *first };
            assert!(matches!(error, JournalError::ChainBroken { seq, .. } if seq == named), "{error}");
        }
    }
}
