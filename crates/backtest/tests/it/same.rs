//! A run that goes through quiet bars at once comes to the very outcome of one that takes them one by one: the same
//! engine state, the same fills, curve and figures; for every strategy, and for several beside each other.

use super::world::{market, plan, strategy};
use backtest::{Outcome, Plan, run, run_slowly};
use sim::series::series;

fn check(plan: &Plan) -> Outcome {
    let (fast, slow) = (run(plan).expect("it is there"), run_slowly(plan).expect("it is there"));
    assert_eq!(fast, slow);
    fast
}

#[test]
fn quiet_bars_at_once_are_quiet_bars_one_by_one() {
    let bars = series(20_000, 3);
    let kinds: [(&str, &[(&str, f64)]); 5] = [
        ("ma_cross", &[("fast", 5.0), ("slow", 21.0)]),
        ("ma_cross", &[("fast", 7.0), ("slow", 60.0), ("share", 0.5)]),
        ("rsi_reversion", &[("enter", 25.0)]),
        ("donchian", &[]),
        ("rebalance", &[("every", 50.0)]),
    ];
    for (kind, params) in kinds {
        let outcome = check(&plan(vec![market("X-USD", bars.clone())], vec![strategy(kind, params)]));
        let least = if kind == "rebalance" { 1 } else { 20 };
        assert!(outcome.fills >= least, "{kind}: {}", outcome.fills);
    }
    let several = kinds.iter().enumerate().map(|(at, (kind, params))| {
        let mut one = strategy(kind, params);
        one.name = format!("s{at}");
        one
    });
    let outcome = check(&plan(vec![market("X-USD", bars.clone())], several.collect()));
    assert!(outcome.fills > 100);
    let mut two = strategy("ma_cross", &[]);
    (two.markets, two.name) = (vec![1], "second".to_owned());
    let markets = vec![market("X-USD", bars), market("Y-USD", series(15_000, 4))];
    check(&plan(markets, vec![strategy("donchian", &[]), two]));
}
