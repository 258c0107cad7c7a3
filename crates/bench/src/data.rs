//! The past: rows a second into the catalogue from text, out of it in order of time, through the checks and into
//! bars, and what a row takes on disk. Beside it the least that text asks for: split and parse, keep nothing.

use crate::measure::{Pinned, median, timed};
use crate::{Figure, Options};
use ::data::{
    Align, Catalogue, CheckLimits, DataError, Import, Kind, Mapping, Shelf, Text, TradeRow, csv_rows,
};
use model::{Grid, Money, Symbol, Time};
use std::fmt::Write;
use std::io::Cursor;
use std::ops::Range;

const ROWS_MAX: usize = 2_000_000;
const ALL: Range<Time> = Time::MIN..Time::MAX;

/// CPU seconds of each task of one run.
#[derive(Default)]
struct Took {
    naive: Vec<f64>,
    import: Vec<f64>,
    scan: Vec<f64>,
    check: Vec<f64>,
    bars: Vec<f64>,
    /// Bytes a row on disk, and the most rows that a scan held.
    size: (f64, usize),
}

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let rows = options.n.min(ROWS_MAX);
    let text = made(rows);
    let _pinned = Pinned::new();
    let mut took = Took::default();
    for _ in 0..options.runs.min(3) {
        took.naive.push(timed(|| assert_eq!(naive(&text), rows, "every line is read")));
        one_run(options, &text, rows, &mut took).expect("a catalogue in the folder of the bench");
    }
    let million = |seconds: Vec<f64>| rows as f64 / median(seconds) / 1e6;
    let (bytes, held) = took.size;
    vec![
        Figure::new("data_import_mrows", million(took.import), "M rows/s of text, kept").at_least(0.5),
        Figure::new("data_naive_text_mrows", million(took.naive), "M rows/s of text, split and parsed only"),
        Figure::new("data_scan_mrows", million(took.scan), "M rows/s").at_least(5.0),
        Figure::new("data_check_mrows", million(took.check), "M rows/s, scan included").at_least(2.0),
        Figure::new("data_bars_mrows", million(took.bars), "M rows/s, scan included").at_least(2.0),
        Figure::new("data_row_bytes", bytes, "bytes a trade on disk"),
        Figure::new("data_scan_held_rows", held as f64, "rows in memory at most").at_most(30_000.0),
    ]
}

fn one_run(options: &Options, text: &str, rows: usize, took: &mut Took) -> Result<(), DataError> {
    std::fs::create_dir_all(&options.dir).expect("a folder for the bench");
    let folder = tempfile::tempdir_in(&options.dir).expect("a folder to write to");
    let catalogue = Catalogue::open_to_write(folder.path())?;
    let amount = |text| Money::parse(text).expect("a step");
    let grid = Grid { tick: amount("0.01"), lot: amount("0.00001") };
    let instrument = Symbol::new("BTC-USDT").expect("a symbol");
    let shelf = Shelf { instrument, kind: Kind::Trades };
    let import = Import { shelf, grid, source: "made.csv".to_owned(), faults_max: 0 };
    let read = Text { name: "made.csv".to_owned(), read: Box::new(Cursor::new(text.to_owned())) };
    let trades = csv_rows::<TradeRow>(read, &Mapping::binance_trades(), grid)?;
    let mut done = 0;
    took.import.push(timed(|| {
        done = catalogue.import(&import, trades, &mut |_| true).map_or(0, |done| done.rows_new);
    }));
    assert_eq!(done, rows as u64, "every row is kept");
    let (mut seen, mut held) = (0, 0);
    let mut scan = catalogue.scan::<TradeRow>(&shelf, ALL)?;
    took.scan.push(timed(|| {
        seen = scan.by_ref().map(|batch| batch.map_or(0, |batch| batch.len())).sum();
        held = scan.cost().rows_held_max;
    }));
    assert_eq!(seen, rows, "every row comes out");
    let mut looked = 0;
    took.check.push(timed(|| {
        let report = catalogue.check::<TradeRow>(&shelf, ALL, CheckLimits::default());
        looked = report.map_or(0, |report| report.rows);
    }));
    assert_eq!(looked, rows as u64, "every row is looked at");
    let minute = "1m".parse()?;
    let mut bars = 0;
    took.bars.push(timed(|| {
        let made = catalogue.aggregate(&shelf, minute, Align::From(Time(0)), ALL, &mut |_| true);
        bars = made.map_or(0, |made| made.rows_new);
    }));
    assert!(bars > 0, "bars are made");
    let stats = catalogue.stats(&shelf)?;
    took.size = (stats.bytes as f64 / stats.rows as f64, held);
    Ok(())
}

/// Lines, cells, numbers: a sum so that nothing is left out.
fn naive(text: &str) -> usize {
    let mut sum = 0.0;
    let read = text.lines().filter(|line| {
        let mut cells = line.split(',');
        let mut number = || cells.next().and_then(|cell| cell.parse::<f64>().ok());
        let row = (number(), number(), number(), number(), number());
        sum += row.1.unwrap_or(0.0) * row.2.unwrap_or(0.0);
        row.4.is_some()
    });
    let count = read.count();
    std::hint::black_box(sum);
    count
}

/// Trades as Binance dumps them: a walk of prices, 20 ms apart.
fn made(rows: usize) -> String {
    let mut text = String::new();
    let (mut price, mut state) = (6_000_000u64, 88_172_645_463_325_252u64);
    for id in 0..rows as u64 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        price = price + state % 7 - 3;
        let (ms, qty, maker) = (1_723_161_256_172 + id * 20, state % 99_999 + 1, state.is_multiple_of(2));
        let (whole, part) = (price / 100, price % 100);
        writeln!(text, "{id},{whole}.{part:02},0.{qty:05},1.0,{ms},{maker},true").expect("memory");
    }
    text
}
