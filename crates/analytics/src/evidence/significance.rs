//! How sure one may be of a Sharpe ratio: probabilistic and deflated (Bailey and López de Prado, 2012 and 2014).
//!
//! Ratios here are of one period, not of a year; a year's is this times the root of its periods.

use crate::error::{AnalyticsError, Result, require};
use crate::number::normal::{below, quantile};
use crate::number::sample::Sample;
use serde::Serialize;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What the error of a Sharpe ratio depends on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SharpeMoments {
    pub sharpe: f64,
    pub periods: f64,
    pub skew: f64,
    /// Not the excess: 3 for a normal distribution.
    pub kurtosis: f64,
}

impl SharpeMoments {
    /// Of a series of returns above the riskless rate.
    pub fn of(returns: &[f64]) -> Result<Self> {
        let sample = Sample::new("a return series", returns, 4)?;
        Ok(Self {
            sharpe: sample.mean() / sample.moving_deviation()?,
            periods: sample.count(),
            skew: sample.skew()?,
            kurtosis: sample.excess_kurtosis()? + 3.0,
        })
    }

    /// The variance of the ratio, times the periods less one.
    fn spread(&self) -> Result<f64> {
        let spread = 1.0 - self.skew * self.sharpe + (self.kurtosis - 1.0) / 4.0 * self.sharpe * self.sharpe;
        if spread.is_finite() && spread > 0.0 {
            return Ok(spread);
        }
        let why = "its moments give an error that is not above zero";
        Err(AnalyticsError::Undefined { what: "the error of a Sharpe ratio", why })
    }
}

/// The probability that the true ratio is above `benchmark`.
pub fn probabilistic_sharpe(moments: &SharpeMoments, benchmark: f64) -> Result<f64> {
    require(moments.periods > 1.0, "the number of periods", "above 1", moments.periods)?;
    require(benchmark.is_finite(), "the benchmark ratio", "a finite number", benchmark)?;
    let error = (moments.spread()? / (moments.periods - 1.0)).sqrt();
    Ok(below((moments.sharpe - benchmark) / error))
}

/// How many periods it takes until the probability reaches `confidence`; the ratio must be above the benchmark.
pub fn least_track_record(moments: &SharpeMoments, benchmark: f64, confidence: f64) -> Result<f64> {
    let lead = moments.sharpe - benchmark;
    require(lead > 0.0, "the lead over the benchmark ratio", "above 0", lead)?;
    Ok(1.0 + moments.spread()? * (quantile(confidence)? / lead).powi(2))
}

/// The highest ratio that so many strategies without any skill are expected to show, when the ratios that were tried
/// have this variance.
pub fn expected_highest_sharpe(variance: f64, trials: f64) -> Result<f64> {
    require(variance >= 0.0 && variance.is_finite(), "the variance of the ratios", "at least 0", variance)?;
    require(trials >= 2.0 && trials.is_finite(), "the number of trials", "at least 2", trials)?;
    let usual = quantile(1.0 - 1.0 / trials)?;
    let rare = quantile(1.0 - 1.0 / (trials * std::f64::consts::E))?;
    Ok(variance.sqrt() * ((1.0 - EULER) * usual + EULER * rare))
}

/// The probability that the chosen strategy is better than the best of as many without skill. `tried` holds the ratio
/// of every trial, also of those that were thrown away; that is what makes the figure honest.
pub fn deflated_sharpe(chosen: &SharpeMoments, tried: &[f64]) -> Result<f64> {
    let tried = Sample::new("the ratios that were tried", tried, 2)?;
    probabilistic_sharpe(chosen, expected_highest_sharpe(tried.variance()?, tried.count())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::draw::Draw;

    #[test]
    fn the_example_of_the_paper() {
        // Bailey and López de Prado (2014): an annual ratio of 2.5 over five years of days, skew −3, kurtosis 10,
        // a hundred trials whose annual ratios have a variance of one half: the deflated ratio is 0.90.
        let year = 250.0_f64;
        let moments =
            SharpeMoments { sharpe: 2.5 / year.sqrt(), periods: 1_250.0, skew: -3.0, kurtosis: 10.0 };
        let highest = expected_highest_sharpe(0.5 / year, 100.0).unwrap();
        assert!((highest - 0.1132).abs() < 5e-5, "{highest}");
        let deflated = probabilistic_sharpe(&moments, highest).unwrap();
        assert!((deflated - 0.9004).abs() < 5e-5, "{deflated}");
    }

    #[test]
    fn the_best_of_many_without_skill_is_near_what_is_expected() {
        let mut draw = Draw::seeded(5);
        let best = |draw: &mut Draw| (0..50).map(|_| draw.normal()).fold(f64::NEG_INFINITY, f64::max);
        let mean = (0..4_000).map(|_| best(&mut draw)).sum::<f64>() / 4_000.0;
        assert!((expected_highest_sharpe(1.0, 50.0).unwrap() / mean - 1.0).abs() < 0.03, "{mean}");
    }

    #[test]
    fn a_track_record_of_the_least_length_reaches_the_confidence() {
        let moments = SharpeMoments { sharpe: 0.1, periods: 0.0, skew: -0.5, kurtosis: 5.0 };
        let periods = least_track_record(&moments, 0.02, 0.95).unwrap();
        let reached = probabilistic_sharpe(&SharpeMoments { periods, ..moments }, 0.02).unwrap();
        assert!((reached - 0.95).abs() < 1e-12);
        assert!(least_track_record(&moments, 0.1, 0.95).is_err());
    }

    #[test]
    fn senseless_inputs_are_refused() {
        assert!(SharpeMoments::of(&[0.1, 0.2]).is_err());
        assert!(SharpeMoments::of(&[0.1; 9]).unwrap_err().is_undefined());
        assert!(expected_highest_sharpe(1.0, 1.0).is_err());
        assert!(expected_highest_sharpe(-1.0, 5.0).is_err());
        let moments = SharpeMoments::of(&[0.1, -0.1, 0.2, 0.05]).unwrap();
        assert!(deflated_sharpe(&moments, &[0.1]).is_err());
    }
}
