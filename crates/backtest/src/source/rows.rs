//! Rows of shelves as chunks of bars or ticks, a stretch of time each. The first chunks of bars are kept once they
//! are read, so that the many runs of a search do not decode them again; what is kept is bounded.

use super::{CHUNK_ROWS, failed};
use crate::error::BacktestError;
use crate::feed::{Span, Stream, Tick, TickChunk, Ticks};
use data::{
    BarRow, Catalogue, DataError, DepthRow, Kind, OrderDeed as Deed, OrderRow, QuoteRow, Row, Shelf, TradeRow,
};
use model::{Bar, InstrumentId, Print, Quote, Time, VenueId};
use sim::OrderDeed;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Chunks that are kept: some fifty million bytes of bars.
const KEPT: usize = 8;

type Kept = [OnceLock<Arc<[Bar]>>; KEPT];

pub(super) struct Shelves {
    root: PathBuf,
    shelves: Vec<Shelf>,
    from: Time,
    until: Time,
    /// No bar may end after this.
    ends_by: Time,
    /// The length of a chunk.
    span: i64,
    kept: Kept,
}

impl Shelves {
    pub(super) fn new(root: &Path, shelves: Vec<Shelf>, (from, until): Span, span: i64) -> Self {
        let kept = Kept::default();
        Self { root: root.to_owned(), shelves, from, until, ends_by: Time::MAX, span, kept }
    }

    fn range(&self, chunk: usize) -> Option<std::ops::Range<Time>> {
        let skipped = self.span.checked_mul(i64::try_from(chunk).ok()?)?;
        let from = Time(self.from.0.checked_add(skipped)?);
        let until = Time(from.0.saturating_add(self.span)).min(self.until);
        (from < self.until).then_some(from..until)
    }

    fn scan<R: Row>(
        &self,
        shelf: &Shelf,
        range: std::ops::Range<Time>,
    ) -> Result<impl Iterator<Item = Result<R, DataError>>, BacktestError> {
        Ok(Catalogue::open(&self.root).scan::<R>(shelf, range).map_err(failed)?.rows())
    }

    fn read_bars(&self, range: std::ops::Range<Time>) -> Result<Arc<[Bar]>, BacktestError> {
        let Some(shelf) = self.shelves.first() else { return Ok(Arc::from([])) };
        let bar = |row: BarRow| Bar {
            begin: row.time,
            end: row.end,
            open: row.open,
            high: row.high,
            low: row.low,
            close: row.close,
            volume: row.volume,
        };
        // A bar that ends after the stretch says what happened after it. The last of all is there whole.
        let ends = |row: &Result<Bar, DataError>| row.as_ref().map_or(true, |bar| bar.end <= self.ends_by);
        let rows = self.scan::<BarRow>(shelf, range)?.map(|row| row.map(bar));
        let bars: Result<Vec<Bar>, DataError> = rows.filter(ends).collect();
        Ok(Arc::from(bars.map_err(failed)?))
    }
}

impl Stream for Shelves {
    fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError> {
        let Some(range) = self.range(chunk) else { return Ok(None) };
        let Some(kept) = self.kept.get(chunk) else { return self.read_bars(range).map(Some) };
        if let Some(bars) = kept.get() {
            return Ok(Some(Arc::clone(bars)));
        }
        let bars = self.read_bars(range)?;
        // Another run may have been faster; both have read the same. A crowded chunk is not kept.
        if bars.len() as u64 > 2 * CHUNK_ROWS {
            return Ok(Some(bars));
        }
        Ok(Some(Arc::clone(kept.get_or_init(|| bars))))
    }

    fn span(&self) -> Option<Span> {
        // The last bar begins within the stretch and ends after it.
        let last = self.read_bars(Time(self.until.0.saturating_sub(1))..self.until).ok();
        let end = last.and_then(|bars| bars.last().map(|bar| bar.end));
        Some((self.from, end.unwrap_or(self.until)))
    }

    fn within(&self, (from, until): Span) -> Option<Arc<dyn Stream>> {
        let span = (self.from.max(from), self.until.min(until));
        let part = Self::new(&self.root, self.shelves.clone(), span, self.span);
        Some(Arc::new(Self { ends_by: until.min(self.ends_by), ..part }))
    }
}

impl Ticks for Shelves {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        let Some(range) = self.range(chunk) else { return Ok(None) };
        let mut all: Vec<(Time, Tick)> = Vec::new();
        for shelf in &self.shelves {
            let range = range.clone();
            match shelf.kind {
                Kind::Quotes => {
                    for row in self.scan::<QuoteRow>(shelf, range)? {
                        let row = row.map_err(failed)?;
                        let (instrument, venue) = (InstrumentId(0), VenueId(0));
                        let quote = Quote { instrument, venue, bid: row.bid, ask: row.ask };
                        all.push((row.time, Tick::Quote(quote)));
                    }
                }
                Kind::Depth => self.depth(shelf, range, &mut all)?,
                Kind::Orders => self.orders(shelf, range, &mut all)?,
                _ => {
                    for row in self.scan::<TradeRow>(shelf, range)? {
                        let row = row.map_err(failed)?;
                        all.push((row.time, print(row.price, row.qty, row.aggressor)));
                    }
                }
            }
        }
        all.sort_by_key(|(time, tick)| (*time, rank(tick)));
        Ok(Some(Arc::from(all)))
    }
}

/// At one moment: what was quoted was there before what traded at it, and a level is what the trades have left.
fn rank(tick: &Tick) -> u8 {
    match tick {
        Tick::Quote(_) => 0,
        Tick::Print(..) => 1,
        Tick::Level { .. } | Tick::Order { .. } | Tick::Anew | Tick::Halted(_) => 2,
    }
}

fn print(price: model::Price, qty: model::Qty, taker: Option<model::Side>) -> Tick {
    Tick::Print(Print { instrument: InstrumentId(0), venue: VenueId(0), price, qty }, taker)
}

impl Shelves {
    fn depth(
        &self,
        shelf: &Shelf,
        range: std::ops::Range<Time>,
        all: &mut Vec<(Time, Tick)>,
    ) -> Result<(), BacktestError> {
        let mut told: Option<i64> = None;
        for row in self.scan::<DepthRow>(shelf, range)? {
            let row = row.map_err(failed)?;
            let begins = row.snapshot && told != Some(row.sequence);
            told = row.snapshot.then_some(row.sequence);
            if begins {
                all.push((row.time, Tick::Anew));
            }
            if let Some(change) = row.change {
                let (side, price, qty) = (change.side, change.price, change.qty);
                all.push((row.time, Tick::Level { side, price, qty, is_last: row.last }));
            }
        }
        Ok(())
    }

    fn orders(
        &self,
        shelf: &Shelf,
        range: std::ops::Range<Time>,
        all: &mut Vec<(Time, Tick)>,
    ) -> Result<(), BacktestError> {
        for row in self.scan::<OrderRow>(shelf, range)? {
            let row = row.map_err(failed)?;
            let (id, side, price, qty) = (row.id.cast_unsigned(), row.side, row.price, row.qty);
            let deed = match row.deed {
                Deed::Add => OrderDeed::Added { id, side, price, qty },
                Deed::Modify => OrderDeed::Changed { id, side, price, qty },
                Deed::Reduce => OrderDeed::Reduced { id, qty },
                Deed::Execute => OrderDeed::Executed { id, qty },
                Deed::Delete => OrderDeed::Removed { id },
                Deed::Trade => {
                    all.push((row.time, print(price, qty, None)));
                    continue;
                }
                Deed::Clear => {
                    all.push((row.time, Tick::Anew));
                    continue;
                }
                Deed::Halt | Deed::Resume => {
                    all.push((row.time, Tick::Halted(row.deed == Deed::Halt)));
                    continue;
                }
            };
            all.push((row.time, Tick::Order { deed, is_last: row.last }));
        }
        Ok(())
    }
}
