//! What is not as it should be on disk: remains of a crash, which nobody misses, and damage, which somebody
//! must know of. `repair` clears the first away and makes a lost manifest again; it never touches rows.

use super::Catalogue;
use super::manifest::{self, FILE, Manifest, Part, sync_folder};
use super::part::{self, BESIDE};
use crate::DataError;
use crate::error::io;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub path: PathBuf,
    pub kind: FlawKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// A file that was being written when its process died. Ignored.
    Unfinished,
    /// A part that no manifest names: its write or its merge did not come to the end. Ignored.
    Unlisted,
    /// The manifest is torn; the partition cannot be read before it is repaired.
    Manifest,
    /// The manifest names a part that is not there.
    Missing,
    /// A part whose bytes are not those that were written.
    Damaged,
}

impl FlawKind {
    /// Rows that were acknowledged are not there.
    #[must_use]
    pub fn loses_rows(self) -> bool {
        matches!(self, Self::Missing | Self::Damaged)
    }
}

impl Catalogue {
    /// Reads every byte and tells what is not as it was written.
    pub fn verify(&self) -> Result<Vec<Flaw>, DataError> {
        let mut flaws = Vec::new();
        for shelf in self.shelves()? {
            for (_, folder) in self.partitions(&shelf)? {
                verify_folder(&folder, &mut flaws)?;
            }
        }
        Ok(flaws)
    }

    /// Removes what a crash left and makes torn manifests again. Returns what it found; what loses rows stays
    /// as it is.
    pub fn repair(&self) -> Result<Vec<Flaw>, DataError> {
        self.check_writable()?;
        let flaws = self.verify()?;
        for flaw in &flaws {
            match flaw.kind {
                FlawKind::Unfinished | FlawKind::Unlisted => {
                    fs::remove_file(&flaw.path).map_err(io("remove", &flaw.path))?;
                }
                FlawKind::Manifest => rebuild(flaw.path.parent().unwrap_or(&flaw.path))?,
                FlawKind::Missing | FlawKind::Damaged => {}
            }
        }
        Ok(flaws)
    }
}

fn verify_folder(folder: &Path, flaws: &mut Vec<Flaw>) -> Result<(), DataError> {
    let files = manifest::files(folder)?;
    let mut tell = |path: PathBuf, kind| flaws.push(Flaw { path, kind });
    for (_, path) in files.iter().filter(|(name, _)| name.ends_with(BESIDE)) {
        tell(path.clone(), FlawKind::Unfinished);
    }
    let manifest = match Manifest::read(folder) {
        Ok(manifest) => manifest,
        Err(DataError::Manifest(path)) => {
            tell(path, FlawKind::Manifest);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let parts = manifest.map(|manifest| manifest.parts).unwrap_or_default();
    for (name, path) in &files {
        if Part::numbers(name).is_some() && !parts.iter().any(|part| part.file() == *name) {
            tell(path.clone(), FlawKind::Unlisted);
        }
    }
    for part in &parts {
        let path = folder.join(part.file());
        if !files.iter().any(|(name, _)| *name == part.file()) {
            tell(path, FlawKind::Missing);
        } else if sum(&path)? != (part.bytes, part.crc) {
            tell(path, FlawKind::Damaged);
        }
    }
    Ok(())
}

fn sum(path: &Path) -> Result<(u64, u32), DataError> {
    let mut file = File::open(path).map_err(io("open", path))?;
    let mut buffer = vec![0; 1 << 16];
    let (mut bytes, mut crc) = (0, 0);
    loop {
        match file.read(&mut buffer).map_err(io("read", path))? {
            0 => return Ok((bytes, crc)),
            read => {
                bytes += read as u64;
                crc = crc32c::crc32c_append(crc, &buffer[..read]);
            }
        }
    }
}

/// From the parts' own footers. Where a merge was cut short, the merged part and those it is made of are all
/// there; the widest stands for those it covers.
fn rebuild(folder: &Path) -> Result<(), DataError> {
    let mut found: Vec<(u64, u64, PathBuf)> = Vec::new();
    for (name, path) in manifest::files(folder)? {
        found.extend(Part::numbers(&name).map(|(first, last)| (first, last, path)));
    }
    found.sort_by_key(|(first, last, _)| (*first, std::cmp::Reverse(*last)));
    let mut manifest: Option<Manifest> = None;
    for (first, last, path) in found {
        let covered =
            manifest.as_ref().and_then(|manifest| manifest.parts.last()).map_or(0, |part| part.last);
        let Some(footer) = part::footer(&path) else { continue };
        let Some((time_first, time_last)) = footer.times.filter(|_| last > covered) else { continue };
        let (bytes, crc) = sum(&path)?;
        let manifest = manifest.get_or_insert_with(|| Manifest::new(footer.grid));
        manifest.parts.push(Part { first, last, rows: footer.rows, time_first, time_last, bytes, crc });
        footer.sources.iter().for_each(|source| manifest.note(source));
    }
    match manifest {
        Some(manifest) => manifest.write(folder),
        None => {
            let path = folder.join(FILE);
            fs::remove_file(&path).map_err(io("remove", &path))?;
            sync_folder(folder)
        }
    }
}
