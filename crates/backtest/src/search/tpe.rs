//! How combinations are chosen: all of them, by chance, or by what was good so far (a tree of Parzen estimators,
//! Bergstra and others 2011): where good trials are dense and others are not.

use super::space::place;
use super::{Objective, Space, Trial, sweep};
use crate::error::BacktestError;
use crate::plan::Plan;
use serde::{Deserialize, Serialize};
use sim::Dice;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    #[default]
    Grid,
    Random {
        trials: usize,
        seed: u64,
    },
    Tpe {
        trials: usize,
        seed: u64,
    },
}

/// Trials of one round: chosen together, so that the number of threads changes nothing.
const ROUND: usize = 16;
/// The share of trials that counts as good.
const GOOD: f64 = 0.25;
const CANDIDATES: usize = 24;

/// Every trial, in the order in which they were chosen.
pub fn search(
    plan: &Plan,
    space: &Space,
    method: Method,
    objective: Objective,
    threads: usize,
) -> Result<Vec<Trial>, BacktestError> {
    space.check(plan)?;
    let trials = match method {
        Method::Grid => sweep(plan, space, &space.grid(plan), threads)?,
        Method::Random { trials, seed } => {
            let mut dice = Dice::seeded(seed);
            let all: Vec<Vec<f64>> = (0..trials).filter_map(|_| space.draw(plan, &mut dice)).collect();
            sweep(plan, space, &all, threads)?
        }
        Method::Tpe { trials, seed } => {
            let mut dice = Dice::seeded(seed);
            let mut done: Vec<Trial> = Vec::new();
            while done.len() < trials {
                let count = ROUND.min(trials - done.len());
                let next = choose(plan, space, &done, objective, count, &mut dice);
                if next.is_empty() {
                    break;
                }
                let before = done.len();
                let round = sweep(plan, space, &next, threads)?;
                done.extend(round.into_iter().map(|trial| Trial { number: before + trial.number, ..trial }));
            }
            done
        }
    };
    if trials.is_empty() {
        return Err(BacktestError::config("search", "no combination is one that the strategy accepts"));
    }
    Ok(trials)
}

fn choose(
    plan: &Plan,
    space: &Space,
    done: &[Trial],
    objective: Objective,
    count: usize,
    dice: &mut Dice,
) -> Vec<Vec<f64>> {
    if done.len() < ROUND {
        return (0..count).filter_map(|_| space.draw(plan, dice)).collect();
    }
    let mut ranked: Vec<&Trial> = done.iter().collect();
    ranked.sort_by(|a, b| b.score(objective).total_cmp(&a.score(objective)).then(a.number.cmp(&b.number)));
    let cut = share(ranked.len());
    let (good, bad) = ranked.split_at(cut);
    let better = |values: &[f64]| density(space, good, values).ln() - density(space, bad, values).ln();
    let one = |dice: &mut Dice| {
        let candidates: Vec<Vec<f64>> =
            (0..CANDIDATES).filter_map(|_| near(plan, space, good, dice)).collect();
        candidates.into_iter().max_by(|a, b| better(a).total_cmp(&better(b)))
    };
    (0..count).filter_map(|_| one(dice).or_else(|| space.draw(plan, dice))).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count is a count")]
fn share(count: usize) -> usize {
    ((count as f64 * GOOD).ceil() as usize).clamp(1, count)
}

/// A good trial with each value moved a little.
fn near(plan: &Plan, space: &Space, good: &[&Trial], dice: &mut Dice) -> Option<Vec<f64>> {
    let from = good.get(place(dice, good.len()))?;
    let moved = space.axes.iter().zip(&from.values).map(|(axis, value)| {
        let width = width(axis, good.len());
        let steps = ((value + dice.normal() * width - axis.low) / axis.step).round();
        let most = (axis.count() - 1) as f64;
        let value = axis.low + axis.step * steps.clamp(0.0, most);
        (value * 1e9).round() / 1e9
    });
    Some(moved.collect::<Vec<f64>>()).filter(|values| space.is_valid(plan, values))
}

fn width(axis: &super::Axis, count: usize) -> f64 {
    ((axis.high - axis.low) / (count as f64).sqrt().max(1.0)).max(axis.step)
}

/// A mean of normal densities around the trials.
fn density(space: &Space, trials: &[&Trial], values: &[f64]) -> f64 {
    let each = trials.iter().map(|trial| {
        let axes = space.axes.iter().zip(values).zip(&trial.values);
        axes.map(|((axis, value), mean)| {
            let away = (value - mean) / width(axis, trials.len());
            (-away * away / 2.0).exp()
        })
        .product::<f64>()
    });
    each.sum::<f64>() / trials.len().max(1) as f64 + 1e-12
}
