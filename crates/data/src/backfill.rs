//! What a range lacks, and how it is filled from files without a row twice: only rows inside of a hole are
//! taken, and what is written always ends with a whole moment, so a run that was killed leaves a smaller hole.

use crate::DataError;
use crate::catalogue::{Catalogue, Shelf};
use crate::check::Checked;
use crate::dispatch::RowWork;
use crate::import::{BytesRead, FileImport, Imported, Mapped, Progress};
use crate::row::{BarSpec, Kind, Period};
use model::Time;
use std::collections::BTreeSet;
use std::ops::Range;

/// Names of dumps that are told at most.
const NAMES_MAX: usize = 40;

struct Holes<'a> {
    catalogue: &'a Catalogue,
    shelf: &'a Shelf,
    range: Range<Time>,
    silence_ns_max: Option<i64>,
}

impl RowWork for Holes<'_> {
    type Out = Result<Option<Vec<Range<Time>>>, DataError>;

    fn with<R: Mapped + Checked>(self) -> Self::Out {
        self.catalogue.missing::<R>(self.shelf, self.range, self.silence_ns_max)
    }
}

impl Catalogue {
    /// The holes of a range. Bars of time lack one where it should stand; other rows where they are silent
    /// for longer than `silence_ns_max`, an hour if it is not said. None: too many to list.
    pub fn holes(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        silence_ns_max: Option<i64>,
    ) -> Result<Option<Vec<Range<Time>>>, DataError> {
        shelf.kind.with_rows(Holes { catalogue: self, shelf, range, silence_ns_max })
    }

    /// Fills holes from a file.
    pub fn fill(
        &self,
        file: &FileImport,
        holes: Vec<Range<Time>>,
        bytes: &BytesRead,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Imported, DataError> {
        let file = FileImport { within: Some(holes), ..file.clone() };
        self.import_file(&file, bytes, progress)
    }
}

/// The daily dumps of Binance that hold the rows of the holes; none for kinds it does not publish.
#[must_use]
pub fn binance_dumps(symbol: &str, kind: Kind, holes: &[Range<Time>]) -> Vec<String> {
    let word = match kind {
        Kind::Trades => "trades".to_owned(),
        Kind::Quotes => "bookTicker".to_owned(),
        Kind::Bars(BarSpec::Time(ns)) => BarSpec::Time(ns).to_string(),
        _ => return Vec::new(),
    };
    let mut names = BTreeSet::new();
    for hole in holes {
        let (first, last) = (Period::day_of(hole.start), Period::day_of(hole.end.saturating_add_ns(-1)));
        for day in first..=last {
            let day = Period::Day.partition_of(Period::day_start(day));
            names.insert(format!("{symbol}-{word}-{day}.zip"));
            if names.len() == NAMES_MAX {
                return names.into_iter().collect();
            }
        }
    }
    names.into_iter().collect()
}
