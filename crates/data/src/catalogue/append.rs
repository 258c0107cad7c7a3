//! Rows come in: one new part a partition, then its manifest. Parts of like size are merged in sixteens, so a
//! partition of a million appends is a few dozen files, and a row is rewritten a few times in all.

use super::manifest::{Manifest, Part, Source};
use super::part::{self, BATCH_ROWS};
use super::scan::{Merge, ScanCost};
use super::{Catalogue, Shelf, check_grid, check_kind};
use crate::DataError;
use crate::error::io;
use crate::row::{Period, Row};
use model::{Grid, Time};
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// So many parts of one size become one of the next.
const FAN: usize = 16;

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    pub partitions: u64,
    pub parts_before: u64,
    pub parts_after: u64,
    pub bytes_before: u64,
    pub bytes_after: u64,
}

impl Catalogue {
    /// Adds rows, in any order of time; those of one moment stay in the order given.
    pub fn append<R: Row>(&self, shelf: &Shelf, grid: Grid, rows: &[R]) -> Result<(), DataError> {
        for (partition, rows) in by_partition(shelf.kind.period(), rows) {
            self.append_part(shelf, &partition, grid, rows, None)?;
        }
        Ok(())
    }

    /// Adds rows of one partition, with the position in their source: both become visible at once.
    pub(crate) fn append_part<R: Row>(
        &self,
        shelf: &Shelf,
        partition: &str,
        grid: Grid,
        mut rows: Vec<R>,
        source: Option<&Source>,
    ) -> Result<(), DataError> {
        self.check_writable()?;
        check_kind::<R>(shelf)?;
        if rows.iter().any(|row| row.time() == Time::MAX) {
            return Err(DataError::TooLarge { what: "a time" });
        }
        let folder = self.folder(shelf).join(partition);
        let known = Manifest::read(&folder)?;
        if known.is_none() {
            create_folders(&folder)?;
        }
        let mut manifest = known.unwrap_or_else(|| Manifest::new(grid));
        check_grid(&format!("{} {} {partition}", shelf.instrument, shelf.kind), manifest.grid, grid)?;
        rows.sort_by_key(Row::time);
        let number = manifest.next_number();
        let batches = rows.chunks(BATCH_ROWS).map(|chunk| Ok(chunk.to_vec()));
        let sources = source.map(std::slice::from_ref).unwrap_or_default();
        manifest.parts.extend(part::write(&folder, (number, number), grid, sources, batches)?);
        source.into_iter().for_each(|source| manifest.note(source));
        manifest.write(&folder)?;
        merge_like_sizes::<R>(&folder, &mut manifest)
    }

    /// Makes one part of each partition; what a query gives stays the same.
    pub fn compact<R: Row>(&self, shelf: &Shelf) -> Result<Compacted, DataError> {
        self.check_writable()?;
        check_kind::<R>(shelf)?;
        let mut done = Compacted::default();
        for (_, folder) in self.partitions(shelf)? {
            let Some(mut manifest) = Manifest::read(&folder)? else { continue };
            done.partitions += 1;
            done.parts_before += manifest.parts.len() as u64;
            done.bytes_before += manifest.parts.iter().map(|part| part.bytes).sum::<u64>();
            if manifest.parts.len() > 1 {
                let all = 0..manifest.parts.len();
                merge::<R>(&folder, &mut manifest, all)?;
            }
            done.parts_after += manifest.parts.len() as u64;
            done.bytes_after += manifest.parts.iter().map(|part| part.bytes).sum::<u64>();
        }
        Ok(done)
    }
}

/// The rows by the name of their partition, each group in the order given.
pub(crate) fn by_partition<R: Row>(period: Period, rows: &[R]) -> BTreeMap<String, Vec<R>> {
    let mut groups: BTreeMap<String, Vec<R>> = BTreeMap::new();
    let runs = rows.chunk_by(|one, next| Period::day_of(one.time()) == Period::day_of(next.time()));
    for run in runs {
        let name = period.partition_of(run[0].time());
        groups.entry(name).or_default().extend_from_slice(run);
    }
    groups
}

fn merge_like_sizes<R: Row>(folder: &Path, manifest: &mut Manifest) -> Result<(), DataError> {
    loop {
        let count = manifest.parts.len();
        let Some(tail) = count.checked_sub(FAN) else { return Ok(()) };
        let level = |part: &Part| part.span().ilog(FAN as u64);
        let last = level(&manifest.parts[count - 1]);
        if manifest.parts[tail..].iter().any(|part| level(part) != last) {
            return Ok(());
        }
        merge::<R>(folder, manifest, tail..count)?;
    }
}

/// One part instead of neighbours. The old files go last: until the new manifest is there, they are the truth.
fn merge<R: Row>(folder: &Path, manifest: &mut Manifest, at: Range<usize>) -> Result<(), DataError> {
    let old = manifest.parts[at.clone()].to_vec();
    let (Some(first), Some(last)) = (old.first(), old.last()) else { return Ok(()) };
    let mut merge = Merge::<R>::new(folder.to_owned(), &old, Time::MIN..Time::MAX);
    let mut cost = ScanCost::default();
    let batches = std::iter::from_fn(|| {
        let mut rows = Vec::new();
        match merge.fill(&mut rows, &mut cost) {
            Ok(()) if rows.is_empty() => None,
            Ok(()) => Some(Ok(rows)),
            Err(error) => Some(Err(error)),
        }
    });
    let numbers = (first.first, last.last);
    let new = part::write(folder, numbers, manifest.grid, &manifest.sources, batches)?;
    manifest.parts.splice(at, new);
    manifest.write(folder)?;
    for part in old {
        let path = folder.join(part.file());
        fs::remove_file(&path).map_err(io("remove", &path))?;
    }
    Ok(())
}

/// New folders last only once each folder above them is synced.
fn create_folders(folder: &Path) -> Result<(), DataError> {
    fs::create_dir_all(folder).map_err(io("create", folder))?;
    for above in folder.ancestors().skip(1).take(3) {
        super::manifest::sync_folder(above)?;
    }
    Ok(())
}
