//! Rows from the files of others into the catalogue. An import can be stopped or killed at any row and run
//! again: each partition remembers how far it holds a source, in the same write as the rows, so that nothing
//! is lost and nothing doubles. A faulty row is named by file and line.

mod arrow;
mod binance;
mod chain;
mod csv;
mod decimal;
mod fields;
mod file;
mod itch;
mod json;
mod lean;
mod lobster;
mod mapped;
mod mapping;
mod pitch;
mod presets;
mod render;
mod source;
mod time;

pub use arrow::{feather_rows, parquet_rows};
pub use binance::{Capture, CaptureEvent, capture};
pub use csv::csv_rows;
pub use fields::{Fields, Plan};
pub use file::{FORMATS, FileImport, Format};
pub use itch::itch_messages;
pub use json::json_rows;
pub use lean::{LeanFile, lean_mapping};
pub use lobster::{lobster_books, lobster_messages};
pub use mapped::Mapped;
pub use mapping::{CsvShape, Header, Mapping, TimeMapping, Values};
pub use pitch::pitch_messages;
pub use render::Render;
pub(crate) use render::{fields_batch, fields_schema};
pub use source::{BytesRead, Text, open_text, open_text_counted};
pub use time::TimeUnit;

use crate::catalogue::{Catalogue, Shelf, Source};
use crate::row::{Period, Row};
use crate::{DataError, LineFault};
use chain::Chain;
use model::Grid;
use std::collections::BTreeMap;

/// Rows that are gathered before they are written.
const GATHER: usize = 131_072;
/// Rows between two questions whether to go on.
const ASK_EVERY: u64 = 65_536;
/// Faults that a report spells out.
const TOLD: usize = 100;

/// A row and the line of its source, or what is wrong there.
pub type Sourced<R> = Result<(u64, R), DataError>;

#[derive(Clone, Debug)]
pub struct Import {
    pub shelf: Shelf,
    pub grid: Grid,
    /// The name under which the catalogue remembers the source; a file's name as a rule.
    pub source: String,
    /// Faulty rows that are left out before the import is given up.
    pub faults_max: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub line: u64,
    pub rows: u64,
    /// Of these, on disk already before this run.
    pub rows_known: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub rows_new: u64,
    pub rows_known: u64,
    pub faults: u64,
    /// The first of them.
    pub told: Vec<String>,
}

impl Catalogue {
    /// `progress` is asked every 65,536 rows; it answers whether to go on. What was read until then stays.
    pub fn import<R: Row>(
        &self,
        import: &Import,
        rows: impl Iterator<Item = Sourced<R>>,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Imported, DataError> {
        if import.source.is_empty() || import.source.contains(|letter: char| letter.is_control()) {
            return Err(DataError::Mapping("the source needs a name of one line".to_owned()));
        }
        let known = self.sources(&import.shelf, &import.source)?;
        let mut run = Run::<R>::new(self, import, known);
        let mut moment = None;
        for row in rows {
            // What is written ends with a whole moment, so that a backfill may go on after the last one there.
            let time = row.as_ref().ok().map(|(_, row)| row.time());
            if run.waiting >= GATHER && time != moment {
                run.write()?;
            }
            moment = time;
            match row {
                Ok((line, row)) => run.take(line, row)?,
                Err(DataError::Line { file, line, fault }) => run.fault(&file, line, &fault)?,
                Err(error) => return Err(error),
            }
            if run.progress.rows.is_multiple_of(ASK_EVERY) && !progress(run.progress) {
                run.write()?;
                return Err(DataError::Stopped { rows: run.progress.rows });
            }
        }
        run.write()?;
        run.check_end()?;
        progress(run.progress);
        Ok(run.done)
    }
}

struct Run<'a, R> {
    catalogue: &'a Catalogue,
    import: &'a Import,
    period: Period,
    known: BTreeMap<String, Source>,
    /// Positions at which the source must be as it was: row → hash.
    expected: BTreeMap<u64, u64>,
    chain: Chain,
    gathered: BTreeMap<String, (Vec<R>, Source)>,
    waiting: usize,
    partition: (i64, String),
    progress: Progress,
    done: Imported,
}

impl<'a, R: Row> Run<'a, R> {
    fn new(catalogue: &'a Catalogue, import: &'a Import, known: Vec<(String, Source)>) -> Self {
        Self {
            catalogue,
            import,
            period: import.shelf.kind.period(),
            expected: known.iter().map(|(_, source)| (source.rows, source.chain)).collect(),
            known: known.into_iter().collect(),
            chain: Chain::default(),
            gathered: BTreeMap::new(),
            waiting: 0,
            partition: (i64::MAX, String::new()),
            progress: Progress::default(),
            done: Imported::default(),
        }
    }

    fn take(&mut self, line: u64, row: R) -> Result<(), DataError> {
        self.progress.line = line;
        self.progress.rows += 1;
        let number = self.progress.rows;
        let chain = self.chain.add(&row);
        if self.expected.remove(&number).is_some_and(|expected| expected != chain) {
            return Err(self.changed(number));
        }
        let day = Period::day_of(row.time());
        if self.partition.0 != day {
            self.partition = (day, self.period.partition_of(row.time()));
        }
        let partition = &self.partition.1;
        if self.known.get(partition).is_some_and(|source| number <= source.rows) {
            self.progress.rows_known += 1;
            self.done.rows_known += 1;
            return Ok(());
        }
        self.waiting += 1;
        self.done.rows_new += 1;
        if let Some((rows, source)) = self.gathered.get_mut(partition) {
            rows.push(row);
            (source.rows, source.chain) = (number, chain);
        } else {
            let source = Source { rows: number, chain, name: self.import.source.clone() };
            self.gathered.insert(partition.clone(), (vec![row], source));
        }
        Ok(())
    }

    fn fault(&mut self, file: &str, line: u64, fault: &LineFault) -> Result<(), DataError> {
        let text = format!("{file}:{line}: {fault}");
        self.done.faults += 1;
        if self.done.faults > self.import.faults_max {
            // What was good so far stays; the next run continues there.
            self.write()?;
            return Err(match self.import.faults_max {
                0 => fault.clone().at(file, line),
                max => DataError::TooManyFaults { file: file.to_owned(), max, last: text },
            });
        }
        if self.done.told.len() < TOLD {
            self.done.told.push(text);
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), DataError> {
        self.waiting = 0;
        let Import { shelf, grid, .. } = self.import;
        for (partition, (rows, source)) in std::mem::take(&mut self.gathered) {
            self.catalogue.append_part(shelf, &partition, *grid, rows, Some(&source))?;
        }
        Ok(())
    }

    /// Positions left over lie behind the end: the source is shorter than it was.
    fn check_end(&self) -> Result<(), DataError> {
        match self.expected.keys().next() {
            Some(row) => Err(self.changed(*row)),
            None => Ok(()),
        }
    }

    fn changed(&self, row: u64) -> DataError {
        DataError::SourceChanged { file: self.import.source.clone(), row }
    }
}
