//! Performance against empyrical and quantstats on IBM and SPY. Where a definition differs, the test says how.

use super::golden::{close, close_relative, closes, json, number, rows, simple_returns};
use analytics::Day;
use analytics::performance::{
    Convention, Relative, Returns, drawdown_series, drawdowns, monthly, relative, rolling_beta,
    rolling_sharpe, rolling_volatility, summary,
};
use analytics::risk::historical;
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;
const DAYS: Convention = Convention::EXCHANGE_DAYS;

struct Case {
    golden: Value,
    days: Vec<Day>,
    returns: Vec<f64>,
    benchmark: Vec<f64>,
}

fn dated(name: &str, first: &str, last: &str) -> (Vec<Day>, Vec<f64>) {
    let (dates, closes): (Vec<String>, Vec<f64>) = closes(name, first, last).into_iter().unzip();
    let days = dates.iter().skip(1).map(|date| Day::parse(date).expect("a date of the file")).collect();
    (days, simple_returns(&closes))
}

fn ibm() -> Case {
    let (first, last) = ("2010-01-01", "2019-12-31");
    let (days, returns) = dated("ibm_close.csv", first, last);
    let (_, benchmark) = dated("spy_close.csv", first, last);
    Case { golden: json("metrics_ibm.json"), days, returns, benchmark }
}

fn spy() -> Case {
    let (days, returns) = dated("spy_close.csv", "2007-01-01", "2020-12-31");
    Case { golden: json("metrics_spy.json"), days, benchmark: returns.clone(), returns }
}

#[test]
fn figures_of_a_series_agree() {
    for case in [ibm(), spy()] {
        let found = summary(&case.returns, DAYS).unwrap();
        assert_eq!(found.periods as f64, number(&case.golden, &["definition", "n_returns"]));
        let tail = historical(&case.returns, 0.95).unwrap();
        let far = historical(&case.returns, 0.99).unwrap();
        for (key, found) in [
            ("cum_returns_final", found.total),
            ("annual_return", found.annual.unwrap()),
            ("annual_volatility", found.volatility),
            ("sharpe_ratio", found.sharpe.unwrap()),
            ("sortino_ratio", found.sortino.unwrap()),
            ("downside_risk", found.downside_deviation),
            ("max_drawdown", -found.max_drawdown),
            ("calmar_ratio", found.calmar.unwrap()),
            ("omega_ratio", found.omega.unwrap()),
            ("tail_ratio", found.tail_ratio.unwrap()),
            ("value_at_risk_5pct", -tail.value_at_risk),
            ("conditional_value_at_risk_5pct", -tail.expected_shortfall),
            ("value_at_risk_1pct", -far.value_at_risk),
        ] {
            close(key, found, number(&case.golden, &["empyrical", key]), TOLERANCE);
        }
        let n = case.returns.len() as f64;
        for (key, found) in [
            ("win_rate", found.win_rate.unwrap()),
            ("payoff_ratio", found.payoff_ratio.unwrap()),
            ("profit_factor", found.profit_factor.unwrap()),
            ("skew", found.skew.unwrap()),
            ("kurtosis", found.excess_kurtosis.unwrap()),
            ("best", found.best),
            ("worst", found.worst),
            ("value_at_risk", -found.normal.unwrap().value_at_risk),
            // quantstats divides by n − 1; the definition is a mean.
            ("ulcer_index", found.ulcer_index * (n / (n - 1.0)).sqrt()),
        ] {
            close(key, found, number(&case.golden, &["quantstats", key]), TOLERANCE);
        }
    }
}

fn beside(case: &Case) -> analytics::Result<Relative> {
    relative(Returns::new(&case.returns)?, Returns::new(&case.benchmark)?, DAYS)
}

#[test]
fn figures_beside_a_benchmark_agree() {
    let case = ibm();
    let found = beside(&case).unwrap();
    let capture = found.capture;
    for (key, found) in [
        ("alpha", found.alpha.unwrap()),
        ("beta", found.beta),
        ("up_capture", capture.up.unwrap()),
        ("down_capture", capture.down.unwrap()),
        ("up_down_capture", capture.up.unwrap() / capture.down.unwrap()),
        // Theirs is of one day, ours of a year.
        ("excess_sharpe", found.information_ratio.unwrap() / 252.0_f64.sqrt()),
    ] {
        close(key, found, number(&case.golden, &["empyrical", key]), TOLERANCE);
    }
    close("r²", found.r_squared.unwrap(), number(&case.golden, &["quantstats", "r_squared"]), TOLERANCE);
    // quantstats puts the total return above beta, we the annual one.
    let total = Returns::new(&case.returns).unwrap().total();
    close("treynor", total / found.beta, number(&case.golden, &["quantstats", "treynor_ratio"]), TOLERANCE);
    let annual = number(&case.golden, &["empyrical", "annual_return"]);
    close("treynor", found.treynor.unwrap(), annual / found.beta, TOLERANCE);
    assert_eq!(beside(&spy()).unwrap().information_ratio, None);
}

#[test]
fn the_deepest_drawdowns_have_the_same_days() {
    for case in [ibm(), spy()] {
        let falls = drawdowns(Returns::new(&case.returns).unwrap(), &case.days).unwrap();
        let expected = case.golden["drawdown_top5"].as_array().unwrap();
        assert_eq!(expected.len(), 5);
        for (fall, expected) in falls.iter().zip(expected) {
            assert_eq!(fall.start.to_string(), expected["start"].as_str().unwrap());
            assert_eq!(fall.trough.to_string(), expected["valley"].as_str().unwrap());
            assert_eq!(fall.last.to_string(), expected["end"].as_str().unwrap());
            assert_eq!(i64::from(fall.last.0 - fall.start.0 + 1), expected["days"].as_i64().unwrap());
            close("depth", -100.0 * fall.depth, number(expected, &["max drawdown"]), TOLERANCE);
        }
    }
}

#[test]
fn rolling_figures_agree() {
    let case = ibm();
    let volatility = rolling_volatility(&case.returns, 63, DAYS).unwrap();
    let sharpe = rolling_sharpe(&case.returns, 63, DAYS).unwrap();
    let beta = rolling_beta(&case.returns, &case.benchmark, 126).unwrap();
    let depths = drawdown_series(Returns::new(&case.returns).unwrap());
    let mut compared = 0;
    for row in rows("series_ibm.csv") {
        let day = Day::parse(&row[0]).unwrap();
        let place = case.days.iter().position(|found| *found == day).unwrap();
        let series = [(&volatility, 62, &row[2]), (&sharpe, 62, &row[3]), (&beta, 125, &row[4])];
        for (figures, skipped, expected) in series.into_iter().filter(|(.., expected)| !expected.is_empty()) {
            let found = figures[place - skipped].unwrap();
            close("rolling", found, expected.parse().unwrap(), TOLERANCE);
            compared += 1;
        }
        close("drawdown", -depths[place], row[5].parse().unwrap(), TOLERANCE);
    }
    assert!(compared > 250, "{compared}");
}

#[test]
fn months_compound_to_the_total() {
    let case = ibm();
    let rows = monthly(Returns::new(&case.returns).unwrap(), &case.days).unwrap();
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|row| row.months.iter().all(Option::is_some)));
    let growth: f64 = rows.iter().map(|row| 1.0 + row.total).product();
    close("total", growth - 1.0, number(&case.golden, &["empyrical", "cum_returns_final"]), TOLERANCE);
}

#[test]
fn rolling_figures_of_third_parties_agree() {
    let day = Convention { periods_per_year: 1.0, risk_free: 0.0 };
    let column = |name: &str, place: usize| -> Vec<f64> {
        rows(name).iter().map(|row| row[place].parse().expect("a number of the file")).collect()
    };
    let closes = column("rolling_sharpe.csv", 1);
    let found = rolling_sharpe(&simple_returns(&closes), 10, day).unwrap();
    for (found, expected) in found.iter().zip(&column("rolling_sharpe.csv", 2)[10..]) {
        // Theirs divides by n, ours by n − 1.
        close("sharpe", found.unwrap() * (10.0_f64 / 9.0).sqrt(), *expected, 1e-9);
    }
    let asset = simple_returns(&column("rolling_alpha.csv", 1));
    let market = simple_returns(&column("rolling_alpha.csv", 2));
    let expected = &column("rolling_alpha.csv", 3)[5..];
    assert_eq!(asset.windows(5).len(), expected.len());
    for ((ours, theirs), expected) in asset.windows(5).zip(market.windows(5)).zip(expected) {
        let found = relative(Returns::new(ours).unwrap(), Returns::new(theirs).unwrap(), day).unwrap();
        close_relative("alpha", found.alpha.unwrap(), *expected, 1e-4);
    }
}
