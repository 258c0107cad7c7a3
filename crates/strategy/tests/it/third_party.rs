//! The values of spreadsheets and charting sites on real bars. They seed in other ways and round to a few digits,
//! so that values are compared once the past is forgotten, and only as closely as they were written down.

use crate::data::Table;
use strategy::indicator::{Bar, Values, over};

struct Case {
    file: &'static str,
    column: &'static str,
    indicator: &'static str,
    params: &'static [(&'static str, f64)],
    output: usize,
    /// Rows left out at first.
    skip: usize,
    /// How far apart, as a part of the larger of the value and one.
    tolerance: f64,
}

const fn case(file: &'static str, column: &'static str, indicator: &'static str) -> Case {
    Case { file, column, indicator, params: &[], output: 0, skip: 0, tolerance: 1e-4 }
}

const CASES: &[Case] = &[
    Case { skip: 150, tolerance: 1e-3, ..case("spy_atr_wilder.txt.gz", "Average True Range 14", "atr") },
    Case {
        params: &[("period", 20.0)],
        output: 1,
        ..case("spy_bollinger_bands.txt.gz", "Moving Average 20", "bbands")
    },
    Case {
        params: &[("period", 20.0)],
        ..case("spy_bollinger_bands.txt.gz", "Bollinger Bands® 20 2 Top", "bbands")
    },
    Case { output: 2, ..case("spy_bollinger_bands.txt.gz", "Bollinger Bands® 20 2 Bottom", "bbands") },
    Case { tolerance: 1e-3, ..case("spy_bollinger_bands.txt.gz", "%B", "percentb") },
    Case { tolerance: 1e-5, ..case("spy_cmf.txt.gz", "CMF_20", "cmf") },
    Case { params: &[("period", 20.0)], ..case("spy_mfi.txt.gz", "Money Flow Index 20", "mfi") },
    Case { skip: 150, tolerance: 1e-3, ..case("spy_with_adx.txt.gz", "+DI14", "plus_di") },
    Case { skip: 150, tolerance: 1e-3, ..case("spy_with_adx.txt.gz", "-DI14", "minus_di") },
    Case { skip: 200, tolerance: 1e-3, ..case("spy_with_adx.txt.gz", "ADX 14", "adx") },
    Case { tolerance: 1e-3, ..case("spy_with_cci.txt.gz", "Commodity Channel Index (CCI) 14", "cci") },
    Case { output: 0, ..case("spy_with_ichimoku.csv.gz", "Tenkan", "ichimoku") },
    Case { output: 1, ..case("spy_with_ichimoku.csv.gz", "Kijun", "ichimoku") },
    Case { output: 4, ..case("spy_with_ichimoku.csv.gz", "Senkou A", "ichimoku") },
    Case { output: 5, ..case("spy_with_ichimoku.csv.gz", "Senkou B", "ichimoku") },
    Case { params: &[("period", 12.0)], ..case("spy_with_stoch12k3.txt.gz", "Stochastics 12 %K 3", "stoch") },
    Case { tolerance: 1e-3, ..case("spy_with_williamsR14.txt.gz", "Williams %R 14", "willr") },
];

#[test]
fn other_tools_agree() {
    let mut found = Vec::new();
    for case in CASES {
        let table = Table::read(&format!("third_party/{}", case.file));
        let params: Vec<(&str, f64)> = if case.indicator == "stoch" {
            vec![("fast_k", 12.0), ("slow_k", 3.0), ("slow_d", 5.0)]
        } else {
            case.params.to_vec()
        };
        let values = over(case.indicator, &params, &table.bars()).expect("good inputs");
        let (compared, worst) = compare(case, &values, &table.numbers(case.column));
        if compared < 100 || worst > case.tolerance {
            found.push(format!("{} {}: {compared} rows, off by {worst:e}", case.file, case.column));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn compare(case: &Case, values: &[Option<Values>], expected: &[Option<f64>]) -> (usize, f64) {
    let mut compared = 0;
    let mut worst: f64 = 0.0;
    for (value, expected) in values.iter().zip(expected).skip(case.skip) {
        let (Some(value), Some(expected)) = (value, expected) else { continue };
        compared += 1;
        worst = worst.max((value[case.output] - expected).abs() / expected.abs().max(1.0));
    }
    (compared, worst)
}

/// Closes alone, with averages and oscillators over them.
#[test]
fn averages_of_closes_agree() {
    let table = Table::read("third_party/spy_with_indicators.txt.gz");
    let closes: Vec<Bar> = table.numbers("Close").into_iter().flatten().map(Bar::of).collect();
    let check = |column: &str, indicator: &str, params: &[(&str, f64)], skip: usize, tolerance: f64| {
        let values = over(indicator, params, &closes).expect("good inputs");
        let case = Case { skip, tolerance, ..case("", "", "") };
        let (compared, worst) = compare(&case, &values, &table.numbers(column));
        assert!(compared > 100 && worst < tolerance, "{column}: {compared} rows, off by {worst:e}");
    };
    check("SMA14", "sma", &[("period", 14.0)], 0, 1e-6);
    check("EMA14", "ema", &[("period", 14.0)], 100, 1e-5);
    check("MACD 12 26", "apo", &[], 200, 1e-4);
    check("RSI 14 Wilder", "rsi", &[], 200, 1e-4);
}

/// That tool weighs the mean of all four prices by volume; a bar of that one price makes it ours.
#[test]
fn a_volume_weighted_price_agrees() {
    let table = Table::read("third_party/spy_with_vwap.txt.gz");
    let mean = |bar: &Bar| {
        let price = (bar.open + bar.high + bar.low + bar.close) / 4.0;
        Bar { volume: bar.volume, ..Bar::of(price) }
    };
    let bars: Vec<Bar> = table.bars().iter().map(mean).collect();
    let values = over("vwap_rolling", &[], &bars).expect("good inputs");
    let (compared, worst) = compare(&case("", "", ""), &values, &table.numbers("Moving VWAP 50"));
    assert!(compared > 400 && worst < 1e-6, "{compared} rows, off by {worst:e}");
}

#[test]
fn a_balance_of_volume_agrees() {
    let table = Table::read("third_party/spy_with_obv.txt.gz");
    let values = over("obv", &[], &table.bars()).expect("good inputs");
    let (compared, worst) = compare(&case("", "", ""), &values, &table.numbers("OBV"));
    assert!(compared > 400 && worst < 1e-4, "{compared} rows, off by {worst:e}");
}
