//! Books made again from recorded changes, against what they must be after each of them.
//! Two short captures are in the repository; the whole ones, and one that may not be copied, are used where
//! a `shared/data` folder stands beside a folder above this crate.
#![expect(clippy::print_stdout, reason = "a comparison tells how much it compared, or that it was skipped")]

use crate::sample::{golden, grid, text};
use data::{
    CaptureEvent, Chaining, DepthBook, Levels, Mapping, OrderBook, OrderRow, capture, csv_rows,
    lobster_messages,
};
use model::{Grid, Level, Money, Price, Side};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

fn shared(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared").join("data").join(name)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: there is no shared/data/{name} beside a folder above");
    }
    found
}

fn lines(path: &Path) -> impl Iterator<Item = String> + use<> {
    BufReader::new(text(path).read).lines().map(|line| line.expect("text"))
}

/// Equal rows and all rows.
fn replay(tape: &Path, expected: &Path, chaining: Chaining, grid: Grid) -> (usize, usize) {
    let mut expected = lines(expected).skip(1);
    let mut book = DepthBook::new(chaining);
    let (mut equal, mut all) = (0, 0);
    for event in capture(text(tape), grid) {
        let CaptureEvent::Depth(rows) = event.expect("an event").1 else { continue };
        for row in rows {
            let mut compare = |levels: &Levels, sequence: i64| {
                let line = expected.next().expect("a row for each diff");
                let cells: Vec<&str> = line.split(',').collect();
                all += 1;
                assert_eq!(cells[0].parse(), Ok(sequence), "row {all}");
                let same = best(levels) == parse(&cells, grid) && depth(levels) == cells[5..7];
                equal += usize::from(same);
            };
            book.apply(&row, &mut compare).expect("no gap");
        }
    }
    assert_eq!(expected.next(), None, "every row was met");
    (equal, all)
}

fn best(levels: &Levels) -> [Option<Level>; 2] {
    [levels.best_bid(), levels.best_ask()]
}

fn depth(levels: &Levels) -> [String; 2] {
    [Side::Buy, Side::Sell].map(|side| levels.side(side).count().to_string())
}

fn parse(cells: &[&str], grid: Grid) -> [Option<Level>; 2] {
    let level = |price: &str, qty: &str| {
        let price = Price::parse(price, grid.tick).expect("a price");
        Some(Level { price, qty: model::Qty::parse(qty, grid.lot).expect("a quantity") })
    };
    [level(cells[1], cells[2]), level(cells[3], cells[4])]
}

#[test]
fn books_by_level_are_the_venues_after_every_diff() {
    let spot = ("spot_btcusdt_20240808", Chaining::After, grid("0.01", "0.00000001"));
    let futures = ("coinm_ethusd_perp_20240808", Chaining::From, grid("0.01", "1"));
    for (name, chaining, grid) in [spot, futures] {
        let tape = golden(&format!("{name}_head.jsonl.gz"));
        let expected = golden(&format!("{name}_head.expected_bbo.csv.gz"));
        let (equal, all) = replay(&tape, &expected, chaining, grid);
        println!("{name}, head: {equal} of {all} rows equal");
        assert!(all > 200 && equal == all, "{equal} of {all}");
        let Some(folder) = shared("lob/binance_capture") else { continue };
        let tape = folder.join(format!("{name}.jsonl.gz"));
        let (equal, all) = replay(&tape, &folder.join(format!("{name}.expected_bbo.csv.gz")), chaining, grid);
        println!("{name}, whole: {equal} of {all} rows equal");
        assert!(equal == all, "{equal} of {all}");
    }
}

#[test]
fn a_book_by_orders_is_the_venues_after_every_message() {
    let Some(folder) = shared("lob/lobster_aapl_20120621") else { return };
    let grid = Grid { tick: Money::parse("0.0001").expect("a tick"), lot: Money::ONE };
    let messages = lobster_messages(text(&folder.join("message_50.csv.gz")), "2012-06-21", grid);
    let opening = lines(&folder.join("orderbook_50_first672.csv.gz")).next().expect("the first book");
    let mut book = OrderBook::with_levels(levels(&opening));
    let mut deep = lines(&folder.join("orderbook_50_first672.csv.gz"));
    let (mut equal, mut equal_deep, mut all, mut all_deep) = (0, 0, 0, 0);
    for (row, expected) in messages.expect("a date").zip(lines(&folder.join("orderbook_l1.csv.gz"))) {
        let (line, row) = row.expect("a message");
        // The opening book holds the first message already.
        if line == 1 {
            book.know(&row);
        } else {
            book.apply(&row);
        }
        all += 1;
        equal += usize::from(top(book.levels(), 1) == levels(&expected));
        if let Some(expected) = deep.next() {
            all_deep += 1;
            let expected = levels(&expected.split(',').take(160).collect::<Vec<_>>().join(","));
            equal_deep += usize::from(top(book.levels(), 40) == expected);
        }
    }
    println!("lobster: {equal} of {all} rows equal at the top, {equal_deep} of {all_deep} at 40 levels");
    assert_eq!((equal, all, equal_deep, all_deep), (45_000, 45_000, 672, 672));
}

#[test]
fn a_futures_book_by_orders_ends_as_the_venues() {
    let Some(folder) = shared("lob/cme_mbo_esh4") else { return };
    let fields = [("time", "ts_event_ns"), ("deed", "action"), ("id", "order_id"), ("qty", "size")];
    let mut mapping = Mapping::default();
    for (field, column) in fields.into_iter().chain([("side", "side"), ("price", "price_1e9")]) {
        mapping.columns.insert(field.to_owned(), column.to_owned());
    }
    mapping.scale.insert("price".to_owned(), "1e-9".to_owned());
    let grid = grid("0.01", "1");
    let rows = csv_rows::<OrderRow>(text(&folder.join("mbo.csv.gz")), &mapping, grid).expect("a mapping");
    let mut book = OrderBook::default();
    for row in rows {
        book.apply(&row.expect("a row").1);
    }
    let level = |price, qty| Some(Level { price: Price(price), qty: model::Qty(qty) });
    assert_eq!(best(book.levels()), [level(480_800, 2), level(480_825, 36)]);
    assert_eq!(depth(book.levels()), ["923", "565"]);
    assert_eq!(book.open_orders(), 10_306);
    println!("cme: the last book has 10306 orders on 923 and 565 levels, as expected");
}

fn top(levels: &Levels, count: usize) -> Vec<(Side, Level)> {
    let side = |side: Side| levels.side(side).take(count).map(move |level| (side, level));
    let (asks, bids): (Vec<_>, Vec<_>) = (side(Side::Sell).collect(), side(Side::Buy).collect());
    asks.into_iter().zip(bids).flat_map(|(ask, bid)| [ask, bid]).collect()
}

fn levels(line: &str) -> Vec<(Side, Level)> {
    let numbers: Vec<i64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
    let level = |pair: &[i64], side| (side, Level { price: Price(pair[0]), qty: model::Qty(pair[1]) });
    let sides = [Side::Sell, Side::Buy].into_iter().cycle();
    numbers
        .chunks(2)
        .zip(sides)
        .map(|(pair, side)| level(pair, side))
        .filter(|(_, level)| level.qty.0 > 0)
        .collect()
}
