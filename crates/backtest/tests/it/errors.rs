//! What is missing or broken is an error that says what to do.

use super::world::{market, plan, strategy};
use backtest::config::Config;
use backtest::{BacktestError, run};
use model::Price;
use sim::series::series;

#[test]
fn no_data_is_no_report() {
    let check = |plan: &backtest::Plan, part: &str| {
        let error = run(plan).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    let cross = || vec![strategy("ma_cross", &[])];
    check(&plan(Vec::new(), cross()), "a market is missing");
    check(&plan(vec![market("X-USD", Vec::new())], cross()), "no data");
    check(&plan(vec![market("X-USD", series(20, 1))], cross()), "decides after 30");
    check(&plan(vec![market("X-USD", series(99, 1))], Vec::new()), "a strategy is missing");
    check(&plan(vec![market("X-EUR", series(99, 1))], cross()), "quoted in EUR");
    check(
        &plan(vec![market("X-USD", series(99, 1))], vec![strategy("cross", &[])]),
        "no strategy is called cross",
    );
    let mut bars = series(99, 1);
    bars[50].high = Price(0);
    check(&plan(vec![market("X-USD", bars)], cross()), "contradicts itself");
    let mut bars = series(99, 1);
    bars.swap(10, 11);
    check(&plan(vec![market("X-USD", bars)], cross()), "sort the data");
}

#[test]
fn a_file_says_where_it_is_wrong() {
    let folder = std::env::temp_dir().join("staysail-no-catalogue");
    let check = |text: &str, part: &str| {
        let error = Config::parse(text).and_then(|config| config.load(&folder)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    };
    check("nam = 1", "unknown field `nam`");
    check("[[market]]\nsymbol = \"SPY\"\ndata = \"bars-1d\"", "import --sample spy-daily");
    check("[[market]]\nsymbol = \"QQQ\"\ndata = \"bars-1d\"", "--instrument QQQ --kind bars-1d");
    check("from = \"yesterday\"", "not a moment");
    let error = Config::parse("").unwrap().load(&folder).unwrap_err();
    assert!(matches!(error, BacktestError::Missing { .. }));
}
