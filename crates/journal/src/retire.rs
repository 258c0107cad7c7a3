//! Takes old segments out of the way: those that lie wholly before the oldest sound snapshot, oldest first.
//!
//! What recovery could need is never touched: without a sound snapshot nothing is retired, and the last
//! segment always stays. Each removal is durable before the next, so no loss of power leaves a hole.
//! It may run beside the writer. Absent: any deletion inside a segment.

use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::layout::{ARCHIVE, parse_segment_name, segment_name};
use crate::snapshot::SnapshotStore;

/// What becomes of segments that recovery does not need any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// They are deleted.
    Delete,
    /// They move to the archive, whose oldest ones are deleted beyond these bounds.
    Keep { segments_max: usize, bytes_max: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Segments that stay in any case, for readers that lag behind.
    pub segments_min: usize,
    pub archive: Archive,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    pub segments: usize,
    pub archive_deleted: usize,
    /// The first record that is still in the journal, if there is one.
    pub first_seq: Option<u64>,
}

/// Retires segments whose every record is at most `up_to_seq` and in the oldest sound snapshot.
pub fn retire<D: Disk>(
    disk: &D,
    snapshots: &SnapshotStore<D>,
    up_to_seq: u64,
    retention: &Retention,
) -> Result<Retired> {
    let mut segments = segments(disk, "")?;
    let mut done = Retired::default();
    if let Some(snapshot) = oldest_good(snapshots)? {
        let limit = up_to_seq.min(snapshot);
        let free = segments.windows(2).filter_map(<[u64]>::first_chunk::<2>);
        let free = free.take_while(|[_, next]| *next <= limit.saturating_add(1)).count();
        done.segments = free.min(segments.len().saturating_sub(retention.segments_min.max(1)));
        for first_seq in segments.drain(..done.segments) {
            retire_one(disk, first_seq, retention.archive)?;
        }
    }
    done.first_seq = segments.first().copied();
    if let Archive::Keep { segments_max, bytes_max } = retention.archive {
        done.archive_deleted = bound_archive(disk, segments_max, bytes_max)?;
    }
    Ok(done)
}

fn retire_one<D: Disk>(disk: &D, first_seq: u64, archive: Archive) -> Result<()> {
    let name = segment_name(first_seq);
    match archive {
        Archive::Delete => disk.remove(&name).map_err(JournalError::io("removing", &name))?,
        Archive::Keep { .. } => {
            let moved = disk.rename(&name, &archived_name(first_seq));
            moved.map_err(JournalError::io("archiving", &name))?;
        }
    }
    disk.sync_dir().map_err(JournalError::io("syncing the directory of", &name))
}

fn oldest_good<D: Disk>(snapshots: &SnapshotStore<D>) -> Result<Option<u64>> {
    for seq in snapshots.list()?.into_iter().rev() {
        match snapshots.load(seq) {
            Ok(loaded) => return Ok(Some(loaded.info.seq)),
            Err(JournalError::SnapshotBad { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Oldest first and each durable before the next, so that what stays has no hole.
fn bound_archive<D: Disk>(disk: &D, segments_max: usize, bytes_max: u64) -> Result<usize> {
    let mut archived = segments(disk, ARCHIVE)?;
    let (mut kept, mut bytes) = (0, 0u64);
    for first_seq in archived.iter().rev() {
        let name = archived_name(*first_seq);
        let file = disk.open(&name).map_err(JournalError::io("opening", &name))?;
        bytes = bytes.saturating_add(file.len().map_err(JournalError::io("measuring", &name))?);
        if kept == segments_max || bytes > bytes_max {
            break;
        }
        kept += 1;
    }
    archived.truncate(archived.len() - kept);
    for first_seq in &archived {
        let name = archived_name(*first_seq);
        disk.remove(&name).map_err(JournalError::io("removing", &name))?;
        disk.sync_dir().map_err(JournalError::io("syncing the directory of", &name))?;
    }
    Ok(archived.len())
}

fn archived_name(first_seq: u64) -> String {
    format!("{ARCHIVE}{}", segment_name(first_seq))
}

/// First records of the segments in a place, oldest first.
fn segments<D: Disk>(disk: &D, prefix: &str) -> Result<Vec<u64>> {
    let names = disk.list().map_err(JournalError::io("listing", "the journal"))?;
    let names = names.iter().filter_map(|name| name.strip_prefix(prefix));
    let mut segments: Vec<u64> = names.filter_map(parse_segment_name).collect();
    segments.sort_unstable();
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Crash, Fault, FaultKind, MemDisk};

    #[test]
    fn an_archive_that_shrinks_has_no_hole() {
        for at in 0..16 {
            let disk = MemDisk::faulty();
            for first_seq in 1..=6 {
                disk.put(&archived_name(first_seq), &[7; 100]);
            }
            disk.set_fault(Some(Fault { at, kind: FaultKind::Error, persistent: true }));
            let outcome = bound_archive(&disk, 2, 1000);
            for seed in 0..20 {
                let left = segments(&disk.crash(Crash::torn(seed)), ARCHIVE).unwrap();
                let whole = left.windows(2).all(|pair| pair[0] + 1 == pair[1]);
                assert!(whole && left.ends_with(&[5, 6]), "operation {at} failed: {left:?}");
                assert!(outcome.is_err() || left == [5, 6], "operation {at}: {left:?}");
            }
        }
    }
}
