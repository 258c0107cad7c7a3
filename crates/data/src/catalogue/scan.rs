//! Reads the rows of a shelf in order of time, batch by batch, without ever holding more than a batch of each
//! part that overlaps. Rows of the same moment keep the order in which they were appended.

use super::manifest::{Manifest, Part};
use super::part::{BATCH_ROWS, Reader};
use crate::DataError;
use crate::row::Row;
use model::{Grid, Time};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;

/// What a scan has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanCost {
    pub rows: u64,
    pub batches: u64,
    pub parts: u64,
    pub groups_read: u64,
    pub groups_skipped: u64,
    /// The most rows that were in memory at once.
    pub rows_held_max: usize,
}

/// An iterator over batches of rows.
#[derive(Debug)]
pub struct Scan<R> {
    range: Range<Time>,
    grid: Option<Grid>,
    folders: VecDeque<(PathBuf, Manifest)>,
    merge: Option<Merge<R>>,
    cost: ScanCost,
    failed: bool,
}

impl<R: Row> Scan<R> {
    pub(crate) fn new(range: Range<Time>, folders: VecDeque<(PathBuf, Manifest)>) -> Self {
        let grid = folders.front().map(|(_, manifest)| manifest.grid);
        Self { range, grid, folders, merge: None, cost: ScanCost::default(), failed: false }
    }

    /// What the rows' prices and quantities count; none where there is no row at all.
    #[must_use]
    pub fn grid(&self) -> Option<Grid> {
        self.grid
    }

    #[must_use]
    pub fn cost(&self) -> ScanCost {
        self.cost
    }

    /// The same rows, one at a time.
    pub fn rows(self) -> impl Iterator<Item = Result<R, DataError>> {
        self.flat_map(|batch| match batch {
            Ok(rows) => Rows::Good(rows.into_iter()),
            Err(error) => Rows::Bad(Some(error)),
        })
    }

    fn step(&mut self) -> Result<Option<Vec<R>>, DataError> {
        loop {
            if let Some(merge) = &mut self.merge {
                let mut out = Vec::new();
                merge.fill(&mut out, &mut self.cost)?;
                if !out.is_empty() {
                    self.cost.rows += out.len() as u64;
                    self.cost.batches += 1;
                    return Ok(Some(out));
                }
            }
            let Some((folder, manifest)) = self.folders.pop_front() else { return Ok(None) };
            self.merge = Some(Merge::new(folder, &manifest.parts, self.range.clone()));
        }
    }
}

impl<R: Row> Iterator for Scan<R> {
    type Item = Result<Vec<R>, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step().transpose();
        self.failed = matches!(step, Some(Err(_)));
        step
    }
}

enum Rows<R> {
    Good(std::vec::IntoIter<R>),
    Bad(Option<DataError>),
}

impl<R> Iterator for Rows<R> {
    type Item = Result<R, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Good(rows) => rows.next().map(Ok),
            Self::Bad(error) => error.take().map(Err),
        }
    }
}

/// The parts of one partition, merged by time and then by the number of the part.
#[derive(Debug)]
pub(crate) struct Merge<R> {
    folder: PathBuf,
    range: Range<Time>,
    /// Not opened yet, the earliest last.
    waiting: Vec<Part>,
    heads: Vec<Head<R>>,
}

#[derive(Debug)]
struct Head<R> {
    reader: Reader,
    number: u64,
    rows: VecDeque<R>,
}

impl<R: Row> Merge<R> {
    pub(crate) fn new(folder: PathBuf, parts: &[Part], range: Range<Time>) -> Self {
        let inside = |part: &&Part| part.time_first < range.end && part.time_last >= range.start;
        let mut waiting: Vec<Part> = parts.iter().filter(inside).copied().collect();
        waiting.sort_by_key(|part| std::cmp::Reverse((part.time_first, part.first)));
        Self { folder, range, waiting, heads: Vec::new() }
    }

    /// Moves up to a batch of rows into `out`; leaves it empty at the end.
    pub(crate) fn fill(&mut self, out: &mut Vec<R>, cost: &mut ScanCost) -> Result<(), DataError> {
        while out.len() < BATCH_ROWS {
            self.open_due(cost)?;
            let held = out.len() + self.heads.iter().map(|head| head.rows.len()).sum::<usize>();
            cost.rows_held_max = cost.rows_held_max.max(held);
            let Some(at) = self.earliest() else { return Ok(()) };
            let bound = self.bound(at);
            let head = &mut self.heads[at];
            let number = head.number;
            let run = head.rows.partition_point(|row| (row.time(), number) < bound).max(1);
            out.extend(head.rows.drain(..run.min(BATCH_ROWS - out.len())));
            if head.rows.is_empty() {
                match head.reader.next_rows()? {
                    Some(rows) => head.rows = rows.into(),
                    None => drop(self.heads.swap_remove(at)),
                }
            }
        }
        Ok(())
    }

    /// Opens the parts that may hold the next row: those that begin no later than the earliest head.
    fn open_due(&mut self, cost: &mut ScanCost) -> Result<(), DataError> {
        while let Some(part) = self.waiting.last() {
            let earliest = self.earliest().and_then(|at| self.heads[at].rows.front().map(Row::time));
            if earliest.is_some_and(|time| part.time_first > time) {
                return Ok(());
            }
            let mut reader = Reader::open(&self.folder, part, self.range.clone())?;
            cost.parts += 1;
            cost.groups_read += reader.groups_read;
            cost.groups_skipped += reader.groups_skipped;
            if let Some(rows) = reader.next_rows()? {
                self.heads.push(Head { reader, number: part.first, rows: rows.into() });
            }
            self.waiting.pop();
        }
        Ok(())
    }

    fn earliest(&self) -> Option<usize> {
        (0..self.heads.len()).min_by_key(|at| self.key(*at))
    }

    fn key(&self, at: usize) -> (Time, u64) {
        let head = &self.heads[at];
        (head.rows.front().map_or(Time::MAX, Row::time), head.number)
    }

    /// Rows of the head `at` before this belong before those of every other part, opened or not.
    fn bound(&self, at: usize) -> (Time, u64) {
        let others = (0..self.heads.len()).filter(|other| *other != at).map(|other| self.key(other));
        let waiting = self.waiting.last().map(|part| (part.time_first, part.first));
        others.chain(waiting).min().unwrap_or((Time::MAX, u64::MAX))
    }
}
