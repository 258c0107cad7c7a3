//! The values of the TA-Lib C library on real bars: every column there is, at every row.

use crate::data::Table;
use serde_json::Value;
use std::collections::BTreeMap;
use strategy::indicator::{Bar, Input, Kind, Pair, Spec, Values, list, over};

const SERIES: [&str; 2] = ["spy_daily_last750", "btcusd_daily_last600"];

/// Columns that are another's under a second name, or two of ours in one.
const NOT_OURS: &[(&str, &str)] = &[
    ("MA", "sma by default"),
    ("MINMAX", "min and max"),
    ("MINMAXINDEX", "bars_since_low and bars_since_high"),
    ("MAXINDEX", "bars_since_high"),
    ("MININDEX", "bars_since_low"),
];

/// Averages of averages over a cycle that is itself an estimate.
fn tolerance(function: &str) -> f64 {
    let is_loose = function.starts_with("HT_") || ["MAMA", "SAR", "SAREXT"].contains(&function);
    if is_loose { 1e-6 } else { 1e-9 }
}

fn ours(function: &str) -> Option<&'static Spec> {
    list().find(|spec| crate::library::function(spec.name).is_some_and(|id| id.name() == function))
}

fn meta(series: &str) -> BTreeMap<String, Value> {
    let path = crate::data::folder().join(format!("talib/{series}.meta.json"));
    let text = std::fs::read_to_string(path).expect("the description is there");
    let meta: Value = serde_json::from_str(&text).expect("it is JSON");
    serde_json::from_value(meta["functions"].clone()).expect("functions by name")
}

/// The description's parameters in the order of the file; kinds of averages are not parameters of ours.
fn params(spec: &Spec, text: &str, function: &str) -> Vec<(&'static str, f64)> {
    let at = text.find(&format!("\"{function}\": {{")).expect("it is described");
    let block = &text[at..];
    let start = block.find("\"parameters\": {").expect("parameters") + "\"parameters\": {".len();
    let block = &block[start..start + block[start..].find('}').expect("an end")];
    let values = block.split(',').filter_map(|pair| {
        let (name, value) = pair.split_once(':')?;
        (!name.contains("matype")).then(|| value.trim().parse::<f64>().expect("a number"))
    });
    spec.params.iter().map(|param| param.name).zip(values).collect()
}

fn values(spec: &Spec, params: &[(&str, f64)], bars: &[Bar]) -> Vec<Option<Values>> {
    let inputs: Vec<Input> = bars
        .iter()
        .map(|bar| match spec.takes() {
            Kind::Pair => Pair { time: bar.time, x: bar.high, y: bar.low }.into(),
            _ => (*bar).into(),
        })
        .collect();
    over(spec.name, params, &inputs).expect("good inputs")
}

/// The largest distance, as a part of the value or of the column's usual size: bars are written with twelve digits,
/// which a difference of large numbers shows.
fn worst(found: &[Option<Values>], slot: usize, expected: &[Option<f64>]) -> f64 {
    let sizes: Vec<f64> = expected.iter().flatten().map(|value| value.abs()).collect();
    let usual = sizes.iter().sum::<f64>() / sizes.len() as f64;
    let pairs = found
        .iter()
        .zip(expected)
        .filter_map(|(value, expected)| Some((value.as_ref()?[slot], (*expected)?)));
    pairs
        .map(|(value, expected)| (value - expected).abs() / expected.abs().max(usual).max(1.0))
        .fold(0.0, f64::max)
}

#[test]
fn every_column_of_the_c_library_is_met() {
    let mut compared = 0;
    for series in SERIES {
        let table = Table::read(&format!("talib/{series}.talib.csv.gz"));
        let path = crate::data::folder().join(format!("talib/{series}.meta.json"));
        let text = std::fs::read_to_string(path).expect("the description is there");
        let bars = table.bars();
        for (function, about) in meta(series) {
            let lookback = about["lookback"].as_u64().and_then(|count| usize::try_from(count).ok());
            let outputs: Vec<&str> =
                about["outputs"].as_array().expect("outputs").iter().filter_map(Value::as_str).collect();
            let column = |output: &str| {
                if outputs.len() == 1 { function.clone() } else { format!("{function}.{output}") }
            };
            if !table.has(&column(outputs[0])) || NOT_OURS.iter().any(|(name, _)| *name == function) {
                continue;
            }
            let spec = ours(&function).unwrap_or_else(|| panic!("{function} is missing"));
            let found = values(spec, &params(spec, &text, &function), &bars);
            assert_eq!(found.iter().position(Option::is_some), lookback, "{function} begins elsewhere");
            for (slot, output) in outputs.iter().enumerate() {
                let expected = table.numbers(&column(output));
                compared += 1;
                let worst = worst(&found, slot, &expected);
                assert!(worst < tolerance(&function), "{series} {function}.{output} is off by {worst:e}");
            }
        }
    }
    assert!(compared >= 280, "only {compared} columns were compared");
}

#[test]
fn the_bars_since_an_extreme_are_the_c_library_s_indices() {
    for series in SERIES {
        let table = Table::read(&format!("talib/{series}.talib.csv.gz"));
        let bars = table.bars();
        let closes: Vec<(f64, f64)> =
            bars.iter().enumerate().map(|(at, bar)| (at as f64, bar.close)).collect();
        for (name, column) in [("bars_since_high", "MAXINDEX"), ("bars_since_low", "MININDEX")] {
            let found = over(name, &[], &bars).expect("good inputs");
            let expected = table.numbers(column);
            for (at, (value, expected)) in found.iter().zip(&expected).enumerate() {
                let (Some(value), Some(expected)) = (value, expected) else { continue };
                // Of equal closes the C library names now the older, now the newer one.
                let close = |index: f64| closes.iter().find(|(at, _)| *at == index).map(|(_, close)| *close);
                assert_eq!(close(at as f64 - value.first()), close(*expected), "{series} {column} at {at}");
            }
        }
    }
}

/// The C library's list has the patterns that were found; ours has each of them there and nothing elsewhere.
#[test]
fn every_candlestick_pattern_is_found_where_the_c_library_finds_it() {
    let mut patterns = 0;
    for series in SERIES {
        let bars = Table::read(&format!("talib/{series}.talib.csv.gz")).bars();
        let table = Table::read(&format!("talib/{series}.talib_candles.csv.gz"));
        let (rows, names, marks) = (table.numbers("row"), table.text("pattern"), table.numbers("value"));
        let mut expected = BTreeMap::new();
        for ((row, name), mark) in rows.iter().zip(&names).zip(&marks) {
            expected.insert((name.to_lowercase(), row.map(f64::to_bits)), mark.expect("a mark"));
        }
        let mut found = BTreeMap::new();
        for spec in list().filter(|spec| spec.name.starts_with("cdl")) {
            for (at, value) in over(spec.name, &[], &bars).expect("good inputs").iter().enumerate() {
                if let Some(mark) = value.map(|value| value.first()).filter(|mark| *mark != 0.0) {
                    found.insert((spec.name.to_owned(), Some((at as f64).to_bits())), mark);
                }
            }
        }
        assert_eq!(found, expected, "{series}");
        patterns += found.len();
    }
    assert!(patterns > 500, "only {patterns} patterns");
}
