//! Would it have done as well had prices been a little different? The run is made again and again over bars whose
//! prices are all moved by chance, each by a share of its own bar's range, and what it came to is told as a band. A
//! result that falls apart was fitted to the noise of its past.

use super::sweep::Trial;
use crate::error::BacktestError;
use crate::feed::{Feed, Stream};
use crate::plan::Plan;
use crate::run::run;
use model::{Bar, Price};
use serde::Serialize;
use sim::{Dice, whole};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Noisy {
    pub rounds: usize,
    /// Of a bar's range: the deviation of every price.
    pub share: f64,
    /// As it was, and low, middle and high of 90 in 100 rounds.
    pub total: f64,
    pub totals: [f64; 3],
    pub drawdown: f64,
    pub drawdowns: [f64; 3],
    /// The share of rounds that lost money.
    pub losing: f64,
}

/// A stream whose bars are moved by chance; the same for the same seed, whatever is read first.
struct Moved {
    feed: Feed,
    share: f64,
    seed: u64,
}

impl Stream for Moved {
    fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError> {
        let Some(bars) = self.feed.bars(chunk)? else { return Ok(None) };
        let mut dice = Dice::seeded(self.seed ^ (chunk as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Ok(Some(bars.iter().map(|bar| moved(bar, self.share, &mut dice)).collect()))
    }
}

fn moved(bar: &Bar, share: f64, dice: &mut Dice) -> Bar {
    let width = (bar.high.0 - bar.low.0) as f64 * share;
    let mut shift = |price: Price| Price((price.0 + whole((dice.normal() * width).round())).max(1));
    let (open, high, low, close) = (shift(bar.open), shift(bar.high), shift(bar.low), shift(bar.close));
    let all = [open, high, low, close];
    let high = all.into_iter().fold(high, Price::max);
    let low = all.into_iter().fold(low, Price::min);
    Bar { open, high, low, close, ..*bar }
}

/// Runs the plan once as it is and so many times over moved prices, on several threads.
pub fn noisy(
    plan: &Plan,
    (rounds, share): (usize, f64),
    seed: u64,
    threads: usize,
) -> Result<Noisy, BacktestError> {
    let fault = |fault: &str| Err(BacktestError::config("noise", fault));
    if rounds < 2 || !(share > 0.0 && share <= 1.0) {
        return fault("give at least 2 rounds, and a share of a bar's range above 0 and at most 1");
    }
    if plan.markets.iter().any(|market| market.feed.is_ticks()) {
        return fault("prices are moved inside of bars; these are ticks: make bars of them first");
    }
    let base = tried(plan, 0)?;
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<Trial, BacktestError>>>> =
        Mutex::new((0..rounds).map(|_| None).collect());
    let work = || {
        loop {
            let round = next.fetch_add(1, Ordering::Relaxed);
            if round >= rounds {
                return;
            }
            let trial = tried(&over(plan, share, seed, round), round);
            if let Ok(mut done) = done.lock()
                && let Some(slot) = done.get_mut(round)
            {
                *slot = Some(trial);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, rounds) {
            scope.spawn(work);
        }
        work();
    });
    let trials: Vec<Trial> =
        done.into_inner().unwrap_or_default().into_iter().flatten().collect::<Result<_, _>>()?;
    let losing = trials.iter().filter(|trial| trial.total_return < 0.0).count();
    Ok(Noisy {
        rounds,
        share,
        total: base.total_return,
        totals: band(trials.iter().map(|trial| trial.total_return).collect()),
        drawdown: base.max_drawdown,
        drawdowns: band(trials.iter().map(|trial| trial.max_drawdown).collect()),
        losing: losing as f64 / rounds as f64,
    })
}

fn tried(plan: &Plan, number: usize) -> Result<Trial, BacktestError> {
    let mut plan = plan.clone();
    (plan.trades_kept, plan.points_kept) = (0, 2);
    run(&plan).map(|outcome| Trial::of(number, Vec::new(), &outcome))
}

fn over(plan: &Plan, share: f64, seed: u64, round: usize) -> Plan {
    let mut plan = plan.clone();
    for (at, market) in plan.markets.iter_mut().enumerate() {
        let seed = Dice::seeded(seed ^ ((round as u64) << 20) ^ at as u64).draw();
        let feed = std::mem::replace(&mut market.feed, Feed::Bars(Arc::from([])));
        market.feed = Feed::BarStream(Arc::new(Moved { feed, share, seed }));
    }
    plan
}

/// Low, middle and high: 5, 50 and 95 of 100.
fn band(mut all: Vec<f64>) -> [f64; 3] {
    all.sort_by(f64::total_cmp);
    let last = all.len().saturating_sub(1);
    [5, 50, 95].map(|percent| all.get(last * percent / 100).copied().unwrap_or(f64::NAN))
}
