//! Whole tasks over shelves: what there is, check, aggregate, what a backfill must fetch, a history over changes of
//! symbol. Each streams; what a person sees of them is made elsewhere.

use crate::DataError;
use crate::aggregate::{Align, BarBuilder};
use crate::catalogue::{Catalogue, Listing, Shelf};
use crate::check::{CheckLimits, CheckReport, Checked, Checker, gaps};
use crate::dispatch::RowWork;
use crate::import::{Import, Imported, Mapped, Progress, Sourced};
use crate::row::{ActionRow, BarRow, BarSpec, Kind, Row, TradeRow};
use model::{CorporateAction, Symbol, Time};
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

/// Changes of symbol that a history follows at most.
const SYMBOLS_MAX: usize = 64;
/// How long a silence of rows that come when they come is a hole, if nobody says.
const SILENCE_NS: i64 = 3_600_000_000_000;
/// Names that an error tells at most.
const NAMES_TOLD: usize = 12;

struct Needed<'a> {
    catalogue: &'a Catalogue,
    shelf: &'a Shelf,
    range: &'a Range<Time>,
}

impl RowWork for Needed<'_> {
    type Out = Result<(), DataError>;

    fn with<R: Mapped + Checked>(self) -> Self::Out {
        self.catalogue.need::<R>(self.shelf, self.range)
    }
}

impl Catalogue {
    /// Refuses a range without rows, and says what there is instead. Whoever works on rows asks this first:
    /// no rows is never an answer.
    pub fn need<R: Row>(&self, shelf: &Shelf, range: &Range<Time>) -> Result<(), DataError> {
        if self.scan::<R>(shelf, range.clone())?.next().transpose()?.is_some() {
            return Ok(());
        }
        let mut place = format!("{} {}", shelf.instrument, shelf.kind);
        if range.start > Time::MIN {
            place += &format!(" from {}", range.start);
        }
        if range.end < Time::MAX {
            place += &format!(" until {}", range.end);
        }
        Err(DataError::Nothing { place, held: self.held_instead(shelf)? })
    }

    /// The same, whatever the type of the rows.
    pub fn need_any(&self, shelf: &Shelf, range: &Range<Time>) -> Result<(), DataError> {
        shelf.kind.with_rows(Needed { catalogue: self, shelf, range })
    }

    fn held_instead(&self, shelf: &Shelf) -> Result<String, DataError> {
        let root = self.root().display();
        let whole = self.stats(shelf)?;
        if let Some((first, last)) = whole.times {
            return Ok(format!(
                "the catalogue {root} has them from {first} to {last}; import the rest, or ask for these"
            ));
        }
        let all = self.list(None)?;
        let names = |of: &dyn Fn(&Listing) -> Option<String>| {
            let names: BTreeSet<String> = all.iter().filter_map(of).collect();
            names.into_iter().take(NAMES_TOLD).collect::<Vec<_>>().join(", ")
        };
        let of_it = names(&|listing| {
            (listing.shelf.instrument == shelf.instrument).then(|| listing.shelf.kind.to_string())
        });
        let others = names(&|listing| Some(listing.shelf.instrument.to_string()));
        Ok(match (of_it.is_empty(), others.is_empty()) {
            (false, _) => {
                format!("the catalogue {root} has only {of_it} of it; import them, or make them of these")
            }
            (true, false) => format!("the catalogue {root} has only {others}; import them first"),
            (true, true) => format!("the catalogue {root} is empty; import them first"),
        })
    }

    /// Looks at every row of a shelf in the range.
    pub fn check<R: Checked>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        limits: CheckLimits,
    ) -> Result<CheckReport, DataError> {
        let mut checker = Checker::<R>::new(limits);
        for batch in self.scan::<R>(shelf, range)? {
            for row in batch? {
                checker.look(&row);
            }
        }
        Ok(checker.report().clone())
    }

    /// The stretches of a range without rows: for bars of time those where a bar should stand, for others
    /// those longer than a silence, an hour if it is not said. None: too many to list.
    pub fn missing<R: Checked>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        silence_ns_max: Option<i64>,
    ) -> Result<Option<Vec<Range<Time>>>, DataError> {
        let interval_ns = match shelf.kind {
            Kind::Bars(BarSpec::Time(ns)) if silence_ns_max.is_none() => Some(ns),
            _ => None,
        };
        let silence_ns_max = silence_ns_max.or(interval_ns.is_none().then_some(SILENCE_NS));
        let limits = CheckLimits { interval_ns, silence_ns_max, ..CheckLimits::default() };
        let report = self.check::<R>(shelf, range.clone(), limits)?;
        let last_end = report.times.map(|(_, last)| (last, last.saturating_add_ns(interval_ns.unwrap_or(1))));
        // The last bar stands for its whole length.
        let after_last = |hole: Range<Time>| match last_end {
            Some((last, end)) if hole.start > last => hole.start.max(end)..hole.end,
            _ => hole,
        };
        let found = gaps(&report, &range);
        Ok(found
            .map(|holes| holes.into_iter().map(after_last).filter(|hole| hole.start < hole.end).collect()))
    }

    /// Makes bars of `spec` out of the trades or the bars of `from` and keeps them. A run that was cut goes
    /// on when it is run again over the same range; another range that holds such bars already is refused.
    pub fn aggregate(
        &self,
        from: &Shelf,
        spec: BarSpec,
        align: Align,
        range: Range<Time>,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Imported, DataError> {
        let into = Shelf { instrument: from.instrument, kind: Kind::Bars(spec) };
        let source = format!("{} from {} until {}", from.kind, range.start, range.end);
        self.need_any(from, &range)?;
        let is_new = self.sources(&into, &source)?.is_empty();
        let held = self.scan::<BarRow>(&into, range.clone())?.rows().next().transpose()?;
        if let Some(bar) = held.filter(|_| is_new) {
            return Err(DataError::Exists { kind: into.kind.to_string(), at: bar.time });
        }
        let import = |grid| Import { shelf: into, grid, source, faults_max: 0 };
        if from.kind == Kind::Trades {
            let scan = self.scan::<TradeRow>(from, range)?;
            let Some(grid) = scan.grid() else { return Ok(Imported::default()) };
            let builder = BarBuilder::new(spec, align, grid)?;
            let made =
                Made { rows: scan.rows(), add: BarBuilder::trade, builder, ready: VecDeque::new(), done: 0 };
            self.import(&import(grid), made, progress)
        } else {
            let scan = self.scan::<BarRow>(from, range)?;
            let Some(grid) = scan.grid() else { return Ok(Imported::default()) };
            let builder = BarBuilder::new(spec, align, grid)?;
            let made =
                Made { rows: scan.rows(), add: BarBuilder::add, builder, ready: VecDeque::new(), done: 0 };
            self.import(&import(grid), made, progress)
        }
    }

    /// The names an instrument went by, from the first one on, and when each held.
    pub fn symbols(&self, first: Symbol) -> Result<Vec<(Symbol, Range<Time>)>, DataError> {
        let mut names = Vec::new();
        let (mut symbol, mut since) = (first, Time::MIN);
        while names.len() < SYMBOLS_MAX {
            let shelf = Shelf { instrument: symbol, kind: Kind::Actions };
            let mut next = None;
            for row in self.scan::<ActionRow>(&shelf, since..Time::MAX)?.rows() {
                let row = row?;
                if let CorporateAction::SymbolChange { symbol } = row.action {
                    next = Some((symbol, row.time));
                    break;
                }
            }
            let until = next.map_or(Time::MAX, |(_, at)| at);
            names.push((symbol, since..until));
            match next {
                Some((to, at)) if at > since => (symbol, since) = (to, at),
                _ => break,
            }
        }
        Ok(names)
    }

    /// The rows of an instrument through all its names.
    pub fn history<R: Row>(
        &self,
        first: Symbol,
        kind: Kind,
        range: Range<Time>,
    ) -> Result<impl Iterator<Item = Result<Vec<R>, DataError>> + use<R>, DataError> {
        let mut scans = Vec::new();
        for (instrument, held) in self.symbols(first)? {
            let range = held.start.max(range.start)..held.end.min(range.end);
            if range.start < range.end {
                scans.push(self.scan::<R>(&Shelf { instrument, kind }, range)?);
            }
        }
        Ok(scans.into_iter().flatten())
    }
}

type Add<R> = fn(&mut BarBuilder, &R) -> Result<Vec<BarRow>, DataError>;

/// The bars of rows, as a source of rows: the last one, not full, at the end.
struct Made<R, I> {
    rows: I,
    add: Add<R>,
    builder: BarBuilder,
    ready: VecDeque<BarRow>,
    done: u64,
}

impl<R, I: Iterator<Item = Result<R, DataError>>> Iterator for Made<R, I> {
    type Item = Sourced<BarRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let Some(row) = self.rows.next() else {
                self.ready.extend(self.builder.finish());
                break;
            };
            match row.and_then(|row| (self.add)(&mut self.builder, &row)) {
                Ok(bars) => self.ready.extend(bars),
                Err(error) => return Some(Err(error)),
            }
        }
        self.done += 1;
        self.ready.pop_front().map(|bar| Ok((self.done, bar)))
    }
}
