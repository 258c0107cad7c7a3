//! Opening a journal: find its end, cut what was torn, refuse what was damaged, and make sure that what is
//! kept is really on the disk.
//!
//! Checked here is everything that replay will read: from the segment of the newest snapshot to the end;
//! `verify` checks the rest. Opening again after a crash during opening gives the same answer: the cut takes
//! the body before the header, so what is left of a torn batch still looks torn. Absent: guessing.

use std::sync::Arc;

use crate::batch::Sealer;
use crate::chain::Chain;
use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::journal::Options;
use crate::layout::{ALIGN, BATCH_HEADER, BatchHeader, RESERVE, is_leftover};
use crate::pool::SegmentPool;
use crate::scan::{Check, Reach};
use crate::snapshot::{DamagedSnapshot, SnapshotInfo, SnapshotStore};
use crate::walk::{Torn, Walker};
use crate::watermark::{self, Watermark};
use crate::writer::{Segment, Writer};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The first record that the journal still holds, or will hold.
    pub first_seq: u64,
    pub next_seq: u64,
    /// The chain value after the last record.
    pub chain: Chain,
    pub cut: Option<Cut>,
    /// Its header is sound; its body is checked when it is loaded.
    pub newest_snapshot: Option<SnapshotInfo>,
    /// Newer ones that are not sound.
    pub damaged_snapshots: Vec<DamagedSnapshot>,
}

/// A batch at the end that was never whole, and so never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The record it would have started with.
    pub seq: u64,
    pub segment: String,
    pub offset: u64,
    pub bytes: u64,
    pub why: &'static str,
}

pub(crate) fn open<D: Disk>(disk: D, options: Options) -> Result<(Sealer, Writer<D>, Recovered)> {
    check_options(&options)?;
    let lock = disk.lock()?;
    let reserved = clear_leftovers(&disk)?;
    let mark = watermark::read(&disk, Some(options.shard))?;
    let snapshots = SnapshotStore::new(disk.clone(), options.shard);
    let (newest_snapshot, damaged_snapshots) = snapshots.newest_header()?;
    let from_seq = newest_snapshot.map_or(1, |snapshot| snapshot.seq);
    let mut walker =
        Walker::new(disk.clone(), Reach::Journal, Check::Crc, mark, Some(options.shard), from_seq)?;
    walk_to_end(&mut walker, newest_snapshot.as_ref())?;
    let cut = found_cut(&walker);
    let segment = settle(&disk, &walker)?;
    let mut watermark = Watermark::open(&disk, options.shard)?;
    let (next_seq, chain) = (walker.next_seq(), walker.chain());
    if next_seq > 1 {
        watermark.write(watermark::mark(next_seq - 1, chain))?;
    }
    let recovered = Recovered {
        first_seq: first_segment(&disk)?.unwrap_or(next_seq),
        next_seq,
        chain,
        cut,
        newest_snapshot,
        damaged_snapshots,
    };
    let sealer = Sealer::new(options.shard, options.epoch, next_seq, chain);
    let pool = Arc::new(SegmentPool::new(disk.clone(), options, reserved));
    let writer = Writer::new(disk, pool, segment, watermark, next_seq, lock);
    Ok((sealer, writer, recovered))
}

fn check_options(options: &Options) -> Result<()> {
    let (bytes, min) = (options.segment_bytes, Options::SEGMENT_BYTES_MIN);
    if bytes < min || !bytes.is_multiple_of(ALIGN as u64) {
        return Err(JournalError::BadSegmentSize { bytes, min });
    }
    Ok(())
}

/// Removes what a write cut short left behind; answers whether the reserve is there.
fn clear_leftovers<D: Disk>(disk: &D) -> Result<bool> {
    let names = disk.list().map_err(JournalError::io("listing", "the journal"))?;
    for name in names.iter().filter(|name| is_leftover(name)) {
        disk.remove(name).map_err(JournalError::io("removing", name))?;
    }
    // Also makes durable a name that the last process gave and could not sync.
    disk.sync_dir().map_err(JournalError::io("syncing", "the directory"))?;
    Ok(names.iter().any(|name| name == RESERVE))
}

fn first_segment<D: Disk>(disk: &D) -> Result<Option<u64>> {
    let names = disk.list().map_err(JournalError::io("listing", "the journal"))?;
    Ok(names.iter().filter_map(|name| crate::layout::parse_segment_name(name)).min())
}

/// Walks to the end; the snapshot must lie on the way and belong to this history.
fn walk_to_end<D: Disk>(walker: &mut Walker<D>, snapshot: Option<&SnapshotInfo>) -> Result<()> {
    let first_seq = walker.next_seq();
    let covered = snapshot.map_or(0, |snapshot| snapshot.seq);
    if covered.saturating_add(1) < first_seq {
        return Err(JournalError::MissingStart { wanted: covered.saturating_add(1), first_seq });
    }
    if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.seq.checked_add(1) == Some(first_seq)) {
        check_history(snapshot, Some(walker.chain().tag()))?;
    }
    while let Some(header) = walker.next_batch()? {
        if let Some(snapshot) = snapshot.filter(|s| (header.first_seq..header.next_seq()).contains(&s.seq)) {
            check_history(snapshot, walker.tag_of(snapshot.seq))?;
        }
    }
    let end = walker.next_seq() - 1;
    if covered > end {
        return Err(JournalError::SnapshotAhead { snapshot: covered, end });
    }
    Ok(())
}

fn check_history(snapshot: &SnapshotInfo, tag: Option<u64>) -> Result<()> {
    if tag == Some(snapshot.chain.tag()) {
        return Ok(());
    }
    let why = "it was made from another history than this journal's".to_owned();
    Err(JournalError::SnapshotBad { seq: snapshot.seq, why })
}

fn found_cut<D: Disk>(walker: &Walker<D>) -> Option<Cut> {
    let (place, torn) = (walker.place()?, walker.torn()?);
    Some(Cut {
        seq: walker.next_seq(),
        segment: place.segment.to_owned(),
        offset: torn.at,
        bytes: torn.bytes,
        why: torn.why,
    })
}

/// Cuts what was torn and syncs what is kept; answers the segment to go on with.
fn settle<D: Disk>(disk: &D, walker: &Walker<D>) -> Result<Option<Segment<D::File>>> {
    let Some(place) = walker.place() else { return Ok(None) };
    let name = place.segment.to_owned();
    let file = disk.open(&name).map_err(JournalError::io("opening", &name))?;
    if let Some(torn) = walker.torn() {
        cut_tail(&file, &name, torn)?;
    }
    if let Some((at, header)) = place.last_batch {
        write_again(&file, &name, at, &header)?;
    }
    file.sync_data().map_err(JournalError::io("syncing", &name))?;
    Ok(Some(Segment { file, name, end: place.end, len: place.len }))
}

fn cut_tail<F: DiskFile>(file: &F, name: &str, torn: &Torn) -> Result<()> {
    let head = (BATCH_HEADER as u64).min(torn.bytes);
    zero(file, name, torn.at + head, torn.bytes - head)?;
    file.sync_data().map_err(JournalError::io("syncing", name))?;
    zero(file, name, torn.at, head)
}

fn zero<F: DiskFile>(file: &F, name: &str, at: u64, len: u64) -> Result<()> {
    let zeros = vec![0; usize::try_from(len).unwrap_or(usize::MAX).min(1 << 16)];
    let mut done = 0;
    while done < len {
        let piece = usize::try_from(len - done).unwrap_or(usize::MAX).min(zeros.len());
        let piece = zeros.get(..piece).unwrap_or_default();
        file.write_at(piece, at + done).map_err(JournalError::io("clearing the end of", name))?;
        done += piece.len() as u64;
    }
    Ok(())
}

/// After a failed sync the cache shows bytes that the disk may not have and holds them for clean. Writing the
/// last batch again, the only one not known to be synced, makes the next sync carry it.
fn write_again<F: DiskFile>(file: &F, name: &str, at: u64, header: &BatchHeader) -> Result<()> {
    let mut bytes = vec![0; header.total_len()];
    file.read_full(&mut bytes, at).map_err(JournalError::io("reading", name))?;
    file.write_at(&bytes, at).map_err(JournalError::io("writing", name))
}
