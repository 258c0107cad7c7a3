//! Runs over the past: the crossover that other engines were measured with, through orders, risk, ledger and events;
//! a sweep of its parameters on all cores; the fills and the equity are held against what the others
//! give, so that a figure is never of other work.

use crate::measure::{cpu_seconds, median};
use crate::{Figure, Options};
use ::backtest::search::{Axis, Space};
use ::backtest::{AccountPlan, Feed, MarketPlan, Plan, StrategyPlan};
use model::{AccountKind, Fees, InstrumentClass, Money, Rate};
use sim::Rules;
use sim::series::series;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

pub(crate) const SMOKE: usize = 100_000;

pub(crate) fn bars(options: &Options) -> Vec<Figure> {
    let n = if options.smoke { SMOKE } else { 1_000_000 };
    let (bars_mps, equity) = crossover(n, options.runs);
    let known = [(100_000, "960695.61436"), (1_000_000, "604772.36611")];
    let expected = known.iter().find(|(bars, _)| *bars == n).map(|(_, equity)| *equity);
    assert_eq!(Some(equity.as_str()), expected, "the crossover gives what other engines give");
    vec![Figure::new("backtest_bars_mps", bars_mps, "M bars/s").at_least(10.0)]
}

pub(crate) fn sweep(options: &Options) -> Vec<Figure> {
    pairs(if options.smoke { 20 } else { 1_000 }, options.runs.min(3))
}

pub(crate) fn plan(market: MarketPlan, kind: &str, params: &[(&str, f64)]) -> Plan {
    let cash = Money(Money::ONE.0 * 1_000_000);
    Plan {
        name: "bench".to_owned(),
        markets: vec![market],
        accounts: vec![AccountPlan {
            name: "main".to_owned(),
            kind: AccountKind::Cash,
            currency: "USD".to_owned(),
            cash,
        }],
        strategies: vec![StrategyPlan {
            name: kind.to_owned(),
            kind: kind.to_owned(),
            account: 0,
            markets: vec![0],
            params: params.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            made: None,
        }],
        rules: Rules::default(),
        limits: Vec::new(),
        benchmark: Vec::new(),
        trade_from: None,
        trades_kept: Plan::TRADES_KEPT,
        points_kept: Plan::POINTS_KEPT,
    }
}

pub(crate) fn market(feed: Feed) -> MarketPlan {
    MarketPlan {
        class: InstrumentClass::Equity,
        tick: Money(Money::ONE.0 / 100),
        fees: Fees { maker: Rate(1_000_000), taker: Rate(1_000_000), ..Fees::default() },
        ..MarketPlan::new("X-USD", feed)
    }
}

/// Millions of bars a CPU second, and the final equity.
fn crossover(bars: usize, runs: usize) -> (f64, String) {
    let plan = plan(market(Feed::Bars(Arc::from(series(bars, 7)))), "ma_cross", &[]);
    let mut equity = String::new();
    let rates = (0..runs.max(1)).map(|_| {
        let start = cpu_seconds();
        let outcome = ::backtest::run(&plan).unwrap_or_else(|error| unreachable!("{error}"));
        let seconds = cpu_seconds() - start;
        equity = outcome.accounts[0].equity.map(|equity| equity.to_string()).unwrap_or_default();
        bars as f64 / seconds / 1e6
    });
    (median(rates.collect()), equity)
}

/// Seconds for so many pairs over 100,000 bars on all cores, by the clock on the wall.
fn pairs(count: usize, runs: usize) -> Vec<Figure> {
    let plan = plan(market(Feed::Bars(Arc::from(series(100_000, 7)))), "ma_cross", &[]);
    let axis = |name: &str, low, high, step| Axis { name: name.to_owned(), low, high, step };
    let space =
        Space { strategy: 0, axes: vec![axis("fast", 5.0, 44.0, 1.0), axis("slow", 50.0, 194.0, 6.0)] };
    let mut all = space.grid(&plan);
    all.truncate(count);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut best = 0.0;
    let times = (0..runs.max(1)).map(|_| {
        let start = Instant::now();
        let trials = ::backtest::search::sweep(&plan, &space, &all, threads)
            .unwrap_or_else(|error| unreachable!("{error}"));
        best = trials.iter().map(|trial| trial.total_return).fold(f64::NEG_INFINITY, f64::max);
        black_box(trials.len());
        start.elapsed().as_secs_f64()
    });
    let seconds = median(times.collect());
    if count == 1_000 {
        assert!((best + 0.006_895).abs() < 5e-7, "the best pair earns what vectorbt gives: {best}");
    }
    let cores = threads as f64;
    vec![Figure::new("sweep_s", seconds, "s").at_most(4.0), Figure::new("sweep_cores", cores, "")]
}
