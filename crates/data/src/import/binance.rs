//! Captures of Binance's streams: lines of `local_ns json`, with diffs and snapshots of depth, best quotes and
//! trades, spot and futures. `time` is the local one: when we could have known.

use super::Sourced;
use super::decimal::Decimal;
use super::source::Text;
use crate::row::{DepthChange, DepthRow, QuoteRow, TradeRow};
use crate::{DataError, LineFault};
use model::{Grid, Level, Price, Qty, Side, Time};
use serde::Deserialize;
use std::io::{BufRead, BufReader};

/// What one line of a capture says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureEvent {
    /// The levels of one diff or snapshot; never empty.
    Depth(Vec<DepthRow>),
    Quote(QuoteRow),
    /// None for the zero prints of insurance and settlement.
    Trade(Option<TradeRow>),
    /// A stream we keep nothing of.
    Other,
}

/// The events of a capture, with their lines.
pub struct Capture {
    name: String,
    lines: Box<dyn Iterator<Item = (std::io::Result<String>, u64)>>,
    grid: Grid,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture").field("name", &self.name).finish_non_exhaustive()
    }
}

#[must_use]
pub fn capture(text: Text, grid: Grid) -> Capture {
    Capture { name: text.name, lines: Box::new(BufReader::new(text.read).lines().zip(1..)), grid }
}

impl Capture {
    pub fn depth(self) -> impl Iterator<Item = Sourced<DepthRow>> {
        self.pick(|event| match event {
            CaptureEvent::Depth(rows) => rows,
            _ => Vec::new(),
        })
    }

    pub fn quotes(self) -> impl Iterator<Item = Sourced<QuoteRow>> {
        self.pick(|event| match event {
            CaptureEvent::Quote(row) => vec![row],
            _ => Vec::new(),
        })
    }

    pub fn trades(self) -> impl Iterator<Item = Sourced<TradeRow>> {
        self.pick(|event| match event {
            CaptureEvent::Trade(row) => row.into_iter().collect(),
            _ => Vec::new(),
        })
    }

    fn pick<R>(self, rows: impl Fn(CaptureEvent) -> Vec<R>) -> impl Iterator<Item = Sourced<R>> {
        self.flat_map(move |event| match event {
            Ok((line, event)) => rows(event).into_iter().map(|row| Ok((line, row))).collect(),
            Err(error) => vec![Err(error)],
        })
    }
}

impl Iterator for Capture {
    type Item = Result<(u64, CaptureEvent), DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, number) = self.lines.next()?;
        let line = line.map_err(|error| LineFault::Malformed(error.to_string()));
        let event = line.and_then(|line| parse(&line, self.grid));
        Some(event.map(|event| (number, event)).map_err(|fault| fault.at(&self.name, number)))
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    stream: Option<&'a str>,
    #[serde(borrow)]
    data: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Diff<'a> {
    #[serde(rename = "E")]
    event_ms: i64,
    /// When the change was made; futures only.
    #[serde(rename = "T")]
    made_ms: Option<i64>,
    #[serde(rename = "U")]
    first: i64,
    #[serde(rename = "u")]
    last: i64,
    /// The event before; futures only.
    #[serde(rename = "pu")]
    previous: Option<i64>,
    #[serde(borrow, rename = "b")]
    bids: Vec<[&'a str; 2]>,
    #[serde(borrow, rename = "a")]
    asks: Vec<[&'a str; 2]>,
}

#[derive(Deserialize)]
struct Snapshot<'a> {
    #[serde(rename = "lastUpdateId")]
    last: i64,
    #[serde(rename = "T")]
    made_ms: Option<i64>,
    #[serde(borrow)]
    bids: Vec<[&'a str; 2]>,
    #[serde(borrow)]
    asks: Vec<[&'a str; 2]>,
}

#[derive(Deserialize)]
struct Best<'a> {
    #[serde(rename = "T")]
    made_ms: Option<i64>,
    b: &'a str,
    #[serde(rename = "B")]
    bid_qty: &'a str,
    a: &'a str,
    #[serde(rename = "A")]
    ask_qty: &'a str,
}

#[derive(Deserialize)]
struct TradeMade<'a> {
    t: i64,
    #[serde(rename = "T")]
    made_ms: i64,
    p: &'a str,
    q: &'a str,
    /// The buyer was the maker.
    m: bool,
}

fn parse(line: &str, grid: Grid) -> Result<CaptureEvent, LineFault> {
    let (local, json) =
        line.split_once(' ').ok_or_else(|| LineFault::Malformed("no time before the message".to_owned()))?;
    let time =
        Time(local.parse().ok().ok_or_else(|| LineFault::Malformed(format!("`{local}` is not a time")))?);
    let envelope: Envelope<'_> = read(json)?;
    let (Some(stream), Some(data)) = (envelope.stream, envelope.data) else {
        return snapshot(&read(json)?, time, grid).map(CaptureEvent::Depth);
    };
    let kind = stream.split('@').nth(1).unwrap_or_default();
    match kind {
        "depth" => diff(&read(data.get())?, time, grid).map(CaptureEvent::Depth),
        "bookTicker" => quote(&read(data.get())?, time, grid).map(CaptureEvent::Quote),
        "trade" => trade(&read(data.get())?, time, grid).map(CaptureEvent::Trade),
        _ => Ok(CaptureEvent::Other),
    }
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, LineFault> {
    serde_json::from_str(json).map_err(|error| LineFault::Malformed(error.to_string()))
}

fn snapshot(of: &Snapshot<'_>, time: Time, grid: Grid) -> Result<Vec<DepthRow>, LineFault> {
    let first = DepthRow {
        time,
        venue_time: of.made_ms.map(milliseconds),
        sequence: of.last,
        previous: of.last,
        snapshot: true,
        last: false,
        change: None,
    };
    levels(first, &of.bids, &of.asks, grid)
}

/// Spot numbers every change, so an event continues the one before its first; futures name it.
fn diff(of: &Diff<'_>, time: Time, grid: Grid) -> Result<Vec<DepthRow>, LineFault> {
    let first = DepthRow {
        time,
        venue_time: Some(milliseconds(of.made_ms.unwrap_or(of.event_ms))),
        sequence: of.last,
        previous: of.previous.unwrap_or(of.first.saturating_sub(1)),
        snapshot: false,
        last: false,
        change: None,
    };
    levels(first, &of.bids, &of.asks, grid)
}

fn levels(
    first: DepthRow,
    bids: &[[&str; 2]],
    asks: &[[&str; 2]],
    grid: Grid,
) -> Result<Vec<DepthRow>, LineFault> {
    let mut rows = Vec::with_capacity(bids.len() + asks.len() + 1);
    for (side, levels) in [(Side::Buy, bids), (Side::Sell, asks)] {
        for level in levels {
            let Level { price, qty } = level_of(level, grid)?;
            rows.push(DepthRow { change: Some(DepthChange { side, price, qty }), ..first.clone() });
        }
    }
    if rows.is_empty() {
        rows.push(first);
    }
    if let Some(row) = rows.last_mut() {
        row.last = true;
    }
    Ok(rows)
}

fn quote(of: &Best<'_>, time: Time, grid: Grid) -> Result<QuoteRow, LineFault> {
    let side =
        |level: [&str; 2]| level_of(&level, grid).map(|level| Some(level).filter(|level| level.qty.0 > 0));
    Ok(QuoteRow {
        time,
        venue_time: of.made_ms.map(milliseconds),
        bid: side([of.b, of.bid_qty])?,
        ask: side([of.a, of.ask_qty])?,
    })
}

fn trade(of: &TradeMade<'_>, time: Time, grid: Grid) -> Result<Option<TradeRow>, LineFault> {
    let Level { price, qty } = level_of(&[of.p, of.q], grid)?;
    let aggressor = Some(if of.m { Side::Sell } else { Side::Buy });
    let venue_time = Some(milliseconds(of.made_ms));
    let row = TradeRow { time, venue_time, price, qty, aggressor, id: Some(of.t) };
    Ok(Some(row).filter(|row| row.price.0 != 0 && row.qty.0 != 0))
}

fn level_of(level: &[&str; 2], grid: Grid) -> Result<Level, LineFault> {
    let steps = |column: &str, text: &str, step| {
        let steps = Decimal::parse(text).and_then(Decimal::money).and_then(|value| value.steps_of(step));
        steps.map_err(|fault| LineFault::Number { column: column.to_owned(), text: text.to_owned(), fault })
    };
    Ok(Level {
        price: Price(steps("price", level[0], grid.tick)?),
        qty: Qty(steps("qty", level[1], grid.lot)?),
    })
}

fn milliseconds(ms: i64) -> Time {
    Time(ms.saturating_mul(1_000_000))
}
