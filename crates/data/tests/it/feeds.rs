//! Feeds of venues against what independent programs counted in them. Their files may not be copied, so they
//! are read where a `shared/data` folder stands beside a folder above this crate.
#![expect(clippy::print_stdout, reason = "a comparison tells how much it compared, or that it was skipped")]

use crate::sample::{grid, lines, shared, text};
use data::{
    Align, BarBuilder, BarRow, Mapping, OrderBook, OrderDeed, OrderRow, TradeRow, capture, csv_rows,
    itch_messages, pitch_messages,
};
use model::{Grid, Money, Price, Qty, Side, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("json")
}

fn stock() -> Grid {
    grid("0.0001", "1")
}

#[test]
fn pitch_gives_what_is_in_the_file_symbol_by_symbol() {
    let Some(folder) = shared("lob/bats_pitch") else { return };
    let tape = folder.join("pitch_first_50k.txt.gz");
    let expected = json(&folder.join("pitch_first_50k.expected.json"));
    let named = lines(&tape).filter(|line| matches!(line.as_bytes()[8], b'A' | b'P'));
    let symbols: BTreeSet<String> = named.map(|line| line[28..34].trim_end().to_owned()).collect();
    let mut deeds: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut volumes, mut open): (Vec<(i64, String)>, usize) = (Vec::new(), 0);
    for symbol in &symbols {
        let (mut book, mut volume) = (OrderBook::default(), 0);
        for row in pitch_messages(text(&tape), "2009-01-02", symbol, stock()).expect("a date") {
            let (_, row) = row.expect("a message");
            let name = match row.deed {
                OrderDeed::Add => "A",
                OrderDeed::Reduce => "X",
                OrderDeed::Execute => "E",
                _ => "P",
            };
            *deeds.entry(name).or_default() += 1;
            volume += if matches!(name, "E" | "P") { row.qty.0 } else { 0 };
            book.apply(&row);
        }
        assert_eq!(book.unknown(), 0, "{symbol}");
        open += book.open_orders();
        volumes.push((-volume, symbol.clone()));
    }
    volumes.sort();
    for (name, count) in expected["types"].as_object().expect("counts") {
        assert_eq!(deeds.get(name.as_str()).copied(), count.as_u64(), "{name}");
    }
    assert_eq!(Some(open as u64), expected["open_orders_at_end"].as_u64());
    assert_eq!(
        Some(-volumes.iter().map(|(volume, _)| volume).sum::<i64>()),
        expected["total_volume"].as_i64()
    );
    let top = expected["top10_symbols_by_executed_plus_hidden_volume"].as_array().expect("symbols");
    for (found, told) in volumes.iter().zip(top) {
        assert_eq!(
            (found.1.as_str(), -found.0),
            (told[0].as_str().expect("a name"), told[1].as_i64().expect("shares"))
        );
    }
    println!(
        "pitch: {} rows of {} symbols, {open} orders open, as expected",
        deeds.values().sum::<u64>(),
        symbols.len()
    );
}

#[test]
fn itch_gives_the_best_quotes_after_every_message() {
    let Some(folder) = shared("lob/itch50_aapl") else { return };
    let mut expected: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    for line in lines(&folder.join("expected_l1.csv.gz")).skip(1) {
        let cells: Vec<i64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        expected.insert(cells[0].unsigned_abs(), cells[1..].to_vec());
    }
    let all = expected.len();
    let rows = itch_messages(text(&folder.join("aapl_20120621.itch50.gz")), "2012-06-21", "AAPL", stock());
    let (mut book, mut counts, mut equal) = (OrderBook::default(), BTreeMap::<String, u64>::new(), 0);
    for row in rows.expect("a date") {
        let (number, row) = row.expect("a message");
        *counts.entry(format!("{:?}", row.deed)).or_default() += 1;
        book.apply(&row);
        if let Some(told) = expected.remove(&number) {
            let (bid, ask) = (book.levels().best_bid(), book.levels().best_ask());
            let level =
                |level: Option<model::Level>| level.map_or([0, 0], |level| [level.price.0, level.qty.0]);
            equal += usize::from([level(ask), level(bid)].concat() == told);
        }
    }
    println!("itch: {equal} of {all} messages equal at the best quotes");
    assert_eq!((equal, all, expected.len()), (19_994, 19_994, 0));
    let names = [("A", "Add"), ("X", "Reduce"), ("D", "Delete"), ("E", "Execute"), ("P", "Trade")];
    let told = json(&folder.join("expected.json"));
    for (letter, name) in names {
        assert_eq!(counts.get(name).copied(), told["by_type"][letter].as_u64(), "{name}");
    }
}

#[test]
fn futures_orders_are_filled_in_the_turn_that_we_keep() {
    let Some(folder) = shared("lob/cme_mbo_esh4") else { return };
    let fields = [("time", "ts_event_ns"), ("deed", "action"), ("id", "order_id"), ("qty", "size")];
    let mut mapping = Mapping::named(&fields);
    mapping.columns.extend(
        [("side", "side"), ("price", "price_1e9")]
            .map(|(field, column)| (field.to_owned(), column.to_owned())),
    );
    mapping.scale.insert("price".to_owned(), "1e-9".to_owned());
    let rows = csv_rows::<OrderRow>(text(&folder.join("mbo.csv.gz")), &mapping, grid("0.01", "1"))
        .expect("a mapping");
    let mut events = lines(&folder.join("trade_events_expected.csv.gz")).skip(1).peekable();
    let (mut book, mut pure, mut other, mut other_equal) = (OrderBook::default(), 0, 0, 0);
    for (row, number) in rows.zip(0u64..) {
        let (_, row) = row.expect("a row");
        while let Some(event) = events.next_if(|event| event.split(',').next() == Some(&number.to_string())) {
            let cells: Vec<&str> = event.split(',').collect();
            let side = if cells[1] == "B" { Side::Buy } else { Side::Sell };
            let fills = book.would_fill(side, Qty(cells[2].parse().expect("a quantity")));
            let fills: Vec<String> = fills.iter().map(|(id, qty)| format!("{id}:{}", qty.0)).collect();
            if cells[3] == "1" {
                pure += 1;
                assert_eq!(fills.join(" "), cells[4], "the event at row {number}");
            } else {
                other += 1;
                other_equal += usize::from(fills.join(" ") == cells[4]);
            }
        }
        book.apply(&row);
    }
    println!(
        "cme: {pure} of {pure} trades filled in turn; of {other} with implied, stop or iceberg orders {other_equal}"
    );
    assert_eq!((pure, other), (914, 46));
}

#[test]
fn captured_trades_make_the_venues_minutes() {
    let Some(folder) = shared("lob/binance_capture") else { return };
    for (name, grid) in [
        ("spot_btcusdt_20240808", grid("0.01", "0.00000001")),
        ("coinm_ethusd_perp_20240808", grid("0.01", "1")),
    ] {
        let told = json(&folder.join(format!("{name}.expected.json")));
        let mut builder =
            BarBuilder::new("1m".parse().expect("a spec"), Align::From(Time(0)), grid).expect("a builder");
        let (mut made, mut count): (Vec<BarRow>, u64) = (Vec::new(), 0);
        let (mut volume, mut bought, mut value) = (0i128, 0i128, 0i128);
        for row in capture(text(&folder.join(format!("{name}.jsonl.gz"))), grid).trades() {
            let trade = row.expect("a trade").1;
            // The venue's minutes go by the venue's clock.
            let trade = TradeRow { time: trade.venue_time.expect("the venue tells its time"), ..trade };
            count += 1;
            volume += i128::from(trade.qty.0);
            value += i128::from(trade.qty.0) * i128::from(trade.price.0);
            bought += if trade.aggressor == Some(Side::Buy) { i128::from(trade.qty.0) } else { 0 };
            made.extend(builder.trade(&trade).expect("in order"));
        }
        made.extend(builder.finish());
        let amount = |lots: i128| Money(lots * grid.lot.0);
        let told_amount =
            |name: &str| Money::parse(told[name].as_str().expect("a number")).expect("a number");
        assert_eq!(Some(count), told["trades"].as_u64(), "{name}");
        assert_eq!(
            (amount(volume), amount(bought)),
            (told_amount("volume"), told_amount("taker_buy_volume"))
        );
        let vwap = value as f64 / volume as f64 / 100.0;
        let told_vwap: f64 = told["vwap"].as_str().expect("a number").parse().expect("a number");
        assert!((vwap / told_vwap - 1.0).abs() < 1e-12, "{name}: {vwap} {told_vwap}");
        let minutes: Vec<String> = lines(&folder.join(format!("{name}.bars_1m.csv"))).skip(1).collect();
        assert_eq!(made.len(), minutes.len(), "{name}");
        for (bar, line) in made.iter().zip(&minutes) {
            let cells: Vec<&str> = line.split(',').collect();
            let price = |text: &str| Price::parse(text, grid.tick).expect("a price");
            let expected = (price(cells[1]), price(cells[2]), price(cells[3]), price(cells[4]));
            assert_eq!((bar.open, bar.high, bar.low, bar.close), expected, "{name}");
            assert_eq!(bar.time.0 / 1_000_000, cells[0].parse::<i64>().expect("a time"));
            assert_eq!(bar.volume, Qty::parse(cells[5], grid.lot).expect("a volume"));
            assert_eq!(bar.trades.map(|trades| trades.to_string()).as_deref(), Some(cells[6]));
        }
        println!(
            "{name}: {count} trades, {} minutes, volume, bought volume and VWAP as expected",
            made.len()
        );
    }
}
