//! What a partition holds: its parts in order, and how far each source was read into it.
//! A manifest is replaced whole, by a rename, and ends with a checksum, so it is old, new, or known to be torn.

use crate::DataError;
use crate::error::io;
use model::{Grid, Money, Time};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

pub(crate) const FILE: &str = "manifest";
const HEAD: &str = "staysail rows 1";

/// One Parquet file: what appends `first` to `last` of the partition brought, in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub first: u64,
    pub last: u64,
    pub rows: u64,
    pub time_first: Time,
    pub time_last: Time,
    pub bytes: u64,
    pub crc: u32,
}

/// How much of a source this partition holds: its rows up to number `rows`, counted over the whole source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub rows: u64,
    /// Hash of all of the source's rows up to there, by which a changed source is found.
    pub chain: u64,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub grid: Grid,
    pub parts: Vec<Part>,
    pub sources: Vec<Source>,
}

impl Part {
    #[must_use]
    pub fn file(&self) -> String {
        format!("rows-{:08}-{:08}.parquet", self.first, self.last)
    }

    /// How many appends are in it.
    pub(crate) fn span(&self) -> u64 {
        self.last - self.first + 1
    }

    /// The reverse of `file`.
    pub(crate) fn numbers(file: &str) -> Option<(u64, u64)> {
        let (first, last) = file.strip_prefix("rows-")?.strip_suffix(".parquet")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?)).filter(|(first, last)| first <= last)
    }
}

impl Manifest {
    pub(crate) fn new(grid: Grid) -> Self {
        Self { grid, parts: Vec::new(), sources: Vec::new() }
    }

    #[must_use]
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.parts.last().map_or(1, |part| part.last + 1)
    }

    /// Keeps the further of the two positions of a source.
    pub(crate) fn note(&mut self, source: &Source) {
        match self.sources.iter_mut().find(|known| known.name == source.name) {
            Some(known) if known.rows < source.rows => *known = source.clone(),
            Some(_) => {}
            None => self.sources.push(source.clone()),
        }
    }

    /// None where the folder has none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, DataError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map(Some).ok_or(DataError::Manifest(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(DataError::Manifest(path)),
            Err(error) => Err(io("read", &path)(error)),
        }
    }

    /// Written beside, synced, renamed, and the folder synced: at every moment one whole manifest is there.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), DataError> {
        let path = folder.join(FILE);
        let beside = folder.join(format!("{FILE}.new"));
        let mut file = File::create(&beside).map_err(io("create", &beside))?;
        file.write_all(self.render().as_bytes()).map_err(io("write", &beside))?;
        file.sync_all().map_err(io("sync", &beside))?;
        fs::rename(&beside, &path).map_err(io("rename", &beside))?;
        sync_folder(folder)
    }

    fn render(&self) -> String {
        let mut lines = vec![HEAD.to_owned(), format!("grid {} {}", self.grid.tick, self.grid.lot)];
        lines.extend(self.parts.iter().map(|part| {
            let Part { first, last, rows, time_first, time_last, bytes, crc } = part;
            format!("part {first} {last} {rows} {} {} {bytes} {crc}", time_first.0, time_last.0)
        }));
        lines.extend(render_sources(&self.sources));
        let mut text = lines.join("\n") + "\n";
        let check = crc32c::crc32c(text.as_bytes());
        if writeln!(text, "check {check}").is_err() {
            text.clear();
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let body = text.get(..text.trim_end().rfind('\n')? + 1)?;
        let check: u32 = text.get(body.len()..)?.strip_prefix("check ")?.strip_suffix('\n')?.parse().ok()?;
        if crc32c::crc32c(body.as_bytes()) != check {
            return None;
        }
        let mut lines = body.lines();
        if lines.next()? != HEAD {
            return None;
        }
        let (tick, lot) = lines.next()?.strip_prefix("grid ")?.split_once(' ')?;
        let mut manifest = Self::new(Grid { tick: Money::parse(tick).ok()?, lot: Money::parse(lot).ok()? });
        for line in lines {
            match line.split_once(' ')? {
                ("part", rest) => manifest.parts.push(parse_part(rest)?),
                ("source", rest) => manifest.sources.push(parse_source(rest)?),
                _ => return None,
            }
        }
        Some(manifest)
    }
}

pub(crate) fn render_sources(sources: &[Source]) -> impl Iterator<Item = String> + '_ {
    sources.iter().map(|source| format!("source {} {} {}", source.rows, source.chain, source.name))
}

pub(crate) fn parse_sources(text: &str) -> Option<Vec<Source>> {
    text.lines().map(|line| parse_source(line.strip_prefix("source ")?)).collect()
}

fn parse_part(text: &str) -> Option<Part> {
    let mut words = text.split(' ');
    let part = Part {
        first: words.next()?.parse().ok()?,
        last: words.next()?.parse().ok()?,
        rows: words.next()?.parse().ok()?,
        time_first: Time(words.next()?.parse().ok()?),
        time_last: Time(words.next()?.parse().ok()?),
        bytes: words.next()?.parse().ok()?,
        crc: words.next()?.parse().ok()?,
    };
    (words.next().is_none() && part.first <= part.last).then_some(part)
}

fn parse_source(text: &str) -> Option<Source> {
    let mut words = text.splitn(3, ' ');
    Some(Source {
        rows: words.next()?.parse().ok()?,
        chain: words.next()?.parse().ok()?,
        name: words.next()?.to_owned(),
    })
}

/// A rename lasts only once its folder is on disk.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), DataError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(io("sync", folder))
}

/// The files of a folder, by name, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(io("list", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(io("list", folder))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_whole_or_not_one() {
        let grid = Grid { tick: Money::parse("0.01").expect("a tick"), lot: Money::ONE };
        let mut manifest = Manifest::new(grid);
        manifest.parts.push(Part {
            first: 1,
            last: 16,
            rows: 99,
            time_first: Time(-5),
            time_last: Time(7),
            bytes: 1234,
            crc: 77,
        });
        manifest.note(&Source { rows: 12, chain: u64::MAX, name: "a file.csv".to_owned() });
        let text = manifest.render();
        assert_eq!(Manifest::parse(&text).as_ref(), Some(&manifest));
        for cut in 0..text.len() {
            assert_eq!(Manifest::parse(&text[..cut]), None, "cut at {cut}");
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ascii stays ascii");
            assert_eq!(Manifest::parse(&changed), None, "changed at {at}");
        }
        assert_eq!(Part::numbers(&manifest.parts[0].file()), Some((1, 16)));
    }
}
