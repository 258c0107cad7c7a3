//! Books made again from recorded changes, against what they must be after each of them.
//! Two short captures are in the repository; the whole ones, and one that may not be copied, are used where
//! a `shared/data` folder stands beside a folder above this crate.
#![expect(clippy::print_stdout, reason = "a comparison tells how much it compared, or that it was skipped")]

use crate::sample::{golden, grid, lines, shared, text};
use data::{
    CaptureEvent, Chaining, DepthBook, Levels, Mapping, OrderBook, OrderRow, capture, csv_rows,
    lobster_messages,
};
use model::{Grid, Level, Money, Price, Side};
use std::path::Path;

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

/// How many rows of one companion file were compared, and how many were equal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Share {
    equal: usize,
    all: usize,
}

impl Share {
    fn count(&mut self, equal: bool) -> bool {
        self.all += 1;
        self.equal += usize::from(equal);
        equal
    }
}

#[test]
fn a_book_by_orders_is_the_venues_after_every_message() {
    let Some(folder) = shared("lob/lobster_aapl_20120621") else { return };
    let open = |name: &str| lines(&folder.join(name));
    let grid = Grid { tick: Money::parse("0.0001").expect("a tick"), lot: Money::ONE };
    let messages = lobster_messages(text(&folder.join("message_50.csv.gz")), "2012-06-21", grid);
    let opening = levels(&open("orderbook_50_first672.csv.gz").next().expect("the first book"));
    let mut edge = edges(&opening);
    let mut book = OrderBook::with_levels(opening);
    let mut deep = open("orderbook_50_first672.csv.gz");
    // The ten-level files list only the messages that they show.
    let mut ten = open("message_10_first999.csv.gz").zip(open("orderbook_10_first999.csv.gz")).peekable();
    let (mut top, mut forty, mut fifty, mut tens) =
        (Share::default(), Share::default(), Share::default(), Share::default());
    let told = open("message_50.csv.gz").zip(open("orderbook_l1.csv.gz"));
    for (row, (message, expected)) in messages.expect("a date").zip(told) {
        let (line, row) = row.expect("a message");
        // The opening book holds the first message already.
        if line == 1 {
            book.know(&row);
        } else {
            book.apply(&row);
        }
        top.count(best_of(book.levels(), 1) == levels(&expected));
        if let Some(expected) = deep.next() {
            let expected = levels(&expected);
            forty.count(best_of(book.levels(), 40)[..] == expected[..80]);
            let now = edges(&expected);
            edge = [edge[0].min(now[0]), edge[1].max(now[1])];
            if !fifty.count(is_same(book.levels(), &expected, 50)) {
                explain(line, book.levels(), &expected, edge);
            }
        }
        if let Some((_, expected)) = ten.next_if(|(shown, _)| *shown == message) {
            tens.count(best_of(book.levels(), 10) == levels(&expected));
        }
    }
    println!("lobster: rows equal at 1 level {top:?}, 10 {tens:?}, 40 {forty:?}, 50 {fifty:?}");
    let whole = |all| Share { equal: all, all };
    assert_eq!((top, tens, forty), (whole(45_000), whole(999), whole(672)));
    assert_eq!(fifty, Share { equal: 664, all: 672 });
}

/// The last of the fifty levels of each side, the asks first.
fn edges(book: &[(Side, Level)]) -> [Price; 2] {
    [Side::Sell, Side::Buy].map(|side| {
        let levels = book.iter().filter(|(of, _)| *of == side).map(|(_, level)| level.price);
        levels.last().expect("a level")
    })
}

/// A row may differ for one reason only: the record tells no messages behind the fiftieth level of the moment,
/// and a level that stood or changed there has moved up. So what differs lies beyond the narrowest edge that the
/// fifty levels had until then.
fn explain(line: u64, ours: &Levels, expected: &[(Side, Level)], edge: [Price; 2]) {
    for (side, edge) in [Side::Sell, Side::Buy].into_iter().zip(edge) {
        let ours: Vec<Level> = ours.side(side).take(50).collect();
        let theirs = expected.iter().filter(|(of, _)| *of == side).map(|(_, level)| *level);
        for (at, level) in theirs.enumerate() {
            if ours.get(at) == Some(&level) {
                continue;
            }
            let is_behind = if side == Side::Sell { level.price > edge } else { level.price < edge };
            let price = level.price.0;
            println!(
                "lobster: row {line} differs at {side:?} level {}: {price} was behind the first fifty",
                at + 1
            );
            assert!(is_behind && at >= 40, "row {line}: {price} should be known");
        }
    }
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

/// Side by side: one may have fewer levels than the other.
fn is_same(ours: &Levels, theirs: &[(Side, Level)], count: usize) -> bool {
    [Side::Sell, Side::Buy].into_iter().all(|side| {
        let theirs = theirs.iter().filter(|(of, _)| *of == side).map(|(_, level)| *level);
        ours.side(side).take(count).eq(theirs)
    })
}

fn best_of(levels: &Levels, count: usize) -> Vec<(Side, Level)> {
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
