//! Rows to test with.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use data::{BarRow, Kind, Mapping, Shelf, Text, TimeUnit, TradeRow, csv_rows, open_text};
use model::{Grid, Money, Price, Qty, Side, Symbol, Time};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

pub const DAY_NS: i64 = 86_400_000_000_000;

pub fn grid(tick: &str, lot: &str) -> Grid {
    Grid { tick: Money::parse(tick).expect("a tick"), lot: Money::parse(lot).expect("a lot") }
}

pub fn shelf(instrument: &str, kind: &str) -> Shelf {
    let kind: Kind = kind.parse().expect("a kind");
    Shelf { instrument: Symbol::new(instrument).expect("a symbol"), kind }
}

pub fn trade(time_ns: i64, id: i64) -> TradeRow {
    TradeRow {
        time: Time(time_ns),
        venue_time: (id % 3 == 0).then_some(Time(time_ns - 5)),
        price: Price(6_000_000 + id % 97),
        qty: Qty(1 + id % 13),
        aggressor: [None, Some(Side::Buy), Some(Side::Sell)][usize::try_from(id % 3).expect("an id")],
        id: Some(id),
    }
}

pub fn golden(name: &str) -> std::path::PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = root.join("samples").join(name);
    if sample.exists() { sample } else { root.join("tests").join("golden").join(name) }
}

pub fn text(path: &std::path::Path) -> Text {
    open_text(path).expect("a file").remove(0)
}

/// The rows of a file of bars in plain columns.
pub fn bars(name: &str, zone: Option<&str>, grid: Grid) -> Vec<BarRow> {
    let first = if name.contains("daily") { "date" } else { "time" };
    let fields = ["open", "high", "low", "close", "volume"].map(|field| (field.to_owned(), field.to_owned()));
    let mut mapping = Mapping { columns: fields.into(), ..Mapping::default() };
    mapping.columns.insert("time".to_owned(), first.to_owned());
    mapping.time.unit = TimeUnit::Iso;
    mapping.time.zone = zone.map(str::to_owned);
    let rows = csv_rows(text(&golden(name)), &mapping, grid).expect("a mapping that fits");
    rows.map(|row| row.expect("a bar").1).collect()
}

/// A file or folder that may not be copied here; none where it is not at hand, which is said.
pub fn shared(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared").join("data").join(name)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: there is no shared/data/{name} beside a folder above");
    }
    found
}

pub fn lines(path: &Path) -> impl Iterator<Item = String> + use<> {
    BufReader::new(text(path).read).lines().map(|line| line.expect("text"))
}
