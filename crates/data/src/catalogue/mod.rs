//! The catalogue: rows on disk, by instrument, kind, and day or year, in Parquet files that any tool reads.
//! One process writes, any number read. A part is visible once it is whole, on disk, and in the manifest;
//! what a crash leaves beside is ignored, and told by `verify`.

mod append;
mod manifest;
mod part;
mod scan;
mod verify;

pub use append::Compacted;
pub use manifest::{Manifest, Part, Source};
pub use part::BATCH_ROWS;
pub use scan::{Scan, ScanCost};
pub use verify::{Flaw, FlawKind};

use crate::DataError;
use crate::error::io;
use crate::row::{Kind, Row};
use model::{Grid, Symbol, Time};
use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::ops::Range;
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";

/// One instrument's rows of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf {
    pub instrument: Symbol,
    pub kind: Kind,
}

/// A partition of a shelf, by its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub shelf: Shelf,
    pub partition: String,
    pub manifest: Manifest,
}

/// What a shelf holds altogether.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub partitions: u64,
    pub parts: u64,
    pub rows: u64,
    pub bytes: u64,
    pub times: Option<(Time, Time)>,
}

#[derive(Debug)]
pub struct Catalogue {
    root: PathBuf,
    /// Held while this catalogue may write.
    lock: Option<File>,
}

impl Catalogue {
    /// For reading; an absent folder is an empty catalogue.
    #[must_use]
    pub fn open(root: &Path) -> Self {
        Self { root: root.to_owned(), lock: None }
    }

    /// For reading and writing; refused while another process writes.
    pub fn open_to_write(root: &Path) -> Result<Self, DataError> {
        fs::create_dir_all(root).map_err(io("create", root))?;
        let path = root.join(LOCK);
        let file = File::create(&path).map_err(io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), lock: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(DataError::Locked(root.to_owned())),
            Err(TryLockError::Error(error)) => Err(io("lock", &path)(error)),
        }
    }

    /// The rows of a shelf from `range.start` on and before `range.end`, in order of time.
    pub fn scan<R: Row>(&self, shelf: &Shelf, range: Range<Time>) -> Result<Scan<R>, DataError> {
        check_kind::<R>(shelf)?;
        let period = shelf.kind.period();
        let (first, last) = (period.partition_of(range.start), period.partition_of(range.end));
        let mut folders: VecDeque<(PathBuf, Manifest)> = VecDeque::new();
        for (partition, folder) in self.partitions(shelf)? {
            let Some(manifest) = Manifest::read(&folder)? else { continue };
            let inside = manifest
                .parts
                .iter()
                .any(|part| part.time_first < range.end && part.time_last >= range.start);
            if partition < first || partition > last || !inside {
                continue;
            }
            if let Some((_, before)) = folders.back() {
                check_grid(&format!("{} before {partition}", shelf.instrument), before.grid, manifest.grid)?;
            }
            folders.push_back((folder, manifest));
        }
        Ok(Scan::new(range, folders))
    }

    /// Every partition there is, or those of one instrument.
    pub fn list(&self, instrument: Option<&Symbol>) -> Result<Vec<Listing>, DataError> {
        let mut listings = Vec::new();
        for shelf in self.shelves()? {
            if instrument.is_some_and(|wanted| *wanted != shelf.instrument) {
                continue;
            }
            for (partition, folder) in self.partitions(&shelf)? {
                if let Some(manifest) = Manifest::read(&folder)? {
                    listings.push(Listing { shelf, partition, manifest });
                }
            }
        }
        Ok(listings)
    }

    /// The folder it lies in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What prices and quantities of an instrument count here; none where it has no rows yet.
    pub fn grid_of(&self, instrument: &Symbol) -> Result<Option<Grid>, DataError> {
        Ok(self.list(Some(instrument))?.last().map(|listing| listing.manifest.grid))
    }

    pub fn stats(&self, shelf: &Shelf) -> Result<Stats, DataError> {
        let mut stats = Stats::default();
        for (_, folder) in self.partitions(shelf)? {
            let Some(manifest) = Manifest::read(&folder)? else { continue };
            stats.partitions += 1;
            for part in &manifest.parts {
                stats.parts += 1;
                stats.rows += part.rows;
                stats.bytes += part.bytes;
                let (first, last) = stats.times.unwrap_or((part.time_first, part.time_last));
                stats.times = Some((first.min(part.time_first), last.max(part.time_last)));
            }
        }
        Ok(stats)
    }

    /// How far sources were read into each partition of a shelf.
    pub(crate) fn sources(&self, shelf: &Shelf, name: &str) -> Result<Vec<(String, Source)>, DataError> {
        let mut found = Vec::new();
        for (partition, folder) in self.partitions(shelf)? {
            let sources = Manifest::read(&folder)?.map(|manifest| manifest.sources).unwrap_or_default();
            found.extend(
                sources
                    .into_iter()
                    .filter(|source| source.name == name)
                    .map(|source| (partition.clone(), source)),
            );
        }
        Ok(found)
    }

    fn shelves(&self) -> Result<Vec<Shelf>, DataError> {
        let mut shelves = Vec::new();
        for (name, folder) in manifest::files(&self.root)? {
            let Some(instrument) = unescape(&name).and_then(|name| Symbol::new(&name).ok()) else { continue };
            if !folder.is_dir() {
                continue;
            }
            for (name, _) in manifest::files(&folder)? {
                if let Some(kind) = unescape(&name).and_then(|name| name.parse().ok()) {
                    shelves.push(Shelf { instrument, kind });
                }
            }
        }
        Ok(shelves)
    }

    fn partitions(&self, shelf: &Shelf) -> Result<Vec<(String, PathBuf)>, DataError> {
        manifest::files(&self.folder(shelf))
    }

    fn folder(&self, shelf: &Shelf) -> PathBuf {
        self.root.join(escape(shelf.instrument.as_str())).join(escape(&shelf.kind.to_string()))
    }

    fn check_writable(&self) -> Result<(), DataError> {
        self.lock.as_ref().map(drop).ok_or_else(|| DataError::ReadOnly(self.root.clone()))
    }
}

fn check_kind<R: Row>(shelf: &Shelf) -> Result<(), DataError> {
    if R::fits(&shelf.kind) { Ok(()) } else { Err(DataError::WrongKind { kind: shelf.kind.to_string() }) }
}

fn check_grid(place: &str, kept: Grid, given: Grid) -> Result<(), DataError> {
    if kept == given {
        Ok(())
    } else {
        Err(DataError::GridDiffers { place: place.to_owned(), grids: Box::new((kept, given)) })
    }
}

/// A name as a folder: letters, digits, `-`, `_` and inner dots stay, the rest becomes `%` and two digits.
fn escape(name: &str) -> String {
    let mut out = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn unescape(name: &str) -> Option<String> {
    let mut parts = name.split('%');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let byte = u8::from_str_radix(part.get(..2)?, 16).ok()?;
        out.push(char::from(byte));
        out.push_str(part.get(2..)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_symbol_is_a_folder_and_back() {
        for name in ["BTC-USDT", "BTC/USDT", "..", ".", "ES.c.0", "a%b", "^SPX", "EUR:USD"] {
            let folder = escape(name);
            assert!(!folder.contains('/') && !folder.starts_with('.'), "{folder}");
            assert_eq!(unescape(&folder).as_deref(), Some(name));
        }
    }
}
