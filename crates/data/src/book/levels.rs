//! A book by level from snapshots and changes, with the venue's numbers checked: a change that does not
//! continue the book is refused, and so is everything before a first snapshot.

use super::Levels;
use crate::DataError;
use crate::row::DepthRow;
use std::collections::VecDeque;

/// Rows that wait for a snapshot at most; the oldest go first, and the snapshot then shows a gap.
const EARLY_MAX: usize = 1 << 17;

/// How the numbers of changes go on after a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chaining {
    /// Changes up to the snapshot's number are in it (Binance spot).
    After,
    /// A change that ends with the snapshot's number is applied once more (Binance futures).
    From,
    /// The source has no numbers to check.
    Unchecked,
}

/// What a row came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthStep {
    /// Older than the snapshot, or waiting for one.
    Skipped,
    /// Within an event; the book is not whole.
    Within,
    Snapshot,
    /// An event is complete.
    Applied,
}

#[derive(Clone, Debug)]
pub struct DepthBook {
    chaining: Chaining,
    levels: Levels,
    /// The number of the last event; none before the first snapshot.
    at: Option<i64>,
    /// The event being taken: its number, and whether it counts.
    event: Option<(i64, bool)>,
    /// No change has followed the snapshot yet.
    fresh: bool,
    /// Changes that came before the snapshot they may follow: a snapshot is asked for while they stream.
    early: VecDeque<DepthRow>,
}

impl DepthBook {
    #[must_use]
    pub fn new(chaining: Chaining) -> Self {
        let levels = Levels::default();
        Self { chaining, levels, at: None, event: None, fresh: true, early: VecDeque::new() }
    }

    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// The number of the last event in the book.
    #[must_use]
    pub fn sequence(&self) -> Option<i64> {
        self.at
    }

    /// Takes a row and shows the book after each event that it completes: none or one, and after a snapshot
    /// those that had to wait for it. After a gap the book is empty until the next snapshot.
    pub fn apply(
        &mut self,
        row: &DepthRow,
        seen: &mut dyn FnMut(&Levels, i64),
    ) -> Result<DepthStep, DataError> {
        let waits = self.at.is_none() && self.chaining != Chaining::Unchecked && !row.snapshot;
        if waits {
            if self.early.len() == EARLY_MAX {
                self.early.pop_front();
            }
            self.early.push_back(row.clone());
            return Ok(DepthStep::Skipped);
        }
        let step = self.take(row, seen)?;
        if step == DepthStep::Snapshot {
            for row in std::mem::take(&mut self.early) {
                self.take(&row, seen)?;
            }
        }
        Ok(step)
    }

    fn take(&mut self, row: &DepthRow, seen: &mut dyn FnMut(&Levels, i64)) -> Result<DepthStep, DataError> {
        let counts = match self.event {
            Some((sequence, counts)) if sequence == row.sequence => counts,
            _ => self.begin(row)?,
        };
        self.event = (!row.last).then_some((row.sequence, counts));
        if !counts {
            return Ok(DepthStep::Skipped);
        }
        if let Some(change) = row.change {
            self.levels.set(change.side, change.price, change.qty);
        }
        if !row.last {
            return Ok(DepthStep::Within);
        }
        self.at = Some(row.sequence);
        self.fresh = row.snapshot;
        if row.snapshot {
            return Ok(DepthStep::Snapshot);
        }
        seen(&self.levels, row.sequence);
        Ok(DepthStep::Applied)
    }

    fn begin(&mut self, row: &DepthRow) -> Result<bool, DataError> {
        if row.snapshot {
            let is_older =
                self.chaining != Chaining::Unchecked && self.at.is_some_and(|at| row.sequence < at);
            if !is_older {
                self.levels.clear();
            }
            return Ok(!is_older);
        }
        let at = match (self.chaining, self.at) {
            (Chaining::Unchecked, _) => return Ok(true),
            (_, None) => return Ok(false),
            (_, Some(at)) => at,
        };
        let is_old = match self.chaining {
            Chaining::After => row.sequence <= at,
            _ => row.sequence < at,
        };
        if self.fresh && is_old {
            return Ok(false);
        }
        let goes_on = if self.fresh { row.previous <= at } else { row.previous == at };
        if goes_on {
            return Ok(true);
        }
        self.levels.clear();
        (self.at, self.event) = (None, Some((row.sequence, false)));
        Err(DataError::BookGap { have: at, needs: row.previous })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::DepthChange;
    use model::{Price, Qty, Side, Time};

    fn row(sequence: i64, previous: i64, snapshot: bool, qty: i64) -> DepthRow {
        let change = Some(DepthChange { side: Side::Buy, price: Price(10), qty: Qty(qty) });
        DepthRow { time: Time(0), venue_time: None, sequence, previous, snapshot, last: true, change }
    }

    #[test]
    fn numbers_must_go_on() {
        let mut book = DepthBook::new(Chaining::After);
        let mut applied = Vec::new();
        let mut apply = |row: DepthRow| book.apply(&row, &mut |_, sequence| applied.push(sequence)).ok();
        assert_eq!(apply(row(5, 3, false, 1)), Some(DepthStep::Skipped), "no snapshot yet");
        assert_eq!(apply(row(7, 7, true, 2)), Some(DepthStep::Snapshot));
        assert_eq!(apply(row(7, 5, false, 3)), Some(DepthStep::Skipped), "older than the snapshot");
        assert_eq!(apply(row(9, 6, false, 4)), Some(DepthStep::Applied), "the first one straddles it");
        assert_eq!(apply(row(10, 9, false, 5)), Some(DepthStep::Applied));
        assert_eq!(apply(row(13, 11, false, 6)), None, "a gap");
        assert_eq!(apply(row(19, 13, false, 6)), Some(DepthStep::Skipped), "until the next snapshot");
        assert_eq!(apply(row(22, 19, false, 7)), Some(DepthStep::Skipped));
        assert_eq!(apply(row(20, 20, true, 8)), Some(DepthStep::Snapshot));
        assert_eq!(apply(row(8, 8, true, 9)), Some(DepthStep::Skipped), "a snapshot older than the book");
        assert_eq!(applied, [9, 10, 22], "what waited follows its snapshot");
        assert_eq!(book.levels().best_bid().map(|level| level.qty), Some(Qty(7)));
    }
}
