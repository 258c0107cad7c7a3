//! Whole tasks: from a capture into the catalogue and out again as bars, checks, text and a book.

use crate::sample::{DAY_NS, golden, grid, shelf, text, trade};
use data::{
    ActionRow, Align, BarRow, Catalogue, Chaining, CheckLimits, DataError, DepthBook, DepthRow, FactRow,
    FundingRow, Import, Kind, NewsRow, OrderDeed, OrderRow, QuoteRow, Row, SampleRow, TradeRow, capture,
};
use model::{AssetId, CorporateAction, Level, Money, Price, Qty, Rate, Side, Symbol, Time};

const ALL: std::ops::Range<Time> = Time::MIN..Time::MAX;

#[test]
fn a_captured_day_gives_the_venues_bars_and_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    let grid = grid("0.01", "0.00000001");
    let tape = golden("spot_btcusdt_20240808_head.jsonl.gz");
    let open = || capture(text(&tape), grid);
    let import = |kind: &str| Import {
        shelf: shelf("BTC-USDT", kind),
        grid,
        source: "capture".to_owned(),
        faults_max: 0,
    };
    for _ in 0..2 {
        catalogue.import(&import("trades"), open().trades(), &mut |_| true).expect("trades");
        catalogue.import(&import("depth"), open().depth(), &mut |_| true).expect("depth");
    }
    let trades = shelf("BTC-USDT", "trades");
    assert_eq!(catalogue.stats(&trades).expect("figures").rows, 408, "the second run added nothing");

    let seconds = "1s".parse().expect("a spec");
    let made = catalogue.aggregate(&trades, seconds, Align::From(Time(0)), ALL, &mut |_| true).expect("bars");
    let again =
        catalogue.aggregate(&trades, seconds, Align::From(Time(0)), ALL, &mut |_| true).expect("bars");
    assert_eq!((again.rows_new, again.rows_known), (0, made.rows_new), "run again, it adds nothing");
    let other =
        catalogue.aggregate(&trades, seconds, Align::From(Time(0)), Time(0)..Time::MAX, &mut |_| true);
    assert!(matches!(other, Err(DataError::Exists { .. })));
    let bars: Vec<BarRow> = catalogue
        .scan::<BarRow>(&shelf("BTC-USDT", "bars-1s"), ALL)
        .expect("a scan")
        .rows()
        .collect::<Result<_, _>>()
        .expect("bars");
    assert_eq!(
        (made.rows_new, bars.iter().filter_map(|bar| bar.trades).sum::<i64>()),
        (bars.len() as u64, 408)
    );
    assert!(bars.iter().all(BarRow::is_sane));

    let report = catalogue.check::<TradeRow>(&trades, ALL, CheckLimits::default()).expect("a look");
    assert!(report.is_clean(), "{report:?}");
    let skew = CheckLimits { skew_ns_max: Some(1_000_000_000), ..CheckLimits::default() };
    let report = catalogue.check::<TradeRow>(&trades, ALL, skew).expect("a look");
    assert_eq!(report.count("clock skew"), 408, "this recorder's clock was 1.27 s behind the venue's");

    let mut book = DepthBook::new(Chaining::After);
    let mut applied = 0;
    for row in catalogue.scan::<DepthRow>(&shelf("BTC-USDT", "depth"), ALL).expect("a scan").rows() {
        book.apply(&row.expect("a row"), &mut |_, _| applied += 1).expect("no gap");
    }
    assert_eq!(applied, 243, "the book comes out of the catalogue as it went in");
    assert!(!book.levels().is_crossed());
}

#[test]
fn a_history_follows_changes_of_symbol_and_a_backfill_knows_its_gaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    let grid = grid("1", "1");
    let symbol = Symbol::new("META").expect("a symbol");
    let change = ActionRow { time: Time(100), action: CorporateAction::SymbolChange { symbol } };
    catalogue.append(&shelf("FB", "actions"), grid, &[change]).expect("an action");
    catalogue.append(&shelf("FB", "trades"), grid, &[trade(50, 1), trade(150, 2)]).expect("trades");
    catalogue.append(&shelf("META", "trades"), grid, &[trade(60, 3), trade(160, 4)]).expect("trades");
    let first = Symbol::new("FB").expect("a symbol");
    let batches = catalogue.history::<TradeRow>(first, Kind::Trades, ALL).expect("a history");
    let ids: Vec<Option<i64>> = batches.flat_map(|batch| batch.expect("rows")).map(|row| row.id).collect();
    assert_eq!(ids, [Some(1), Some(4)], "each name while it held");

    let missing = catalogue.missing::<TradeRow>(&shelf("FB", "trades"), Time(0)..Time(200), Some(20));
    let expected = [Time(0)..Time(50), Time(50)..Time(150), Time(151)..Time(200)];
    assert_eq!(missing.expect("a look").expect("few"), expected);
}

#[test]
fn every_kind_of_row_comes_back_as_it_went() {
    let time = Time(DAY_NS * 20_000);
    let level = |price| Some(Level { price: Price(price), qty: Qty(7) });
    let money = |text: &str| Money::parse(text).expect("a number");
    same("quotes", &[QuoteRow { time, venue_time: None, bid: level(-3), ask: None }]);
    same("funding", &[FundingRow { time, rate: Rate(-100_000), mark: Some(Price(5)) }]);
    let deed = |deed| OrderRow {
        time,
        venue_time: Some(time),
        deed,
        id: 9,
        side: Side::Sell,
        price: Price(1),
        qty: Qty(2),
        last: true,
    };
    same("orders", &[OrderDeed::Add, OrderDeed::Resume, OrderDeed::Modify].map(deed));
    let actions = [
        CorporateAction::Split { old: 1, new: 7 },
        CorporateAction::Dividend { asset: AssetId(3), amount: money("0.485") },
        CorporateAction::Delisting { price: None },
        CorporateAction::SymbolChange { symbol: Symbol::new("META").expect("a symbol") },
    ];
    same("actions", &actions.map(|action| ActionRow { time, action }));
    let text = |text: &str| text.to_owned();
    same(
        "news",
        &[NewsRow { time, source: text("wire"), headline: text("Übernahme, \"fast\""), body: None }],
    );
    let fact = FactRow {
        time,
        period_end: Some(Time(1)),
        name: text("Revenues"),
        unit: text("USD"),
        value: money("25500000000"),
        source: Some(text("10-Q")),
    };
    same("facts", &[fact]);
    same("series-vix", &[SampleRow { time, value: Some(money("13.37")), text: None }]);
    let bar = BarRow {
        time,
        end: Time(time.0 + 1),
        open: Price(1),
        high: Price(3),
        low: Price(0),
        close: Price(2),
        volume: Qty(i64::MAX),
        value: Some(i128::from(i64::MAX) * 1000),
        trades: None,
    };
    same("bars-1d", &[bar]);
}

fn same<R: Row>(kind: &str, rows: &[R]) {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    catalogue.append(&shelf("X", kind), grid("0.01", "1"), rows).expect("an append");
    let scan = Catalogue::open(folder.path()).scan::<R>(&shelf("X", kind), ALL).expect("a scan");
    assert_eq!(scan.rows().collect::<Result<Vec<R>, _>>().expect("rows"), rows, "{kind}");
}
