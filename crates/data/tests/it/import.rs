//! Imports: every format to the same rows, runs that are cut short and go on, and faults with their place.

use crate::sample::{golden, grid, shelf, text, trade};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use data::{
    BarRow, Catalogue, DataError, Import, LeanFile, Mapping, QuoteRow, Text, TradeRow, capture, csv_rows,
    feather_rows, json_rows, lean_mapping, open_text, parquet_rows,
};
use model::{Level, Price, Qty, Side, Time};
use std::io::{Cursor, Write};
use std::sync::Arc;

fn plain(content: &str) -> Text {
    Text { name: "a.csv".to_owned(), read: Box::new(Cursor::new(content.to_owned())) }
}

fn plan(faults_max: u64) -> Import {
    let (shelf, grid) = (shelf("BTCUSDT", "trades"), grid("0.01", "0.00001"));
    Import { shelf, grid, source: "a.csv".to_owned(), faults_max }
}

fn all(catalogue: &Catalogue) -> Vec<TradeRow> {
    let scan = catalogue.scan::<TradeRow>(&plan(0).shelf, Time::MIN..Time::MAX).expect("a scan");
    scan.rows().collect::<Result<_, _>>().expect("rows")
}

#[test]
fn every_format_gives_the_same_rows() {
    let dump = "41,61837.63,0.00012,7.42,1723161256172,true,true\n42,61837.64,0.5,30918.82,1723161256173,False,True\n";
    let grid = grid("0.01", "0.00001");
    let row = |id, price, qty, ms: i64, side| TradeRow {
        time: Time(ms * 1_000_000),
        venue_time: None,
        price: Price(price),
        qty: Qty(qty),
        aggressor: Some(side),
        id: Some(id),
    };
    let expected = vec![
        row(41, 6_183_763, 12, 1_723_161_256_172, Side::Sell),
        row(42, 6_183_764, 50_000, 1_723_161_256_173, Side::Buy),
    ];
    let read = |text: &str, mapping: &Mapping| -> Vec<TradeRow> {
        csv_rows(plain(text), mapping, grid).expect("fits").map(|row| row.expect("a row").1).collect()
    };
    assert_eq!(read(dump, &Mapping::binance_trades()), expected);
    let header = "id,price,qty,quote_qty,time,is_buyer_maker\n";
    assert_eq!(
        read(&format!("{header}{dump}"), &Mapping::binance_trades()),
        expected,
        "futures name columns"
    );

    let mapping = Mapping::parse(
        r#"
        columns = { time = "t", price = "p.px", qty = "q", aggressor = "side", id = "n" }
        scale = { qty = "0.00001" }
        [time]
        unit = "iso"
        zone = "America/New_York"
        [values]
        buy = ["long"]
        sell = ["short"]
        "#,
    )
    .expect("a mapping");
    let json = r#"{"t":"2024-08-08T19:54:16.172","p":{"px":61837.63},"q":"12","side":"short","n":41}
{"n":42,"q":5e4,"p":{"px":"61837.64"},"side":"long","t":"2024-08-08T23:54:16.173Z"}
"#;
    let rows: Vec<TradeRow> =
        json_rows(plain(json), &mapping, grid).expect("fits").map(|row| row.expect("a row").1).collect();
    assert_eq!(rows, expected);

    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    catalogue.append(&plan(0).shelf, grid, &expected).expect("an append");
    let part = folder.path().join("BTCUSDT/trades/2024-08-08/rows-00000001-00000001.parquet");
    let mut mapping = Mapping::parse(
        "columns = { time = \"time\", price = \"price\", qty = \"qty\", aggressor = \"aggressor\", id = \"id\" }",
    )
    .expect("a mapping");
    mapping.scale =
        [("price", "0.01"), ("qty", "1e-5")].map(|(name, by)| (name.to_owned(), by.to_owned())).into();
    let rows: Vec<TradeRow> =
        parquet_rows(&part, &mapping, grid).expect("fits").map(|row| row.expect("a row").1).collect();
    assert_eq!(rows, expected, "our own parts are plain Parquet");
}

#[test]
fn klines_and_lean_archives() {
    let kline = "1723161240000,100.5,101,100,100.25,12.5,1723161299999,1256.25,7,6,600,0\n";
    let rows: Vec<BarRow> = csv_rows(plain(kline), &Mapping::binance_klines(), grid("0.25", "0.5"))
        .expect("fits")
        .map(|row| row.expect("a bar").1)
        .collect();
    assert_eq!((rows[0].open, rows[0].volume, rows[0].trades), (Price(402), Qty(25), Some(7)));
    assert_eq!(rows[0].end, Time(1_723_161_299_999_000_000));

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("20131007_quote.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let options = zip::write::SimpleFileOptions::default();
    let name = "20131007_spy_minute_quote.csv";
    zip.start_file(name, options).expect("an entry");
    zip.write_all(b"34200000,1,1,1,1682500,300,1,1,1,1682700,200\n").expect("written");
    zip.finish().expect("an archive");
    let mapping =
        lean_mapping(&LeanFile { name, is_equity: true, zone: "America/New_York" }).expect("a name");
    let entry = open_text(&path).expect("an archive").remove(0);
    assert_eq!(entry.name, format!("20131007_quote.zip/{name}"));
    let row: QuoteRow = csv_rows(entry, &mapping, grid("0.01", "1"))
        .expect("fits")
        .next()
        .expect("a row")
        .expect("a quote")
        .1;
    assert_eq!(row.time.to_string(), "2013-10-07T13:31:00Z", "known at the end of its minute");
    assert_eq!(row.bid, Some(Level { price: Price(16_825), qty: Qty(300) }));
    let hourly = lean_mapping(&LeanFile { name: "spy.csv", is_equity: true, zone: "America/New_York" });
    let bar: BarRow = csv_rows(
        plain("20131007 00:00,1677300,1689000,1670100,1673000,92720576\n"),
        &hourly.expect("a name"),
        grid("0.01", "1"),
    )
    .expect("fits")
    .next()
    .expect("a row")
    .expect("a bar")
    .1;
    assert_eq!((bar.time.to_string().as_str(), bar.close), ("2013-10-07T04:00:00Z", Price(16_730)));
}

#[test]
fn an_import_goes_on_where_it_was_cut_and_never_doubles() {
    let rows: Vec<TradeRow> = (0..400_000).map(|id| trade(id * 1_000_000_000, id)).collect();
    let sourced =
        |upto: usize| rows.clone().into_iter().take(upto).zip(1u64..).map(|(row, line)| Ok((line, row)));
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    let stopped = catalogue.import(&plan(0), sourced(400_000), &mut |progress| progress.rows < 200_000);
    assert!(matches!(stopped, Err(DataError::Stopped { rows: 262_144 })), "{stopped:?}");
    let again = catalogue.import(&plan(0), sourced(400_000), &mut |_| true).expect("an import");
    assert_eq!((again.rows_known, again.rows_new), (262_144, 137_856));
    assert_eq!(all(&catalogue), rows);
    let third = catalogue.import(&plan(0), sourced(400_000), &mut |_| true).expect("an import");
    assert_eq!((third.rows_known, third.rows_new), (400_000, 0));
    assert_eq!(all(&catalogue).len(), 400_000);

    let shorter = catalogue.import(&plan(0), sourced(300_000), &mut |_| true);
    assert!(matches!(shorter, Err(DataError::SourceChanged { .. })));
    let mut changed = rows.clone();
    changed[7].qty = Qty(99);
    let changed = catalogue.import(&plan(0), changed.into_iter().map(|row| Ok((0, row))), &mut |_| true);
    assert!(matches!(changed, Err(DataError::SourceChanged { .. })));
    assert_eq!(all(&catalogue), rows, "nothing came of either");
}

#[test]
fn a_fault_says_where_and_what() {
    let read = |content: &str| {
        let mapping =
            Mapping::parse("columns = { time = \"t\", price = \"p\", qty = \"q\" }").expect("a mapping");
        let rows = csv_rows::<TradeRow>(plain(content), &mapping, plan(0).grid);
        rows.map(|rows| rows.filter_map(Result::err).map(|error| error.to_string()).collect::<Vec<_>>())
    };
    let faults = read("t,p,q\n1723161256,1.005,1\n1723161256,x,1\n,1,1\nyesterday,1,1\n1723161256,1,1\n")
        .expect("rows");
    let expected = [
        "a.csv:2: `p` is `1.005`: not a multiple of 0.01",
        "a.csv:3: `p` is `x`: not a decimal number: write it like 12, -0.5 or 3.1415",
        "a.csv:4: `t` is empty",
        "a.csv:5: `t` is `yesterday`, which is not a time in auto",
    ];
    assert_eq!(faults, expected);
    assert_eq!(
        read("t,p\n1,1\n").expect_err("no quantity").to_string(),
        "the mapping is not usable: the source has no column `q`"
    );
    assert!(Mapping::parse("colums = {}").is_err());

    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    let content = "t,p,q\n1723161256,1,1\n1723161257,x,1\n1723161258,1,1\n";
    let mapping =
        Mapping::parse("columns = { time = \"t\", price = \"p\", qty = \"q\" }").expect("a mapping");
    let rows = || csv_rows::<TradeRow>(plain(content), &mapping, plan(0).grid).expect("rows");
    assert!(matches!(
        catalogue.import(&plan(0), rows(), &mut |_| true),
        Err(DataError::Line { line: 3, .. })
    ));
    assert_eq!(all(&catalogue).len(), 1, "what was good before the fault stays");
    let report = catalogue.import(&plan(1), rows(), &mut |_| true).expect("one fault is allowed");
    assert_eq!((report.rows_known, report.rows_new, report.faults), (1, 1, 1));
    assert_eq!(all(&catalogue).len(), 2);
}

#[test]
fn feather_files_with_floats_are_read_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("candles.feather");
    let field = |name, kind| Field::new(name, kind, false);
    let zone = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let mut fields = vec![field("date", zone)];
    fields.extend(["open", "high", "low", "close", "volume"].map(|name| field(name, DataType::Float64)));
    let schema = Arc::new(Schema::new(fields));
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(TimestampMillisecondArray::from(vec![1_723_161_240_000i64]).with_timezone("UTC"))];
    columns.extend(
        [0.1, 0.3, 0.1, 0.2, 1e-5].map(|value| Arc::new(Float64Array::from(vec![value])) as ArrayRef),
    );
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME));
    let file = std::fs::File::create(&path).expect("a file");
    let mut writer =
        FileWriter::try_new_with_options(file, &schema, options.expect("lz4 is built in")).expect("a writer");
    writer.write(&RecordBatch::try_new(schema.clone(), columns).expect("a batch")).expect("written");
    writer.finish().expect("closed");

    let mapping = Mapping::parse(
        "columns = { time = \"date\", open = \"open\", high = \"high\", low = \"low\", close = \"close\", volume = \"volume\" }
        length = \"1m\"",
    );
    let rows = feather_rows::<BarRow>(&path, &mapping.expect("a mapping"), grid("0.1", "0.00001"));
    let rows: Vec<BarRow> = rows.expect("fits").map(|row| row.expect("a bar").1).collect();
    assert_eq!((rows[0].open, rows[0].high, rows[0].volume), (Price(1), Price(3), Qty(1)));
    assert_eq!(rows[0].end.to_string(), "2024-08-08T23:55:00Z");
}

#[test]
fn a_capture_holds_trades_and_quotes() {
    let path = golden("spot_btcusdt_20240808_head.jsonl.gz");
    let open = || capture(text(&path), grid("0.01", "0.00000001"));
    assert_eq!(open().trades().filter(Result::is_ok).count(), 408);
    assert_eq!(open().trades().count(), 408);
    let quotes: Vec<QuoteRow> = open().quotes().map(|row| row.expect("a quote").1).collect();
    assert_eq!(quotes[0].bid, Some(Level { price: Price(6_183_763), qty: Qty(378_826_000) }));
    assert!(
        quotes.iter().all(|quote| quote.bid.zip(quote.ask).is_some_and(|(bid, ask)| bid.price < ask.price))
    );
}
