//! `Sample`: a series that was checked once, and its moments and quantiles.
//!
//! A sample is finite and long enough for what is asked of it, or it does not exist; nothing below checks again.

use crate::error::{AnalyticsError, Result, require, same_length};

/// Fourth powers of anything up to here can still be summed.
const LARGEST: f64 = 1e60;

/// A checked view of a series.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    what: &'static str,
    values: &'a [f64],
}

impl<'a> Sample<'a> {
    /// Refuses a series that is shorter than `needed` or holds a value that is not finite. `what` names it in errors.
    pub fn new(what: &'static str, values: &'a [f64], needed: usize) -> Result<Self> {
        let needed = needed.max(1);
        if values.len() < needed {
            return Err(AnalyticsError::TooFew { what, needed, found: values.len() });
        }
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(AnalyticsError::NotFinite { what, place });
        }
        match values.iter().find(|value| value.abs() > LARGEST) {
            Some(value) => {
                Err(AnalyticsError::OutOfRange { what, rule: "at most 1e60 in size", found: *value })
            }
            None => Ok(Self { what, values }),
        }
    }

    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.values
    }

    /// How many observations, as a number to divide by.
    #[must_use]
    pub fn count(self) -> f64 {
        self.values.len() as f64
    }

    #[must_use]
    pub fn mean(self) -> f64 {
        self.values.iter().sum::<f64>() / self.count()
    }

    /// The sum of the deviations from the mean, each to the power of `power`.
    fn moment_sum(self, power: i32) -> f64 {
        let mean = self.mean();
        self.values.iter().map(|value| (value - mean).powi(power)).sum()
    }

    /// With n − 1 below; needs two observations.
    pub fn variance(self) -> Result<f64> {
        self.at_least(2)?;
        Ok(self.moment_sum(2) / (self.count() - 1.0))
    }

    pub fn deviation(self) -> Result<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The deviation, refused when the series does not move beyond rounding: a ratio over it says nothing.
    pub fn moving_deviation(self) -> Result<f64> {
        let deviation = self.deviation()?;
        let scale = self.values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        // Smaller than this, and the fourth power of a deviation is nothing.
        if deviation <= (scale * 1e-14).max(1e-60) {
            return Err(AnalyticsError::Undefined { what: self.what, why: "the series does not move" });
        }
        Ok(deviation)
    }

    /// Third standardised moment with n below.
    pub fn skew(self) -> Result<f64> {
        self.moving_deviation()?;
        let variance = self.moment_sum(2) / self.count();
        Ok(self.moment_sum(3) / self.count() / variance.powf(1.5))
    }

    /// Fourth standardised moment with n below, less the three of a normal distribution.
    pub fn excess_kurtosis(self) -> Result<f64> {
        self.moving_deviation()?;
        let variance = self.moment_sum(2) / self.count();
        Ok(self.moment_sum(4) / self.count() / (variance * variance) - 3.0)
    }

    /// Skew corrected for the size of the sample; needs three observations.
    pub fn adjusted_skew(self) -> Result<f64> {
        self.at_least(3)?;
        let n = self.count();
        Ok(self.skew()? * (n * (n - 1.0)).sqrt() / (n - 2.0))
    }

    /// Excess kurtosis corrected for the size of the sample; needs four observations.
    pub fn adjusted_excess_kurtosis(self) -> Result<f64> {
        self.at_least(4)?;
        let n = self.count();
        Ok(((n + 1.0) * self.excess_kurtosis()? + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)))
    }

    /// The value below which a share of the observations lies, on the straight line between neighbours.
    pub fn quantile(self, share: f64) -> Result<f64> {
        require((0.0..=1.0).contains(&share), "the share of a quantile", "between 0 and 1", share)?;
        Ok(quantile_of_sorted(&self.sorted(), share))
    }

    #[must_use]
    pub fn sorted(self) -> Vec<f64> {
        let mut sorted = self.values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// Covariance with n − 1 below.
    pub fn covariance(self, other: Sample<'_>) -> Result<f64> {
        self.pairs_with(other)?;
        self.at_least(2)?;
        let (mean, other_mean) = (self.mean(), other.mean());
        let sum: f64 = self.values.iter().zip(other.values).map(|(a, b)| (a - mean) * (b - other_mean)).sum();
        Ok(sum / (self.count() - 1.0))
    }

    pub fn correlation(self, other: Sample<'_>) -> Result<f64> {
        let deviations = self.moving_deviation()? * other.moving_deviation()?;
        Ok((self.covariance(other)? / deviations).clamp(-1.0, 1.0))
    }

    pub(crate) fn pairs_with(self, other: Sample<'_>) -> Result<()> {
        same_length(self.what, self.values.len(), other.what, other.values.len())
    }

    fn at_least(self, needed: usize) -> Result<()> {
        let found = self.values.len();
        if found < needed { Err(AnalyticsError::TooFew { what: self.what, needed, found }) } else { Ok(()) }
    }
}

/// The quantile of a sorted, non-empty series.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the place lies between 0 and the length less one"
)]
pub(crate) fn quantile_of_sorted(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let weight = place - place.floor();
    // From the nearer neighbour, so that equal neighbours give their own value and nothing beside it.
    let step = sorted[above] - sorted[below];
    if weight < 0.5 { sorted[below] + step * weight } else { sorted[above] - step * (1.0 - weight) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_series_are_refused() {
        assert!(matches!(Sample::new("x", &[], 0), Err(AnalyticsError::TooFew { needed: 1, .. })));
        assert!(matches!(Sample::new("x", &[1.0], 2), Err(AnalyticsError::TooFew { found: 1, .. })));
        let broken = Sample::new("x", &[1.0, f64::NAN], 2);
        assert!(matches!(broken, Err(AnalyticsError::NotFinite { place: 1, .. })));
        let constant = Sample::new("x", &[0.1, 0.1, 0.1], 2).unwrap();
        assert!(constant.skew().unwrap_err().is_undefined());
        let one = Sample::new("x", &[0.1], 1).unwrap();
        assert!(matches!(one.variance(), Err(AnalyticsError::TooFew { .. })));
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sample = Sample::new("x", &[4.0, 1.0, 3.0, 2.0], 1).unwrap();
        for (share, expected) in [(0.0, 1.0), (1.0 / 3.0, 2.0), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0)] {
            assert!((sample.quantile(share).unwrap() - expected).abs() < 1e-15, "{share}");
        }
        assert!(sample.quantile(1.1).is_err());
    }
}
