//! Whole tasks over shelves: check, aggregate, export, what a backfill must fetch, a history over changes of
//! symbol. Each streams; what a person sees of them is made elsewhere.

use crate::DataError;
use crate::aggregate::{Align, BarBuilder};
use crate::catalogue::{Catalogue, Shelf};
use crate::check::{CheckLimits, CheckReport, Checked, Checker, gaps};
use crate::import::{Import, Imported, Sourced};
use crate::row::{ActionRow, BarRow, BarSpec, Column, Form, Kind, Row, TradeRow, schema};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use model::{CorporateAction, Grid, Money, Price, Qty, Symbol, Time};
use std::collections::VecDeque;
use std::io::Write;
use std::ops::Range;

/// Changes of symbol that a history follows at most.
const SYMBOLS_MAX: usize = 64;

impl Catalogue {
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

    /// The stretches of a range without rows, at least `silence_ns_max` long. None: too many to list.
    pub fn missing<R: Checked>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        silence_ns_max: i64,
    ) -> Result<Option<Vec<Range<Time>>>, DataError> {
        let limits = CheckLimits { silence_ns_max: Some(silence_ns_max), ..CheckLimits::default() };
        let report = self.check::<R>(shelf, range.clone(), limits)?;
        Ok(gaps(&report, &range))
    }

    /// Makes bars of `spec` out of the trades or the bars of `from` and keeps them. A run that was cut goes
    /// on when it is run again over the same range; another range that holds such bars already is refused.
    pub fn aggregate(
        &self,
        from: &Shelf,
        spec: BarSpec,
        align: Align,
        range: Range<Time>,
    ) -> Result<Imported, DataError> {
        let into = Shelf { instrument: from.instrument, kind: Kind::Bars(spec) };
        let source = format!("{} from {} until {}", from.kind, range.start, range.end);
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
            self.import(&import(grid), made, &mut |_| true)
        } else {
            let scan = self.scan::<BarRow>(from, range)?;
            let Some(grid) = scan.grid() else { return Ok(Imported::default()) };
            let builder = BarBuilder::new(spec, align, grid)?;
            let made =
                Made { rows: scan.rows(), add: BarBuilder::add, builder, ready: VecDeque::new(), done: 0 };
            self.import(&import(grid), made, &mut |_| true)
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

    /// Writes rows as comma-separated text: times as text, prices and quantities in the instrument's terms.
    pub fn export_csv<R: Row>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        out: &mut impl Write,
    ) -> Result<u64, DataError> {
        let mut scan = self.scan::<R>(shelf, range)?;
        let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
        writeln!(out, "{}", names.join(",")).map_err(DataError::Out)?;
        let grid = scan.grid();
        for batch in scan.by_ref() {
            let batch = crate::catalogue::to_batch(&batch?, schema(R::COLUMNS))?;
            for row in 0..batch.num_rows() {
                let cells =
                    R::COLUMNS.iter().zip(0..).map(|(column, at)| cell(&batch, *column, (at, row), grid));
                writeln!(out, "{}", cells.collect::<Vec<_>>().join(",")).map_err(DataError::Out)?;
            }
        }
        Ok(scan.cost().rows)
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

fn cell(batch: &RecordBatch, column: Column, (at, row): (usize, usize), grid: Option<Grid>) -> String {
    let array = batch.column(at);
    if array.is_null(row) {
        return String::new();
    }
    match column.form {
        Form::Time => Time(array.as_primitive::<TimestampNanosecondType>().value(row)).to_string(),
        Form::Money => Money(array.as_primitive::<Decimal128Type>().value(row)).to_string(),
        Form::Text => quoted(array.as_string::<i32>().value(row)),
        Form::Int => {
            let value = array.as_primitive::<Int64Type>().value(row);
            let amount = grid.and_then(|grid| amount(column.name, value, grid));
            amount.map_or_else(|| value.to_string(), |amount| amount.to_string())
        }
    }
}

/// Counts of ticks and lots have these names in every kind of row.
fn amount(name: &str, value: i64, grid: Grid) -> Option<Money> {
    match name {
        "price" | "bid" | "ask" | "open" | "high" | "low" | "close" | "mark" => {
            Price(value).to_money(grid.tick)
        }
        "qty" | "bid_qty" | "ask_qty" | "volume" => Qty(value).to_money(grid.lot),
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
