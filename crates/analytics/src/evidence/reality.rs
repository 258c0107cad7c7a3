//! White's reality check (2000): is the best of many strategies better than the benchmark by more than luck?
//!
//! The differences to the benchmark are drawn again by a stationary bootstrap, all strategies together, so that what they
//! have in common stays.

use super::resample::Method;
use crate::error::{AnalyticsError, Result, require, same_length};
use crate::number::draw::Draw;
use crate::number::sample::Sample;
use serde::Serialize;

const MOST_ROUNDS: usize = 100_000;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RealityCheck {
    /// The place of the best strategy.
    pub best: usize,
    /// Its mean difference to the benchmark.
    pub mean: f64,
    /// The root of the periods times that mean.
    pub statistic: f64,
    /// How often luck does as well: small is evidence. Never zero, because the observed outcome counts as one.
    pub p_value: f64,
}

/// `differences` holds, for each strategy that was tried, its returns less the benchmark's, period for period.
pub fn reality_check(
    differences: &[Vec<f64>],
    mean_block: f64,
    rounds: usize,
    seed: u64,
) -> Result<RealityCheck> {
    let what = "the strategies that were tried";
    let first = differences.first().ok_or(AnalyticsError::TooFew { what, needed: 1, found: 0 })?;
    let length = first.len();
    let mut means = Vec::with_capacity(differences.len());
    for one in differences {
        same_length("the first strategy", length, "another strategy", one.len())?;
        means.push(Sample::new("the differences to the benchmark", one, 10)?.mean());
    }
    let method = Method::Stationary { mean_length: mean_block };
    method.check(length)?;
    require(
        (100..=MOST_ROUNDS).contains(&rounds),
        "the number of rounds",
        "from 100 to 100000",
        rounds as f64,
    )?;
    let best = (0..means.len()).fold(0, |best, one| if means[one] > means[best] { one } else { best });
    let mut draw = Draw::seeded(seed);
    let mut places = vec![0; length];
    let mut as_good = 1_usize;
    for _ in 0..rounds {
        method.draw(&mut draw, &mut places);
        let luck = differences
            .iter()
            .zip(&means)
            .map(|(one, mean)| places.iter().map(|place| one[*place]).sum::<f64>() / length as f64 - mean);
        as_good += usize::from(luck.fold(f64::NEG_INFINITY, f64::max) >= means[best]);
    }
    Ok(RealityCheck {
        best,
        mean: means[best],
        statistic: (length as f64).sqrt() * means[best],
        p_value: as_good as f64 / (rounds + 1) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(strategies: usize, drift_of_last: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut draw = Draw::seeded(seed);
        let drift = |one: usize| if one + 1 == strategies { drift_of_last } else { 0.0 };
        (0..strategies).map(|one| (0..250).map(|_| drift(one) + 0.01 * draw.normal()).collect()).collect()
    }

    #[test]
    fn skill_is_told_from_the_best_of_luck() {
        let skill = reality_check(&noise(20, 0.004, 1), 5.0, 500, 7).unwrap();
        assert_eq!(skill.best, 19);
        assert!(skill.p_value < 0.01, "{skill:?}");
        assert!((skill.statistic / skill.mean - 250.0_f64.sqrt()).abs() < 1e-9);
        assert_eq!(skill, reality_check(&noise(20, 0.004, 1), 5.0, 500, 7).unwrap());
        // Without skill, the p-values of many worlds lie evenly: about half of them above one half.
        let worlds = 40;
        let high = (0..worlds)
            .filter(|world| reality_check(&noise(5, 0.0, 100 + world), 2.0, 200, 1).unwrap().p_value > 0.5)
            .count();
        assert!((10..=30).contains(&high), "{high}");
    }

    #[test]
    fn senseless_inputs_are_refused() {
        assert!(reality_check(&[], 5.0, 500, 7).is_err());
        assert!(reality_check(&[vec![0.1; 5]], 2.0, 500, 7).is_err());
        assert!(reality_check(&noise(2, 0.0, 1), 0.0, 500, 7).is_err());
        assert!(reality_check(&noise(2, 0.0, 1), 5.0, 10, 7).is_err());
    }
}
