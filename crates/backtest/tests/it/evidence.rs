//! What a search may claim: the same on any number of threads, nothing where there is only noise, and leaks found.

use super::world::{market, plan, strategy};
use backtest::detect::{Leak, detect};
use backtest::search::{
    Axis, Method, Objective, Space, Split, Trial, evidence, noisy, search, splits, walk_forward,
};
use backtest::{BacktestError, Feed, Stream};
use model::{Bar, Qty, Time};
use sim::Dice;
use sim::series::series;
use std::sync::{Arc, Mutex, Weak};
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

/// Makes bars as they are asked for, and remembers how many chunks lived at once.
struct Counted {
    from: i64,
    until: i64,
    chunks: i64,
    alive: Alive,
}

/// The chunks that were handed out, and how many lived at once at the most.
type Alive = Arc<Mutex<(Vec<Weak<[Bar]>>, usize)>>;

const PER_CHUNK: i64 = 2_000;

impl Stream for Counted {
    fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError> {
        let chunk = i64::try_from(chunk).expect("small");
        if chunk >= self.chunks {
            return Ok(None);
        }
        let seed = u32::try_from(chunk % 7).expect("small");
        let bars: Vec<Bar> = series(usize::try_from(PER_CHUNK).expect("small"), seed + 1)
            .into_iter()
            .map(|bar| {
                let skip = chunk * PER_CHUNK * (bar.end.0 - bar.begin.0).max(1);
                Bar { begin: Time(bar.begin.0 + skip), end: Time(bar.end.0 + skip), ..bar }
            })
            .filter(|bar| bar.begin.0 >= self.from && bar.end.0 <= self.until)
            .collect();
        let bars: Arc<[Bar]> = Arc::from(bars);
        let mut alive = self.alive.lock().expect("nobody panics");
        alive.0.retain(|chunk| chunk.strong_count() > 0);
        alive.0.push(Arc::downgrade(&bars));
        alive.1 = alive.1.max(alive.0.len());
        Ok(Some(bars))
    }

    fn span(&self) -> Option<(Time, Time)> {
        let width = series(1, 1)[0];
        let last = (width.end.0 - width.begin.0) * PER_CHUNK * self.chunks + width.begin.0;
        Some((Time(self.from.max(width.begin.0)), Time(self.until.min(last))))
    }

    fn within(&self, (from, until): (Time, Time)) -> Option<Arc<dyn Stream>> {
        let (from, until) = (self.from.max(from.0), self.until.min(until.0));
        Some(Arc::new(Self { from, until, chunks: self.chunks, alive: Arc::clone(&self.alive) }))
    }
}

#[test]
fn walk_forward_holds_no_more_of_longer_data() {
    let held = |chunks: i64| {
        let alive = Arc::new(Mutex::new((Vec::new(), 0)));
        let stream = Counted { from: i64::MIN, until: i64::MAX, chunks, alive: Arc::clone(&alive) };
        let mut one = market("X-USD", Vec::new());
        one.feed = Feed::BarStream(Arc::new(stream));
        let plan = plan(vec![one], vec![strategy("ma_cross", &[])]);
        let axes = vec![Axis { name: "fast".to_owned(), low: 5.0, high: 15.0, step: 5.0 }];
        let space = Space { strategy: 0, axes };
        let split = Split::Anchored { folds: 3 };
        let found = walk_forward(&plan, &space, Method::Grid, Objective::Return, split, 1).expect("folds");
        assert_eq!(found.folds.len(), 3);
        alive.lock().map(|alive| alive.1).expect("nobody panics")
    };
    let (short, long) = (held(4), held(24));
    assert!(short <= 3 && long <= short, "{short} and {long} chunks at once");
}

#[test]
fn noise_moves_results_and_the_same_seed_moves_them_alike() {
    let plan = plan(vec![market("X-USD", series(5_000, 9))], vec![strategy("ma_cross", &[])]);
    let one = noisy(&plan, (20, 0.2), 5, 2).expect("bars");
    assert_eq!(one, noisy(&plan, (20, 0.2), 5, 1).expect("bars"));
    let [low, middle, high] = one.totals;
    assert!(low < middle && middle < high && one.total.is_finite(), "{one:?}");
    assert!(noisy(&plan, (20, 0.0), 5, 1).is_err() && noisy(&plan, (1, 0.1), 5, 1).is_err());
}
