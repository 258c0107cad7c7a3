//! The probability of backtest overfitting, by combinatorially symmetric cross-validation (Bailey and others, 2017).
//!
//! History is cut into blocks. For every half of them, the strategy that is best there is looked up in the other half;
//! overfitting is how often it lies in the lower half of the ranks.

use crate::error::{AnalyticsError, Result, require, same_length};
use crate::number::sample::Sample;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overfit {
    pub splits: usize,
    /// The share of splits in which the best of one half is no better than the median of the other.
    pub probability: f64,
    /// The share of splits in which the chosen one has a ratio below zero in the other half.
    pub probability_of_loss: f64,
    /// The logit of the relative rank outside, one for each split; below zero is the lower half.
    pub logits: Vec<f64>,
    /// How the ratio outside moves with the ratio inside: below zero means that choosing hurts. `None` when the ratio
    /// inside is the same in every split.
    pub slope: Option<f64>,
}

/// Sums of one strategy's returns in one block, from which every half's ratio is put together.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let squares = values.iter().map(|value| value * value).sum();
        Self { count: values.len() as f64, sum: values.iter().sum(), squares }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    /// A strategy that does not move has no ratio above zero; it is ranked by the sign of what it earned.
    fn sharpe(self) -> f64 {
        let mean = self.sum / self.count;
        let variance = (self.squares - self.sum * mean) / (self.count - 1.0);
        if variance <= self.squares / self.count * 1e-14 { 0.0 } else { mean / variance.sqrt() }
    }
}

/// `strategies` holds the returns of everything that was tried, period for period; `blocks` is even, from 2 to 16.
/// Periods that do not fill the blocks evenly are left out at the beginning.
pub fn probability_of_overfitting(strategies: &[Vec<f64>], blocks: usize) -> Result<Overfit> {
    let is_even = blocks.is_multiple_of(2) && (2..=16).contains(&blocks);
    require(is_even, "the number of blocks", "even, from 2 to 16", blocks as f64)?;
    let sums = block_sums(strategies, blocks)?;
    let halves = (0_u32..1 << blocks).filter(|half| half.count_ones() as usize == blocks / 2);
    let (mut logits, mut inside_ratios, mut outside_ratios) = (Vec::new(), Vec::new(), Vec::new());
    for half in halves {
        let (inside, outside) = ratios(&sums, half);
        let chosen =
            (0..inside.len()).fold(0, |best, one| if inside[one] > inside[best] { one } else { best });
        let rank = rank(&outside, chosen) / (outside.len() as f64 + 1.0);
        logits.push((rank / (1.0 - rank)).ln());
        inside_ratios.push(inside[chosen]);
        outside_ratios.push(outside[chosen]);
    }
    let share = |count: usize| count as f64 / logits.len() as f64;
    let probability = share(logits.iter().filter(|logit| **logit <= 0.0).count());
    let probability_of_loss = share(outside_ratios.iter().filter(|ratio| **ratio < 0.0).count());
    let slope = crate::error::if_defined(crate::risk::beta(&outside_ratios, &inside_ratios))?;
    Ok(Overfit { splits: logits.len(), probability, probability_of_loss, logits, slope })
}

fn block_sums(strategies: &[Vec<f64>], blocks: usize) -> Result<Vec<Vec<Sums>>> {
    let what = "the strategies that were tried";
    if strategies.len() < 2 {
        return Err(AnalyticsError::TooFew { what, needed: 2, found: strategies.len() });
    }
    let periods = strategies[0].len();
    let size = periods / blocks;
    for one in strategies {
        same_length("the first strategy", periods, "another strategy", one.len())?;
        Sample::new("the returns of a strategy", one, 2 * blocks)?;
    }
    let cut = |one: &Vec<f64>| one[periods - size * blocks..].chunks(size).map(Sums::of).collect();
    Ok(strategies.iter().map(cut).collect())
}

/// Of each strategy: inside the half and outside of it.
fn ratios(sums: &[Vec<Sums>], half: u32) -> (Vec<f64>, Vec<f64>) {
    let ratio = |blocks: &[Sums], side: u32| {
        let chosen = blocks.iter().enumerate().filter(|(block, _)| half >> block & 1 == side);
        chosen.fold(Sums::default(), |sum, (_, block)| sum.plus(*block)).sharpe()
    };
    sums.iter().map(|blocks| (ratio(blocks, 1), ratio(blocks, 0))).unzip()
}

/// From 1 for the lowest; equals share the middle of their places.
fn rank(ratios: &[f64], chosen: usize) -> f64 {
    let below = ratios.iter().filter(|ratio| **ratio < ratios[chosen]).count() as f64;
    let equal = ratios.iter().filter(|ratio| **ratio == ratios[chosen]).count() as f64;
    below + (equal + 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::draw::Draw;

    fn noise(strategies: usize, periods: usize, drift_of_first: f64) -> Vec<Vec<f64>> {
        seeded_noise(9, strategies, periods, drift_of_first)
    }

    fn seeded_noise(seed: u64, strategies: usize, periods: usize, drift_of_first: f64) -> Vec<Vec<f64>> {
        let mut draw = Draw::seeded(seed);
        let drift = |one: usize| if one == 0 { drift_of_first } else { 0.0 };
        (0..strategies).map(|one| (0..periods).map(|_| drift(one) + 0.01 * draw.normal()).collect()).collect()
    }

    #[test]
    fn skill_is_found_again_and_noise_is_not() {
        let skill = probability_of_overfitting(&noise(20, 480, 0.004), 8).unwrap();
        assert_eq!(skill.splits, 70);
        assert!(skill.probability < 0.01 && skill.probability_of_loss < 0.01, "{}", skill.probability);
        // One world without skill says little; over many, the best of one half is nothing special in the other.
        let worlds = 40;
        let luck =
            (0..worlds).map(|seed| probability_of_overfitting(&seeded_noise(seed, 10, 120, 0.0), 6).unwrap());
        let mean = luck.map(|found| found.probability).sum::<f64>() / worlds as f64;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }

    #[test]
    fn two_blocks_by_hand() {
        // The first is better in the first half, the second in the second half: the choice is always wrong.
        let a = vec![0.02, 0.03, -0.02, -0.03];
        let b = vec![-0.02, -0.03, 0.02, 0.03];
        let found = probability_of_overfitting(&[a, b], 2).unwrap();
        assert_eq!((found.splits, found.probability, found.probability_of_loss), (2, 1.0, 1.0));
        // Rank 1 of 2 is a third, and the logit of a third is −ln 2.
        assert!(found.logits.iter().all(|logit| (logit + 2.0_f64.ln()).abs() < 1e-12));
    }

    #[test]
    fn senseless_inputs_are_refused() {
        assert!(probability_of_overfitting(&noise(1, 100, 0.0), 4).is_err());
        assert!(probability_of_overfitting(&noise(2, 100, 0.0), 5).is_err());
        assert!(probability_of_overfitting(&noise(2, 100, 0.0), 18).is_err());
        assert!(probability_of_overfitting(&noise(2, 7, 0.0), 4).is_err());
        assert!(probability_of_overfitting(&[vec![0.1; 8], vec![0.1; 9]], 4).is_err());
    }
}
