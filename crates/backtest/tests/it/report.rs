//! A run from a file over real data that is built in, and its report in every form.

use backtest::config::Config;
use backtest::report::{self, Manifest};
use data::{Catalogue, SAMPLES};

const RUN: &str = r#"
name = "SPY <a slow cross>"

[[market]]
symbol = "SPY"
class = "etf"
data = "bars-1d"
fee_maker = "0.0005"
fee_taker = "0.0005"

[[account]]
name = "paper"
currency = "USD"
cash = "100000"

[[strategy]]
kind = "ma_cross"
markets = ["SPY"]
params = { fast = 50, slow = 200, share = 0.9 }

[venue]
queue = { power = 2.0 }
slippage = { ticks = 1 }
latency = { order = { log_normal = { median_ns = 2000000, sigma = 0.5 } }, report = { measured = { ns = [900000] } } }
impact = { half_life = { ns = 1000000000 } }
halts = [{ from = "2001-09-11T00:00:00Z", until = "2001-09-17T00:00:00Z" }]

[search]
method = { tpe = { trials = 20, seed = 1 } }
params = { fast = { low = 5, high = 60, step = 5 } }

[walk_forward]
purged = { folds = 3, purge_ns = 0, embargo_ns = 0 }
"#;

#[test]
fn a_file_comes_to_a_report_that_loads_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = SAMPLES.iter().find(|sample| sample.name == "spy-daily").expect("a sample");
    let catalogue = Catalogue::open_to_write(&folder.path().join("catalogue")).expect("a catalogue");
    catalogue.import_sample(sample).expect("an import");
    let config = Config::parse(RUN).expect("a file");
    let loaded = config.load(folder.path()).expect("a plan");
    assert_eq!(config.space().expect("a search").0.axes.len(), 1);
    let report = report::report(&loaded.plan, Manifest::default()).expect("a report");
    let bounds = report.bounds.expect("bounds");
    assert!(bounds.worst <= bounds.base && bounds.base <= bounds.best);
    assert!(report.outcome.trades_made > 5 && report.outcome.bars > 5_000);
    let told = report::text(&report);
    for part in ["SPY <a slow cross>", "round trips", "Sharpe", "before you believe it", "Only", "digest "] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let page = report::html(&loaded.plan, &report);
    for part in
        ["SPY &lt;a slow cross&gt;", "<svg", "class=\"months\"", "Before you believe it", "class=\"trade "]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http") && !page.contains("<script"), "it loads nothing");
    let trades = report::trades_csv(&loaded.plan, &report);
    assert_eq!(trades.lines().count(), report.outcome.trades.len() + 1);
    assert!(report::equity_csv(&report).lines().count() > 1_000);
    assert!(serde_json::to_string(&report).expect("json").contains("\"critique\""));
}

#[test]
fn depth_of_a_real_market_is_a_source_and_its_report_has_a_curve() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = SAMPLES.iter().find(|sample| sample.name == "btc-ticks").expect("a sample");
    let catalogue = Catalogue::open_to_write(&folder.path().join("catalogue")).expect("a catalogue");
    catalogue.import_sample(sample).expect("an import");
    let run = |data: &str| {
        let text = format!(
            r#"
limits = ["account paper order_size qty 1000000lots"]
benchmark = {{ BTC-USDT = 0.5 }}

[[market]]
symbol = "BTC-USDT"
data = {data}
margin_initial = "0.1"
margin_maintenance = "0.05"

[[account]]
name = "paper"
kind = "margin"
currency = "USDT"
cash = "100000"

[[strategy]]
kind = "quoting"
markets = ["BTC-USDT"]
params = {{ qty = 100000, inventory = 500000 }}

[venue]
queue = "log"
latency = {{ order = {{ constant = {{ ns = 1000000 }} }}, report = {{ constant = {{ ns = 1000000 }} }} }}
"#
        );
        let loaded = Config::parse(&text).expect("a file").load(folder.path()).expect("a plan");
        let report = report::report(&loaded.plan, Manifest::default()).expect("a report");
        let slow = backtest::run_slowly(&loaded.plan).expect("a run");
        assert_eq!(report.outcome.digest, slow.digest);
        (loaded, report)
    };
    let (_, quotes) = run(r#"["quotes", "trades"]"#);
    let (loaded, depth) = run(r#"["depth", "trades"]"#);
    // The same market by its touch and by its levels: not the same fills, and not another market.
    assert!(
        quotes.outcome.fills > 0 && depth.outcome.fills > 0,
        "{} {}",
        quotes.outcome.fills,
        depth.outcome.fills
    );
    assert!(depth.outcome.ticks > quotes.outcome.ticks);
    let account = &depth.accounts[0];
    assert!(account.brinson.is_some() && !depth.outcome.accounts[0].curve.is_empty());
    assert!(report::html(&loaded.plan, &depth).contains("against the benchmark"));
    assert!(depth.candles[0].1.len() > 10);
    for (data, fault) in [("\"fish\"", "fish"), (r#"["quotes", "depth"]"#, "one of quotes and depth")] {
        let text = format!("[[market]]\nsymbol = \"BTC-USDT\"\ndata = {data}\n");
        let error = Config::parse(&text).expect("a file").load(folder.path()).expect_err("no such data");
        assert!(error.to_string().contains(fault), "{error}");
    }
}
