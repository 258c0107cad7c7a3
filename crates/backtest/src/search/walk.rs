//! Walk-forward and cross-validation: parameters are chosen on one stretch of time and judged on another, with what
//! overlaps both left out (purged) and some time after it too (embargoed).

use super::{Method, Objective, Space, Trial, search, sweep};
use crate::error::BacktestError;
use crate::feed::{Feed, Span};
use crate::plan::Plan;
use model::{Bar, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Training begins with the data and grows.
    Anchored { folds: usize },
    /// Training is so many folds long and moves on.
    Rolling { folds: usize, train: usize },
    /// Every fold is judged once by what the others chose; `embargo_ns` after it does not train either.
    Purged { folds: usize, purge_ns: i64, embargo_ns: i64 },
}

/// Stretches of time to choose on, and one to be judged on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fold {
    pub train: Vec<(Time, Time)>,
    pub test: (Time, Time),
}

#[derive(Clone, Debug, Serialize)]
pub struct WalkForward {
    pub folds: Vec<(Fold, Trial, Trial)>,
    /// What the chosen earned in training and where they were judged, by day.
    pub inside: f64,
    pub outside: f64,
    pub outside_returns: Vec<f64>,
}

/// The folds over a stretch of time.
pub fn splits(split: Split, from: Time, until: Time) -> Result<Vec<Fold>, BacktestError> {
    let fault = |fault: &str| BacktestError::config("walk-forward", fault);
    let (folds, parts) = match split {
        Split::Anchored { folds } => (folds, folds + 1),
        Split::Rolling { folds, train } => (folds, folds + train.max(1)),
        Split::Purged { folds, .. } => (folds, folds),
    };
    if folds < 2 || parts > 1_000 {
        return Err(fault("take from 2 to 1000 folds"));
    }
    let length = (until.0 - from.0) / i64::try_from(parts).unwrap_or(i64::MAX).max(1);
    if length <= 0 {
        return Err(fault("there is too little time for so many folds"));
    }
    let edge = |part: usize| Time(from.0 + length * i64::try_from(part).unwrap_or(0));
    let one = |fold: usize| match split {
        Split::Anchored { .. } => {
            Fold { train: vec![(from, edge(fold + 1))], test: (edge(fold + 1), edge(fold + 2)) }
        }
        Split::Rolling { train, .. } => {
            let train = train.max(1);
            Fold {
                train: vec![(edge(fold), edge(fold + train))],
                test: (edge(fold + train), edge(fold + train + 1)),
            }
        }
        Split::Purged { purge_ns, embargo_ns, .. } => {
            let test = (edge(fold), edge(fold + 1));
            let before = (from, Time(test.0.0 - purge_ns));
            let after = (Time(test.1.0 + purge_ns.max(embargo_ns)), edge(parts));
            let train = [before, after].into_iter().filter(|(from, until)| from < until).collect();
            Fold { train, test }
        }
    };
    Ok((0..folds).map(one).collect())
}

/// Chooses on each fold's training and judges the choice on its test.
pub fn walk_forward(
    plan: &Plan,
    space: &Space,
    method: Method,
    objective: Objective,
    split: Split,
    threads: usize,
) -> Result<WalkForward, BacktestError> {
    let (from, until) = span(plan)?;
    let mut folds = Vec::new();
    let mut outside_returns = Vec::new();
    for fold in splits(split, from, until)? {
        let chosen = choose(plan, space, method, objective, &fold, threads)?;
        let judged = sweep(&within(plan, fold.test), space, std::slice::from_ref(&chosen.values), 1)?;
        let judged =
            judged.into_iter().next().ok_or_else(|| BacktestError::config("walk-forward", "no trial"))?;
        outside_returns.extend_from_slice(&judged.returns);
        folds.push((fold, chosen, judged));
    }
    let mean =
        |of: &dyn Fn(&(Fold, Trial, Trial)) -> f64| folds.iter().map(of).sum::<f64>() / folds.len() as f64;
    let per_day = |trial: &Trial| trial.total_return / trial.returns.len().max(1) as f64;
    let inside = mean(&|(_, chosen, _)| per_day(chosen));
    let outside = mean(&|(_, _, judged)| per_day(judged));
    Ok(WalkForward { folds, inside, outside, outside_returns })
}

/// The best over all stretches of training together: by the mean of its scores.
fn choose(
    plan: &Plan,
    space: &Space,
    method: Method,
    objective: Objective,
    fold: &Fold,
    threads: usize,
) -> Result<Trial, BacktestError> {
    let mut best: Vec<(f64, Trial)> = Vec::new();
    for stretch in &fold.train {
        let trials = search(&within(plan, *stretch), space, method, objective, threads)?;
        for trial in trials {
            let score = trial.score(objective);
            match best.iter_mut().find(|(_, known)| known.values == trial.values) {
                Some((sum, _)) => *sum += score,
                None => best.push((score, trial)),
            }
        }
    }
    let best =
        best.into_iter().max_by(|(a, one), (b, other)| a.total_cmp(b).then(other.number.cmp(&one.number)));
    best.map(|(_, trial)| trial)
        .ok_or_else(|| BacktestError::config("walk-forward", "a fold has no training"))
}

fn span(plan: &Plan) -> Result<Span, BacktestError> {
    let spans = plan.markets.iter().map(|market| market.feed.span()).collect::<Result<Vec<_>, _>>()?;
    let first = spans.iter().flatten().map(|span| span.0).min();
    let last = spans.iter().flatten().map(|span| span.1).max();
    first.zip(last).ok_or_else(|| BacktestError::Missing {
        what: "bars".to_owned(),
        advice:
            "walk-forward chooses on stretches of bars; make some of the ticks with `staysail data aggregate`"
                .to_owned(),
    })
}

/// The bars of a feed, all of them at once: for what has to go through them again and again.
pub(crate) fn all(feed: &Feed) -> Result<Arc<[Bar]>, BacktestError> {
    let mut chunks = Vec::new();
    while let Some(chunk) = feed.bars(chunks.len())? {
        chunks.push(chunk);
    }
    match chunks.as_slice() {
        [only] => Ok(Arc::clone(only)),
        _ => Ok(chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect()),
    }
}

/// The plan over a stretch of its time. Its bars are read as its runs go.
fn within(plan: &Plan, span: Span) -> Plan {
    let mut part = plan.clone();
    for market in &mut part.markets {
        market.feed = market.feed.within(span);
    }
    part
}
