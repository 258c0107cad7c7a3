//! Many runs of one plan with other parameters, on several threads. Workers take the next number that is free and put
//! what came of it in its place; the data is shared and read only.

use super::Space;
use crate::error::BacktestError;
use crate::plan::Plan;
use crate::run::{Outcome, run};
use analytics::performance::{Convention, Returns, returns_of_equity, sharpe};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a search wants more of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    #[default]
    Sharpe,
    Return,
    /// Return for each unit of the deepest fall.
    Calmar,
}

/// One combination and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    pub number: usize,
    pub values: Vec<f64>,
    pub digest: String,
    pub total_return: f64,
    /// Of days, for a year; none where nothing moved.
    pub sharpe: Option<f64>,
    pub max_drawdown: f64,
    pub trades: u64,
    /// Of each day that has data.
    #[serde(skip)]
    pub returns: Vec<f64>,
}

impl Trial {
    pub(super) fn of(number: usize, values: Vec<f64>, outcome: &Outcome) -> Self {
        let start: f64 = outcome.accounts.iter().map(|account| crate::tally::number(account.start)).sum();
        let count = outcome.accounts.iter().map(|account| account.days.len()).max().unwrap_or(0);
        let worth = |day: usize| -> f64 {
            let of = |account: &crate::tally::AccountOutcome| {
                let known = account.days.get(day).or(account.days.last());
                known.map_or(crate::tally::number(account.start), |(_, equity)| *equity)
            };
            outcome.accounts.iter().map(of).sum()
        };
        let curve: Vec<f64> = std::iter::once(start).chain((0..count).map(worth)).collect();
        let returns = returns_of_equity(&curve).unwrap_or_default();
        let ratio = Returns::new(&returns).and_then(|returns| sharpe(returns, Convention::CRYPTO_DAYS)).ok();
        Self {
            number,
            values,
            digest: outcome.digest.clone(),
            total_return: curve.last().map_or(0.0, |last| last / start - 1.0),
            sharpe: ratio,
            max_drawdown: outcome.accounts.iter().map(|account| account.max_drawdown).fold(0.0, f64::max),
            trades: outcome.trades_made,
            returns,
        }
    }

    /// What is compared: higher is better, and what did not trade is worst.
    #[must_use]
    pub fn score(&self, objective: Objective) -> f64 {
        if self.trades == 0 {
            return f64::NEG_INFINITY;
        }
        match objective {
            Objective::Sharpe => self.sharpe.unwrap_or(f64::NEG_INFINITY),
            Objective::Return => self.total_return,
            Objective::Calmar => self.total_return / self.max_drawdown.max(1e-9),
        }
    }
}

/// Runs every combination; results are in the order of the combinations.
pub fn sweep(
    plan: &Plan,
    space: &Space,
    all: &[Vec<f64>],
    threads: usize,
) -> Result<Vec<Trial>, BacktestError> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<Trial, BacktestError>>>> =
        Mutex::new((0..all.len()).map(|_| None).collect());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(values) = all.get(number) else { return };
            let mut tried = space.plan(plan, values);
            (tried.trades_kept, tried.points_kept) = (0, 2);
            let trial = run(&tried).map(|outcome| Trial::of(number, values.clone(), &outcome));
            if let Ok(mut done) = done.lock()
                && let Some(slot) = done.get_mut(number)
            {
                *slot = Some(trial);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, all.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    let done = done.into_inner().unwrap_or_default();
    done.into_iter().flatten().collect()
}
