//! The SMA 10/30 crossover with next-open fills and 0.1 % fee on the series that other engines were measured on:
//! backtesting.py and vectorbt give these fills and this equity.

use super::world::{market, plan, strategy};
use backtest::run;
use sim::series::series;

fn check(bars: usize, seed: u32) -> (u64, String) {
    let plan = plan(vec![market("X-USD", series(bars, seed))], vec![strategy("ma_cross", &[])]);
    let outcome = run(&plan).expect("it is there");
    assert_eq!(outcome.bars, bars as u64);
    (outcome.fills, outcome.accounts[0].equity.expect("it is there").to_string())
}

#[test]
fn a_hundred_thousand_bars() {
    assert_eq!(check(100_000, 7), (3_917, "960695.61436".to_owned()));
}

#[test]
fn a_million_bars() {
    assert_eq!(check(1_000_000, 7), (39_214, "604772.36611".to_owned()));
}

/// Ten series with an account each, in one run over one engine.
#[test]
fn ten_markets_and_accounts_at_once() {
    let mut all = plan(Vec::new(), Vec::new());
    all.accounts.clear();
    for at in 0..10_u32 {
        all.markets.push(market(&format!("X{at}-USD"), series(200_000, 100 + at)));
        all.accounts.push(super::world::account(&format!("a{at}"), model::AccountKind::Cash));
        let mut one = strategy("ma_cross", &[]);
        (one.account, one.markets, one.name) = (at as usize, vec![at as usize], format!("s{at}"));
        all.strategies.push(one);
    }
    let outcome = run(&all).expect("it is there");
    let sum: i128 = outcome.accounts.iter().map(|account| account.equity.expect("it is there").0).sum();
    assert_eq!((outcome.fills, model::Money(sum).to_string()), (78_578, "9213453.72082".to_owned()));
}
