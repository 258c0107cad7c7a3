//! Whole files by format: what freqtrade, nautilus and Binance write, and our own exports back again.

use crate::sample::{DAY_NS, golden, grid, shelf, trade};
use data::{
    ActionRow, BarRow, BytesRead, Catalogue, Chaining, Checked, DataError, DepthBook, DepthChange, DepthRow,
    ExportFormat, FactRow, FileImport, Format, FundingRow, Mapped, NewsRow, OrderDeed, OrderRow, QuoteRow,
    SampleRow, Shelf,
};
use model::{AssetId, CorporateAction, Grid, Level, Money, Price, Qty, Rate, Side, Symbol, Time};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ALL: std::ops::Range<Time> = Time::MIN..Time::MAX;

fn file(path: &Path, format: Format, shelf: Shelf, grid: Grid) -> FileImport {
    FileImport {
        path: path.to_owned(),
        format,
        shelf,
        grid,
        mapping: None,
        date: None,
        zone: None,
        symbol: None,
        is_equity: false,
        faults_max: 0,
        within: None,
    }
}

fn open() -> (TempDir, Catalogue) {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(&folder.path().join("catalogue")).expect("a catalogue");
    (folder, catalogue)
}

fn import(catalogue: &Catalogue, file: &FileImport) -> Result<data::Imported, DataError> {
    catalogue.import_file(file, &BytesRead::default(), &mut |_| true)
}

fn rows<R: Mapped>(catalogue: &Catalogue, shelf: &Shelf) -> Vec<R> {
    let scan = catalogue.scan::<R>(shelf, ALL).expect("a scan");
    scan.rows().collect::<Result<_, _>>().expect("rows")
}

/// A zip with one file in it.
fn zipped(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(format!("{name}.zip"));
    let mut zip = zip::ZipWriter::new(File::create(&path).expect("a file"));
    zip.start_file(format!("{name}.csv"), zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(content.as_bytes()).expect("written");
    zip.finish().expect("an archive");
    path
}

#[test]
fn feathers_of_freqtrade_and_nautilus_hold_the_same_bars() {
    let (_folder, catalogue) = open();
    let coin = grid("0.01", "0.00000001");
    let (candles, recorded) = (shelf("BTC/USD", "bars-5m"), shelf("BTCUSD.COINBASE", "bars-5m"));
    let path = golden("BTC_USD-5m.feather");
    assert_eq!(Format::of(&path), Some(Format::Feather));
    let done = import(&catalogue, &file(&path, Format::Freqtrade, candles, coin)).expect("candles");
    assert_eq!(done.rows_new, 120);
    let stream = golden("nautilus_bars.feather");
    let done = import(&catalogue, &file(&stream, Format::Nautilus, recorded, coin)).expect("bars");
    assert_eq!(done.rows_new, 20);
    let candles = rows::<BarRow>(&catalogue, &candles);
    assert_eq!(candles[..20], rows::<BarRow>(&catalogue, &recorded));
    let first = candles[0];
    assert_eq!(
        (first.time.to_string(), first.end.to_string()),
        ("2018-04-04T00:00:00Z".into(), "2018-04-04T00:05:00Z".into())
    );
    assert_eq!((first.open, first.low, first.volume), (Price(742_491), Price(739_000), Qty(7_395_449_355)));
}

#[test]
fn dumps_of_binance_in_their_archives() {
    let (folder, catalogue) = open();
    let coin = grid("0.1", "0.001");
    let quotes = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n\
                  7,61837.6,1.5,61837.7,0.25,1723161256172,1723161256175\n";
    let path = zipped(folder.path(), "BTCUSDT-bookTicker-2024-08-08", quotes);
    let into = shelf("BTCUSDT", "quotes");
    import(&catalogue, &file(&path, Format::of(&path).expect("a format"), into, coin)).expect("quotes");
    let level = |price, qty| Some(Level { price: Price(price), qty: Qty(qty) });
    let quote = QuoteRow {
        time: Time(1_723_161_256_175_000_000),
        venue_time: Some(Time(1_723_161_256_172_000_000)),
        bid: level(618_376, 1_500),
        ask: level(618_377, 250),
    };
    assert_eq!(rows::<QuoteRow>(&catalogue, &into), [quote]);

    let depth = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n\
                 BTCUSDT,1723161256000,9,9,b,snap,100.0,1,-1\n\
                 BTCUSDT,1723161256000,9,9,a,snap,100.1,2,-1\n\
                 BTCUSDT,1723161256100,10,12,b,set,100.0,0,9\n\
                 BTCUSDT,1723161256100,10,12,b,set,99.9,3,9\n\
                 BTCUSDT,1723161256200,13,14,a,set,100.1,5,12\n";
    let path = folder.path().join("depth.csv");
    fs::write(&path, depth).expect("written");
    let into = shelf("BTCUSDT", "depth");
    import(&catalogue, &file(&path, Format::BinanceDepth, into, coin)).expect("depth");
    let kept = rows::<DepthRow>(&catalogue, &into);
    assert_eq!(kept.iter().map(|row| row.last).collect::<Vec<_>>(), [false, true, false, true, true]);
    let (mut book, mut seen) = (DepthBook::new(Chaining::From), Vec::new());
    for row in &kept {
        book.apply(row, &mut |levels, at| seen.push((at, levels.best_bid(), levels.best_ask())))
            .expect("no gap");
    }
    assert_eq!(
        seen,
        [(12, level(999, 3_000), level(1_001, 2_000)), (14, level(999, 3_000), level(1_001, 5_000))]
    );
    let levels = catalogue.book(&into, ALL, Chaining::From).expect("a book");
    assert_eq!(levels.best_ask(), level(1_001, 5_000));
}

#[test]
fn what_a_file_is_not_is_said() {
    let (folder, catalogue) = open();
    let coin = grid("0.1", "0.001");
    let path = folder.path().join("BTCUSDT-trades-2024-08-08.csv");
    let said = |kind: &str, format: Format, content: &str| {
        fs::write(&path, content).expect("written");
        import(&catalogue, &file(&path, format, shelf("X", kind), coin)).expect_err("refused").to_string()
    };
    let empty = said("trades", Format::BinanceTrades, "");
    assert!(empty.contains("holds no trades that can be read (0 faulty rows)"), "{empty}");
    let wrong = said("quotes", Format::BinanceTrades, "1,2,3\n");
    assert!(wrong.contains("binance-trades files hold no quotes: name another kind"), "{wrong}");
    let columns = said("trades", Format::Csv, "time,price\n1,2\n");
    assert!(columns.contains("the source has no column `qty`"), "{columns}");
    let dated = said("orders", Format::Lobster, "1,2,3\n");
    assert!(
        dated.contains("times in lobster files need a date") || dated.contains("cells instead of 6"),
        "{dated}"
    );
    let lean = said("bars-1m", Format::Lean, "1,2,3\n");
    assert!(lean.contains("times in lean files need a zone"), "{lean}");
    let feather = said("bars-1m", Format::Freqtrade, "not a feather");
    assert!(feather.contains("cannot read"), "{feather}");
}

#[test]
fn a_hole_is_filled_without_a_row_twice() {
    let (folder, catalogue) = open();
    let into = shelf("X", "bars-1m");
    let minute = 60_000_000_000i64;
    let bar = |at: i64| {
        let (time, end) = (Time(at * minute), Time((at + 1) * minute));
        let price = Price(at + 1);
        let (open, high, low, close) = (price, price, price, price);
        BarRow { time, end, open, high, low, close, volume: Qty(1), value: None, trades: None }
    };
    let one = grid("1", "1");
    let (all, held): (Vec<BarRow>, Vec<BarRow>) =
        ((0..10).map(bar).collect(), [0, 1, 4, 5, 7].map(bar).to_vec());
    catalogue.append(&shelf("ALL", "bars-1m"), one, &all).expect("an append");
    catalogue.append(&into, one, &held).expect("an append");
    let path = folder.path().join("all.csv");
    let mut out = File::create(&path).expect("a file");
    catalogue
        .export::<BarRow>(&shelf("ALL", "bars-1m"), ALL, ExportFormat::Csv, &mut out, &mut |_| true)
        .expect("rows");

    let range = Time(0)..Time(10 * minute);
    let holes = catalogue.holes(&into, range.clone(), None).expect("a look").expect("few");
    let expected = [(2, 4), (6, 7), (8, 10)].map(|(from, until)| Time(from * minute)..Time(until * minute));
    assert_eq!(holes, expected);
    let source = file(&path, Format::Csv, into, one);
    let filled = catalogue.fill(&source, holes, &BytesRead::default(), &mut |_| true).expect("rows");
    assert_eq!(filled.rows_new, 5);
    assert_eq!(rows::<BarRow>(&catalogue, &into), all);
    assert_eq!(catalogue.holes(&into, range, None).expect("a look").expect("few"), []);
    let dumps = data::binance_dumps("BTCUSDT", into.kind, &[Time(0)..Time(DAY_NS + 1)]);
    assert_eq!(dumps, ["BTCUSDT-1m-1970-01-01.zip", "BTCUSDT-1m-1970-01-02.zip"]);
}

#[test]
fn every_kind_goes_out_and_comes_back_in_every_format() {
    let time = Time(DAY_NS * 20_000 + 1);
    let level = |price| Some(Level { price: Price(price), qty: Qty(7) });
    let money = |text: &str| Money::parse(text).expect("a number");
    let text = str::to_owned;
    back("trades", &(0..500).map(|id| trade(id * 77, id)).collect::<Vec<_>>());
    back("quotes", &[QuoteRow { time, venue_time: None, bid: level(3), ask: None }]);
    let change = Some(DepthChange { side: Side::Sell, price: Price(4), qty: Qty(0) });
    let depth = DepthRow {
        time,
        venue_time: Some(time),
        sequence: 9,
        previous: 8,
        snapshot: true,
        last: false,
        change,
    };
    back("depth", &[depth.clone(), DepthRow { change: None, last: true, ..depth }]);
    let order = |deed| {
        let (venue_time, id, side, price, qty) = (Some(time), 9, Side::Sell, Price(1), Qty(2));
        OrderRow { time, venue_time, deed, id, side, price, qty, last: false }
    };
    back("orders", &[OrderDeed::Add, OrderDeed::Execute, OrderDeed::Modify, OrderDeed::Trade].map(order));
    let bar = BarRow {
        time,
        end: Time(time.0 + 1),
        open: Price(1),
        high: Price(3),
        low: Price(1),
        close: Price(2),
        volume: Qty(12),
        value: Some(31),
        trades: Some(4),
    };
    back("bars-1d", &[bar, BarRow { time: Time(time.0 + 5), value: None, trades: None, ..bar }]);
    back("funding", &[FundingRow { time, rate: Rate(-100_000), mark: Some(Price(5)) }]);
    let actions = [
        CorporateAction::Split { old: 1, new: 7 },
        CorporateAction::Dividend { asset: AssetId(3), amount: money("0.485") },
        CorporateAction::Delisting { price: None },
        CorporateAction::SymbolChange { symbol: Symbol::new("META").expect("a symbol") },
    ];
    back("actions", &actions.map(|action| ActionRow { time, action }));
    let headline = text("Übernahme, \"fast\" am Ziel");
    back("news", &[NewsRow { time, source: text("wire"), headline, body: None }]);
    let fact = FactRow {
        time,
        period_end: Some(Time(DAY_NS)),
        name: text("Revenues"),
        unit: text("USD"),
        value: money("25500000000"),
        source: Some(text("10-Q")),
    };
    back("facts", &[fact]);
    back("series-vix", &[SampleRow { time, value: Some(money("13.37")), text: None }]);
}

fn back<R: Mapped + Checked>(kind: &str, given: &[R]) {
    let (folder, catalogue) = open();
    let (from, grid) = (shelf("X", kind), grid("0.05", "0.1"));
    catalogue.append(&from, grid, given).expect("an append");
    let formats = [
        (ExportFormat::Csv, Format::Csv, "csv"),
        (ExportFormat::Json, Format::Json, "json"),
        (ExportFormat::Parquet, Format::Parquet, "parquet"),
    ];
    for (number, (out, format, ending)) in formats.into_iter().enumerate() {
        let path = folder.path().join(format!("rows.{ending}"));
        let mut sink = File::create(&path).expect("a file");
        let count = catalogue.export::<R>(&from, ALL, out, &mut sink, &mut |_| true).expect("an export");
        assert_eq!(count, given.len() as u64, "{kind} {ending}");
        let into = shelf(&format!("Y{number}"), kind);
        import(&catalogue, &file(&path, format, into, grid))
            .unwrap_or_else(|error| panic!("{kind} {ending}: {error}"));
        assert_eq!(rows::<R>(&catalogue, &into), rows::<R>(&catalogue, &from), "{kind} {ending}");
    }
    let none =
        catalogue.export::<R>(&shelf("Z", kind), ALL, ExportFormat::Csv, &mut Vec::new(), &mut |_| true);
    assert!(matches!(none, Err(DataError::Nothing { .. })), "{none:?}");
    let table = catalogue.table::<R>(&from, ALL, 1).expect("a row");
    assert_eq!((table.rows.len(), table.more), (1, given.len() > 1));
}
