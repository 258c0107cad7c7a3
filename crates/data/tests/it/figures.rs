//! Bars, gaps and adjusted prices against those of other programs.

use crate::sample::{bars, golden, grid, text};
use data::{Align, BarBuilder, BarRow, CheckLimits, Checker, Factors, Session};
use model::{Grid, Time};
use std::io::Read;

const NEW_YORK: Option<&str> = Some("America/New_York");

fn aggregate(rows: &[BarRow], spec: &str, align: Align, grid: Grid) -> Vec<BarRow> {
    let mut builder = BarBuilder::new(spec.parse().expect("a spec"), align, grid).expect("a builder");
    let mut made: Vec<BarRow> = rows.iter().flat_map(|row| builder.add(row).expect("in order")).collect();
    made.extend(builder.finish());
    made
}

/// What both say: the time and the four prices and the volume.
fn same(made: &[BarRow], expected: &[BarRow], name: &str) {
    // The figures carry ten digits, which is all of each price and not always all of a volume.
    let key = |row: &BarRow| (row.time, row.open, row.high, row.low, row.close);
    assert_eq!(made.len(), expected.len(), "{name}");
    for (made, expected) in made.iter().zip(expected) {
        assert_eq!(key(made), key(expected), "{name}");
        let digits = expected.volume.0.to_string().len();
        let half = 10i64.pow(u32::try_from(digits.saturating_sub(10)).expect("few digits")) / 2;
        assert!((made.volume.0 - expected.volume.0).abs() <= half, "{name}: {made:?} {expected:?}");
    }
}

#[test]
fn larger_bars_are_those_of_pandas() {
    let stock = grid("0.0001", "1");
    let minutes = bars("SPY_20131007_11.csv.gz", NEW_YORK, stock);
    let day = || Align::Session(Session::days_of("America/New_York").expect("a zone"));
    for (spec, file) in [("5m", "5min"), ("15m", "15min"), ("1h", "1h"), ("1d", "1D")] {
        let expected = bars(&format!("SPY_{file}.csv.gz"), NEW_YORK, stock);
        same(&aggregate(&minutes, spec, day(), stock), &expected, file);
    }
    let coin = grid("0.01", "0.00000001");
    let minutes = bars("coinbase_BTCUSD_minute_20180404_06.csv.gz", None, coin);
    let first = Time::parse("2018-04-04T00:00:00Z").expect("a time");
    for (spec, file) in [("7m", "7min"), ("1h", "1h"), ("1d", "1D")] {
        let expected = bars(&format!("BTCUSD_{file}.csv.gz"), None, coin);
        same(&aggregate(&minutes, spec, Align::From(first), coin), &expected, file);
    }
}

#[test]
fn bars_of_bars_are_bars_of_minutes() {
    let coin = grid("0.01", "0.00000001");
    let minutes = bars("coinbase_BTCUSD_minute_20180404_06.csv.gz", None, coin);
    let align = || Align::From(Time(0));
    let hours = aggregate(&minutes, "1h", align(), coin);
    let quarters = aggregate(&minutes, "15m", align(), coin);
    assert_eq!(aggregate(&quarters, "1h", align(), coin), hours);
}

#[test]
fn gaps_are_those_of_pandas() {
    let json = std::fs::read_to_string(golden("gaps.json")).expect("a file");
    let all: serde_json::Value = serde_json::from_str(&json).expect("json");
    for (name, interval_ns) in [
        ("coinbase_BTCUSD_daily", 86_400_000_000_000i64),
        ("binance_BTCUSD_coinm_perp_minute_20221213", 60_000_000_000),
        ("coinbase_BTCUSD_minute_20180404_06", 60_000_000_000),
    ] {
        let expected = &all[format!("crypto/{name}")];
        let mut checker =
            Checker::new(CheckLimits { interval_ns: Some(interval_ns), ..CheckLimits::default() });
        for row in bars(&format!("{name}.csv.gz"), None, grid("0.00001", "0.000000000001")) {
            checker.look(&row);
        }
        let report = checker.report();
        let found = [report.rows, report.missing, report.count("gap"), report.missing_run_max];
        let names = ["present", "missing", "missing_runs", "longest_run"];
        for (found, name) in found.iter().zip(names) {
            // A day that the series does not reach is missing at its end, which no row shows.
            assert_eq!(Some(*found), expected[name].as_u64(), "{name}");
        }
        let starts: Vec<String> = report.gaps.iter().map(|gap| gap.start.to_string()).collect();
        for (at, run) in expected["first_runs"].as_array().expect("runs").iter().enumerate() {
            let start = run[0].as_str().expect("a time").replace(' ', "T") + "Z";
            assert_eq!(starts[at], start);
        }
        assert_eq!(report.count("bad bar"), 0, "{name}");
    }
}

#[test]
fn adjusted_closes_are_raw_times_factors() {
    for name in ["AAPL", "SPY"] {
        let stock = grid("0.0001", "1");
        let factors = std::fs::read_to_string(golden(&format!("{name}_factor_file.csv"))).expect("a file");
        let factors = Factors::parse(name, &factors).expect("factors");
        let rows = bars(&format!("{name}_daily.csv.gz"), None, stock);
        let mut expected = String::new();
        text(&golden(&format!("{name}_adjusted.csv.gz"))).read.read_to_string(&mut expected).expect("text");
        let expected: Vec<Vec<&str>> =
            expected.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            assert!(row.time.to_string().starts_with(expected[0]));
            let adjusted = factors.adjust(row, stock).expect("it fits");
            let (made, told): (f64, f64) = (
                adjusted.close.to_string().parse().expect("a number"),
                expected[4].parse().expect("a number"),
            );
            assert!((made / told - 1.0).abs() < 1e-9, "{name} {}: {made} {told}", expected[0]);
        }
    }
}
