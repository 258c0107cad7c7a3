//! What a search may claim: the same on any number of threads, nothing where there is only noise, and leaks found.

use super::world::{market, plan, strategy};
use backtest::detect::{Leak, detect};
use backtest::search::{
    Axis, Method, Objective, Space, Split, Trial, evidence, search, splits, walk_forward,
};
use model::{Bar, Qty, Time};
use sim::Dice;
use sim::series::series;
use strategy::{Intents, Strategy, StrategyError, View};

fn space() -> Space {
    let axis = |name: &str, low, high, step| Axis { name: name.to_owned(), low, high, step };
    Space { strategy: 0, axes: vec![axis("fast", 3.0, 12.0, 3.0), axis("slow", 15.0, 45.0, 10.0)] }
}

#[test]
fn threads_change_nothing() {
    let plan = plan(vec![market("X-USD", series(6_000, 11))], vec![strategy("ma_cross", &[])]);
    let methods = [Method::Grid, Method::Random { trials: 20, seed: 3 }, Method::Tpe { trials: 36, seed: 3 }];
    for method in methods {
        let one = search(&plan, &space(), method, Objective::Return, 1).unwrap();
        let two = search(&plan, &space(), method, Objective::Return, 2).unwrap();
        assert_eq!(one, two);
        assert!(one.iter().all(|trial| !trial.digest.is_empty()));
    }
}

#[test]
fn walking_forward_judges_where_it_did_not_choose() {
    let plan = plan(vec![market("X-USD", series(8_000, 12))], vec![strategy("ma_cross", &[])]);
    let split = Split::Rolling { folds: 3, train: 2 };
    let walked = walk_forward(&plan, &space(), Method::Grid, Objective::Return, split, 1).unwrap();
    assert_eq!(walked.folds.len(), 3);
    for (fold, chosen, judged) in &walked.folds {
        assert!(fold.train.iter().all(|(_, until)| *until <= fold.test.0));
        assert_eq!(chosen.values, judged.values);
    }
    let purged = Split::Purged { folds: 4, purge_ns: 5, embargo_ns: 20 };
    for fold in splits(purged, Time(0), Time(4_000)).unwrap() {
        let (from, until) = fold.test;
        assert!(fold.train.iter().all(|(begin, end)| end.0 <= from.0 - 5 || begin.0 >= until.0 + 20));
    }
}

/// A thousand strategies on noise, a hundred times: the best of them is called luck.
#[test]
fn the_best_of_noise_is_not_significant() {
    let mut wrong = 0;
    for world in 0..100 {
        let mut dice = Dice::seeded(world);
        let trials: Vec<Trial> = (0..1_000).map(|number| noise(number, &mut dice)).collect();
        wrong += usize::from(evidence(&trials, Objective::Sharpe, 0, world).unwrap().is_significant);
    }
    assert!(wrong <= 5, "{wrong} of 100");
}

fn noise(number: usize, dice: &mut Dice) -> Trial {
    let returns: Vec<f64> = (0..128).map(|_| dice.normal() * 0.01).collect();
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let variance = returns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / returns.len() as f64;
    Trial {
        number,
        values: Vec::new(),
        digest: String::new(),
        total_return: returns.iter().sum(),
        sharpe: Some(mean / variance.sqrt()),
        max_drawdown: 0.1,
        trades: 100,
        returns,
    }
}

#[test]
fn skill_is_told_from_noise() {
    let mut dice = Dice::seeded(5);
    let mut trials: Vec<Trial> = (0..50).map(|number| noise(number, &mut dice)).collect();
    let skilled = trials.get_mut(7).unwrap();
    skilled.returns.iter_mut().for_each(|value| *value += 0.008);
    skilled.sharpe = skilled.sharpe.map(|ratio| ratio + 0.8);
    let found = evidence(&trials, Objective::Sharpe, 0, 1).unwrap();
    assert_eq!((found.best, found.is_significant), (7, true));
    // As many trials as there are grains of sand take the claim away.
    assert!(!evidence(&trials, Objective::Sharpe, u64::MAX / 2, 1).unwrap().is_significant);
}

/// Cheats, each in its own way; all of them want 1 lot or none.
#[derive(Clone)]
enum Cheat {
    /// Knows the next close.
    NextClose(Vec<Bar>),
    /// Measures against the mean of all closes, also those to come.
    WholeMean(i64),
    /// Trades only if the highest high is still to come.
    HighToCome(Time),
    /// Knows how long the data is.
    Length(usize),
    /// Adds up from wherever it was started.
    Sum(i64),
    Honest,
}

struct Cheater {
    cheat: Cheat,
    seen: usize,
}

impl Strategy for Cheater {
    fn on_bar(&mut self, at: usize, bar: &Bar, _: &View<'_>, out: &mut Intents) {
        self.seen += 1;
        let long = match &mut self.cheat {
            Cheat::NextClose(bars) => bars.get(self.seen).is_some_and(|next| next.close > bar.close),
            Cheat::WholeMean(mean) => bar.close.0 > *mean,
            Cheat::HighToCome(high) => bar.end < *high,
            Cheat::Length(length) => self.seen * 2 > *length,
            Cheat::Sum(sum) => {
                *sum += bar.close.0 - bar.open.0;
                *sum > 0
            }
            Cheat::Honest => bar.close > bar.open,
        };
        out.target(at, Qty(i64::from(long)));
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        Ok(Vec::new())
    }

    fn load(&mut self, _: &[u8]) -> Result<(), StrategyError> {
        Ok(())
    }
}

#[test]
fn five_planted_leaks_are_found_and_honesty_is_not_accused() {
    let bars = series(2_000, 21);
    let check = |make: &dyn Fn(&[Bar]) -> Cheat| {
        let make = |bars: &[Bar]| {
            let one: Box<dyn Strategy> = Box::new(Cheater { cheat: make(bars), seen: 0 });
            Ok(one)
        };
        detect(&make, &bars, 10, 12, 1).unwrap()
    };
    let mean =
        |bars: &[Bar]| bars.iter().map(|bar| bar.close.0).sum::<i64>() / i64::try_from(bars.len()).unwrap();
    let high = |bars: &[Bar]| bars.iter().max_by_key(|bar| bar.high).map_or(Time(0), |bar| bar.begin);
    let ahead = |leaks: &[Leak]| leaks.iter().any(|leak| matches!(leak, Leak::LooksAhead { .. }));
    let start = |leaks: &[Leak]| leaks.iter().any(|leak| matches!(leak, Leak::DependsOnStart { .. }));
    assert!(ahead(&check(&|bars| Cheat::NextClose(bars.to_vec()))));
    assert!(ahead(&check(&|bars| Cheat::WholeMean(mean(bars)))));
    assert!(ahead(&check(&|bars| Cheat::HighToCome(high(bars)))));
    assert!(ahead(&check(&|bars| Cheat::Length(bars.len()))));
    assert!(start(&check(&|_| Cheat::Sum(0))));
    assert_eq!(check(&|_| Cheat::Honest), []);
    let built =
        plan(vec![market("X-USD", bars.clone())], vec![strategy("ma_cross", &[]), strategy("donchian", &[])]);
    for strategy in 0..2 {
        assert_eq!(backtest::detect::detect_in(&built, strategy, 12, 1).unwrap(), []);
    }
}
