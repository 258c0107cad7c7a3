//! What can go wrong with data on disk or on its way there, and what to do about it.
//! A fault in imported text always names its file and line.

use model::{DecimalError, Grid};
use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum DataError {
    #[error("cannot {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot {doing} {}: {source}", path.display())]
    Parquet { doing: &'static str, path: PathBuf, source: parquet::errors::ParquetError },
    #[error("cannot {doing} {file}: {source}")]
    Arrow { doing: &'static str, file: String, source: arrow_schema::ArrowError },
    #[error("cannot read the archive {file}: {source}")]
    Zip { file: String, source: zip::result::ZipError },
    #[error("{file}:{line}: {fault}")]
    Line { file: String, line: u64, fault: Box<LineFault> },
    #[error("the mapping is not usable: {0}")]
    Mapping(String),
    #[error("another process writes to the catalogue {}: wait for it, or stop it", .0.display())]
    Locked(PathBuf),
    #[error("the catalogue {} is open for reading only", .0.display())]
    ReadOnly(PathBuf),
    #[error("{}: {fault}; the part was complete once, so restore it or import its rows again", path.display())]
    Damaged { path: PathBuf, fault: &'static str },
    #[error("{} was merged into another part while it was read, or is lost: ask again, then `verify`", .0.display())]
    Moved(PathBuf),
    #[error("{} is torn or was changed by hand: `repair` makes it again from the parts", .0.display())]
    Manifest(PathBuf),
    #[error("{place} is kept on {}, not on {}", grid(&grids.0), grid(&grids.1))]
    GridDiffers { place: String, grids: Box<(Grid, Grid)> },
    #[error("{kind} does not hold rows of this type")]
    WrongKind { kind: String },
    #[error("`{0}` is not a kind of data: try trades, quotes, depth, orders, bars-1m, funding or actions")]
    UnknownKind(String),
    #[error(
        "{file} is not the file that was imported under this name: its row {row} differs; give it a name of its own"
    )]
    SourceChanged { file: String, row: u64 },
    #[error("{file} has more than {max} faulty rows; the last: {last}")]
    TooManyFaults { file: String, max: u64, last: String },
    #[error("the import was stopped after {rows} rows; run it again to continue")]
    Stopped { rows: u64 },
    #[error("stopped after {rows} rows; what was written is not whole: run it again")]
    Cancelled { rows: u64 },
    #[error(
        "{} holds no {kind} that can be read ({faults} faulty rows): look at its first lines, and name its format, its kind, or a mapping",
        file.display()
    )]
    EmptyFile { file: PathBuf, kind: String, faults: u64 },
    #[error("there are no rows of {place}: {held}")]
    Nothing { place: String, held: String },
    #[error("`{0}` is not a time zone: write it like America/New_York or UTC")]
    UnknownZone(String),
    #[error("there are {kind} at {at} already: take another range, or another kind")]
    Exists { kind: String, at: model::Time },
    #[error("cannot write the export: {0}")]
    Out(std::io::Error),
    #[error("{what} does not fit 64 bits")]
    TooLarge { what: &'static str },
    #[error("the rows at {at} are before those at {after}: sort them, or import them into a catalogue first")]
    OutOfOrder { at: model::Time, after: model::Time },
    #[error("the book misses the changes from {have} to {needs}: start again from a snapshot")]
    BookGap { have: i64, needs: i64 },
}

/// What is wrong in one line of a source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineFault {
    #[error("there is no column `{column}`")]
    NoColumn { column: String },
    #[error("`{column}` is empty")]
    Empty { column: String },
    #[error("`{column}` is `{text}`: {fault}")]
    Number { column: String, text: String, fault: DecimalError },
    #[error("`{column}` is `{text}`, which is not a time in {unit}")]
    Time { column: String, text: String, unit: String },
    #[error("`{column}` is `{text}`, which is not one of {known}")]
    Value { column: String, text: String, known: String },
    #[error("{0}")]
    Malformed(String),
}

impl LineFault {
    pub(crate) fn at(self, file: &str, line: u64) -> DataError {
        DataError::Line { file: file.to_owned(), line, fault: Box::new(self) }
    }
}

fn grid(grid: &Grid) -> String {
    format!("tick {} and lot {}", grid.tick, grid.lot)
}

/// Names the deed and the path of a failed access to the disk.
pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> DataError + 'a {
    move |source| DataError::Io { doing, path: path.to_owned(), source }
}

pub(crate) fn parquet<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl Fn(parquet::errors::ParquetError) -> DataError + 'a {
    move |source| DataError::Parquet { doing, path: path.to_owned(), source }
}
