//! Is the best of many skill or luck? Every trial counts, also those that were thrown away and, by the ledger, those
//! of earlier searches on the same data. What it takes to be called significant is stated: all three tests agree.

use super::{Objective, Trial};
use crate::error::BacktestError;
use analytics::evidence::{
    Method, SharpeMoments, deflated_sharpe, expected_highest_sharpe, probabilistic_sharpe,
    probability_of_overfitting, reality_check, resampled_figures, shuffled_trades,
};
use analytics::performance::Convention;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub best: usize,
    /// This search's trials, and those of earlier ones.
    pub trials: usize,
    pub trials_before: u64,
    /// The probability that the best is better than the best of as many without skill.
    pub deflated_sharpe: Option<f64>,
    /// The share of splits in which the best of one half is in the lower half of the other.
    pub overfit: Option<f64>,
    /// How often luck does as well as the best.
    pub p_value: Option<f64>,
    pub is_significant: bool,
}

const CONFIDENCE: f64 = 0.95;
const ROUNDS: usize = 500;
const BLOCKS: usize = 8;
/// Of the stationary bootstrap, in days.
const BLOCK: f64 = 5.0;

/// What the trials of a search are worth as evidence for its best one.
pub fn evidence(
    trials: &[Trial],
    objective: Objective,
    trials_before: u64,
    seed: u64,
) -> Result<Evidence, BacktestError> {
    let scored = trials.iter().enumerate().map(|(place, trial)| (place, trial.score(objective)));
    let best =
        scored.max_by(|(at, a), (other, b)| a.total_cmp(b).then(other.cmp(at))).map(|(place, _)| place);
    let best = best.ok_or_else(|| BacktestError::config("search", "there is no trial to judge"))?;
    let shortest = trials.iter().map(|trial| trial.returns.len()).min().unwrap_or(0);
    let returns: Vec<Vec<f64>> = trials.iter().map(|trial| trial.returns[..shortest].to_vec()).collect();
    let ratio = |returns: &Vec<f64>| SharpeMoments::of(returns).map(|moments| moments.sharpe).ok();
    let tried: Vec<f64> = returns.iter().filter_map(ratio).collect();
    let deflated =
        SharpeMoments::of(&returns[best]).ok().and_then(|chosen| deflate(&chosen, &tried, trials_before));
    let overfit = probability_of_overfitting(&returns, BLOCKS).ok().map(|found| found.probability);
    let block = BLOCK.min(shortest as f64).max(1.0);
    let p_value = reality_check(&returns, block, ROUNDS, seed).ok().map(|found| found.p_value);
    let is_significant = deflated.is_some_and(|deflated| deflated >= CONFIDENCE)
        && p_value.is_some_and(|p_value| p_value <= 1.0 - CONFIDENCE)
        && overfit.is_none_or(|overfit| overfit < 0.5);
    Ok(Evidence {
        best,
        trials: trials.len(),
        trials_before,
        deflated_sharpe: deflated,
        overfit,
        p_value,
        is_significant,
    })
}

/// Earlier trials count as if their ratios had varied like these.
fn deflate(chosen: &SharpeMoments, tried: &[f64], before: u64) -> Option<f64> {
    if before == 0 {
        return deflated_sharpe(chosen, tried).ok();
    }
    let mean = tried.iter().sum::<f64>() / tried.len().max(1) as f64;
    let squares = tried.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>();
    let variance = squares / (tried.len().max(2) - 1) as f64;
    let highest = expected_highest_sharpe(variance, tried.len() as f64 + before as f64).ok()?;
    probabilistic_sharpe(chosen, highest).ok()
}

/// What might have been: days in another order, and trades in another order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonteCarlo {
    pub rounds: usize,
    /// Low, middle and high of 90 in 100 futures: total return and deepest fall, by blocks of days.
    pub total: Option<[f64; 3]>,
    pub drawdown: Option<[f64; 3]>,
    /// The deepest fall in money, trades shuffled.
    pub trade_drawdown: Option<[f64; 3]>,
}

#[must_use]
pub fn monte_carlo(returns: &[f64], trades: &[f64], rounds: usize, seed: u64) -> MonteCarlo {
    let method = Method::Stationary { mean_length: BLOCK.min(returns.len() as f64).max(1.0) };
    let found = resampled_figures(returns, Convention::CRYPTO_DAYS, method, (rounds, seed), 0.1).ok();
    let band = |band: &analytics::evidence::Band| [band.low, band.median, band.high];
    let shuffled = shuffled_trades(trades, f64::MAX, rounds, seed).ok();
    MonteCarlo {
        rounds,
        total: found.as_ref().map(|found| band(&found.total.band)),
        drawdown: found.as_ref().map(|found| band(&found.max_drawdown.band)),
        trade_drawdown: shuffled.as_ref().map(|found| band(&found.drawdown.band)),
    }
}
