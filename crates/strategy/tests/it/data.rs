//! The data that tests run on: the sample that the examples use, tables of other tools, and numbers from a seed.

use flate2::read::GzDecoder;
use model::{NANOS_PER_SECOND, Side};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use strategy::indicator::{Bar, Input, Kind, Pair, Print, Quote, Spec};

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// A table of text: the column of a name, row by row.
pub struct Table {
    columns: BTreeMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// From a `.csv`, or a text that was packed by gzip.
    pub fn read(path: &str) -> Self {
        let bytes = std::fs::read(folder().join(path)).expect(path);
        let mut text = String::new();
        if path.ends_with(".gz") {
            GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect(path);
        } else {
            text = String::from_utf8(bytes).expect(path);
        }
        let mut lines = text.lines();
        let heads = lines.next().expect("a table has a head").split(',');
        let columns = heads.enumerate().map(|(at, head)| (head.trim().to_owned(), at)).collect();
        let rows = lines.map(|line| line.split(',').map(|cell| cell.trim().to_owned()).collect()).collect();
        Self { columns, rows }
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    pub fn text(&self, column: &str) -> Vec<&str> {
        let at = *self.columns.get(column).unwrap_or_else(|| panic!("no column {column}"));
        self.rows.iter().map(|row| row.get(at).map_or("", String::as_str)).collect()
    }

    /// None where a cell is empty.
    pub fn numbers(&self, column: &str) -> Vec<Option<f64>> {
        self.text(column).into_iter().map(|cell| (!cell.is_empty()).then(|| number(cell))).collect()
    }

    fn full(&self, column: &str) -> Vec<f64> {
        self.text(column).into_iter().map(number).collect()
    }

    /// Bars, their columns spelled with a small or a capital letter; an hour apart where there is no `time`.
    pub fn bars(&self) -> Vec<Bar> {
        let of = |small: &str, capital: &str| self.full(if self.has(small) { small } else { capital });
        let [open, high, low, close] =
            [of("open", "Open"), of("high", "High"), of("low", "Low"), of("close", "Close")];
        let volume = if self.has("volume") || self.has("Volume") {
            of("volume", "Volume")
        } else {
            vec![0.0; open.len()]
        };
        let times: Vec<i64> =
            if self.has("time") { self.times() } else { (0..open.len()).map(hour).collect() };
        (0..open.len())
            .map(|at| Bar {
                time: times[at],
                open: open[at],
                high: high[at],
                low: low[at],
                close: close[at],
                volume: volume[at],
            })
            .collect()
    }

    fn times(&self) -> Vec<i64> {
        let seconds = self.text("time").into_iter().map(|cell| cell.parse::<i64>().expect("seconds"));
        seconds.map(|seconds| seconds * NANOS_PER_SECOND).collect()
    }
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell} is not a number"))
}

pub fn hour(at: usize) -> i64 {
    i64::try_from(at).expect("few bars") * 3600 * NANOS_PER_SECOND
}

/// What the example of an indicator is fed.
pub fn sample(spec: &Spec) -> Vec<Input> {
    match spec.takes() {
        Kind::Bar => Table::read("sample/bars.csv").bars().into_iter().map(Input::Bar).collect(),
        Kind::Quote => {
            let table = Table::read("sample/quotes.csv");
            let [bid, bid_qty, ask, ask_qty] =
                ["bid", "bid_qty", "ask", "ask_qty"].map(|name| table.full(name));
            let quote = |(at, time)| Quote {
                time,
                bid: bid[at],
                bid_qty: bid_qty[at],
                ask: ask[at],
                ask_qty: ask_qty[at],
            };
            table.times().into_iter().enumerate().map(quote).map(Input::Quote).collect()
        }
        Kind::Print => {
            let table = Table::read("sample/prints.csv");
            let (price, qty, side) = (table.full("price"), table.full("qty"), table.text("aggressor"));
            let print = |(at, time)| Print {
                time,
                price: price[at],
                qty: qty[at],
                aggressor: if side[at] == "buy" { Side::Buy } else { Side::Sell },
            };
            table.times().into_iter().enumerate().map(print).map(Input::Print).collect()
        }
        Kind::Pair => {
            let table = Table::read("sample/pairs.csv");
            let (x, y) = (table.full("x"), table.full("y"));
            let pair = |(at, time)| Pair { time, x: x[at], y: y[at] };
            table.times().into_iter().enumerate().map(pair).map(Input::Pair).collect()
        }
    }
}

/// Numbers between 0 and 1 from a seed: the same on every machine.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 32).map_or(0.0, f64::from) / f64::from(u32::MAX)
    }

    /// Between -1 and 1, mostly near 0.
    fn step(&mut self) -> f64 {
        (self.next() + self.next() + self.next()) / 1.5 - 1.0
    }
}

/// Hourly bars of a walk, with gaps, flat stretches and bars of one price.
pub fn walk(seed: u64, count: usize) -> Vec<Bar> {
    let mut draw = Draw::new(seed);
    let mut price = 100.0;
    let mut bars = Vec::new();
    for at in 0..count {
        let is_flat = draw.next() < 0.02;
        let open = price * (1.0 + 0.002 * draw.step());
        let close = if draw.next() < 0.03 { open } else { open * (1.0 + 0.02 * draw.step()) };
        let high = open.max(close) * (1.0 + 0.01 * draw.next());
        let low = open.min(close) * (1.0 - 0.01 * draw.next());
        let volume = (1000.0 * (0.2 + draw.next())).round();
        let (high, low, close) = if is_flat { (open, open, open) } else { (high, low, close) };
        bars.push(Bar { time: hour(at), open, high, low, close, volume });
        price = close;
    }
    bars
}

/// Inputs of the kind that an indicator takes, from a seed.
pub fn random(spec: &Spec, seed: u64, count: usize) -> Vec<Input> {
    let bars = walk(seed, count);
    let mut draw = Draw::new(seed + 1);
    let mut input = |bar: &Bar| match spec.takes() {
        Kind::Bar => Input::Bar(*bar),
        Kind::Pair => Input::Pair(Pair { time: bar.time, x: bar.open, y: bar.close + 3.0 * draw.next() }),
        Kind::Print => Input::Print(Print {
            time: bar.time,
            price: bar.close,
            qty: 1.0 + (100.0 * draw.next()).floor(),
            aggressor: if draw.next() < 0.5 { Side::Buy } else { Side::Sell },
        }),
        Kind::Quote => Input::Quote(Quote {
            time: bar.time,
            bid: bar.low,
            bid_qty: 1.0 + (100.0 * draw.next()).floor(),
            ask: bar.high,
            ask_qty: 1.0 + (100.0 * draw.next()).floor(),
        }),
    };
    bars.iter().map(&mut input).collect()
}
