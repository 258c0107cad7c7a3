//! Value at risk and expected shortfall of one return series: historical, normal, Cornish–Fisher, Student's t.
//!
//! Both figures are losses, positive when money is lost; the shortfall is never less than the value at risk.

use crate::error::{AnalyticsError, Result, require};
use crate::number::minimum::lowest;
use crate::number::sample::{Sample, quantile_of_sorted};
use crate::number::{normal as gauss, student as t};
use serde::Serialize;

/// What may be lost over one period, as a share of value or in money, as the input was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TailRisk {
    pub confidence: f64,
    /// The loss that is exceeded with a probability of one less the confidence.
    pub value_at_risk: f64,
    /// The mean loss when that loss is reached.
    pub expected_shortfall: f64,
}

impl TailRisk {
    /// The same risk over more periods by the square root of time, which holds for independent returns without drift.
    pub fn over_periods(self, periods: f64) -> Result<Self> {
        require(periods > 0.0 && periods.is_finite(), "the number of periods", "above 0", periods)?;
        let factor = periods.sqrt();
        Ok(Self {
            value_at_risk: self.value_at_risk * factor,
            expected_shortfall: self.expected_shortfall * factor,
            ..self
        })
    }
}

pub(crate) fn check_confidence(confidence: f64) -> Result<()> {
    require((0.5..1.0).contains(&confidence), "the confidence", "at least 0.5 and below 1", confidence)
}

/// The observed quantile on the straight line between neighbours, and the mean of what lies at or below it.
pub fn historical(returns: &[f64], confidence: f64) -> Result<TailRisk> {
    check_confidence(confidence)?;
    // Fewer than one expected observation in the tail is a guess about what was never seen.
    let needed = crate::number::whole_above(1.0 / (1.0 - confidence));
    let sorted = Sample::new("a return series", returns, needed)?.sorted();
    let quantile = quantile_of_sorted(&sorted, 1.0 - confidence);
    let tail = &sorted[..sorted.partition_point(|value| *value <= quantile).max(1)];
    let shortfall = -tail.iter().sum::<f64>() / tail.len() as f64;
    Ok(TailRisk { confidence, value_at_risk: -quantile, expected_shortfall: shortfall.max(-quantile) })
}

/// From the mean and deviation (n − 1) of the series, as if it were normal.
pub fn normal(returns: &[f64], confidence: f64) -> Result<TailRisk> {
    let sample = Sample::new("a return series", returns, 2)?;
    normal_of(sample.mean(), sample.moving_deviation()?, confidence)
}

/// For a normal distribution with this mean and deviation.
pub fn normal_of(mean: f64, deviation: f64, confidence: f64) -> Result<TailRisk> {
    check_confidence(confidence)?;
    require(mean.is_finite(), "the mean", "a finite number", mean)?;
    require(deviation >= 0.0 && deviation.is_finite(), "the deviation", "at least 0", deviation)?;
    let z = gauss::quantile(confidence)?;
    let beyond = gauss::density(z) / (1.0 - confidence);
    Ok(TailRisk {
        confidence,
        value_at_risk: z * deviation - mean,
        expected_shortfall: beyond * deviation - mean,
    })
}

/// For the next period with the variance a model forecasts (EWMA, GARCH) and no drift.
pub fn conditional_normal(variance: f64, confidence: f64) -> Result<TailRisk> {
    require(variance >= 0.0, "the variance", "at least 0", variance)?;
    normal_of(0.0, variance.sqrt(), confidence)
}

/// The normal quantile bent by skew and excess kurtosis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CornishFisher {
    pub risk: TailRisk,
    pub skew: f64,
    pub excess_kurtosis: f64,
    /// False when the bent quantile falls somewhere between the tails: the series is too far from normal for the
    /// expansion, and a historical figure is the better one.
    pub is_within_domain: bool,
}

/// Refused when the bent quantile is not even rising through the tail, because it is no quantile then.
pub fn cornish_fisher(returns: &[f64], confidence: f64) -> Result<CornishFisher> {
    check_confidence(confidence)?;
    let sample = Sample::new("a return series", returns, 4)?;
    let (skew, kurtosis) = (sample.skew()?, sample.excess_kurtosis()?);
    let bend = Bend { skew, kurtosis };
    let z = gauss::quantile(1.0 - confidence)?;
    if !bend.rises_below(z) {
        let why = "skew and kurtosis are too large for the expansion; use the historical figure";
        return Err(AnalyticsError::Undefined { what: "the Cornish–Fisher quantile", why });
    }
    let (mean, deviation) = (sample.mean(), sample.deviation()?);
    let risk = TailRisk {
        confidence,
        value_at_risk: -(mean + bend.at(z) * deviation),
        expected_shortfall: -(mean + bend.mean_below(z) * deviation),
    };
    let is_within_domain = bend.rises_below(f64::INFINITY);
    Ok(CornishFisher { risk, skew, excess_kurtosis: kurtosis, is_within_domain })
}

struct Bend {
    skew: f64,
    kurtosis: f64,
}

impl Bend {
    fn at(&self, z: f64) -> f64 {
        let (s, k) = (self.skew, self.kurtosis);
        z + (z * z - 1.0) * s / 6.0 + (z.powi(3) - 3.0 * z) * k / 24.0
            - (2.0 * z.powi(3) - 5.0 * z) * s * s / 36.0
    }

    /// The mean of `at` over the normal tail below `z`, from the moments of that tail.
    fn mean_below(&self, z: f64) -> f64 {
        let (s, k) = (self.skew, self.kurtosis);
        let share = gauss::below(z);
        let density = gauss::density(z) / share;
        let (first, second, third) = (-density, 1.0 - z * density, -(z * z + 2.0) * density);
        first + (second - 1.0) * s / 6.0 + (third - 3.0 * first) * k / 24.0
            - (2.0 * third - 5.0 * first) * s * s / 36.0
    }

    /// Whether the slope, a·x² + b·x + c, is above zero everywhere below `z`.
    fn rises_below(&self, z: f64) -> bool {
        let (s, k) = (self.skew, self.kurtosis);
        let (a, b, c) = (k / 8.0 - s * s / 6.0, s / 3.0, 1.0 - k / 8.0 + 5.0 * s * s / 36.0);
        let discriminant = b * b - 4.0 * a * c;
        if a < 0.0 {
            return false;
        }
        if a == 0.0 {
            return b == 0.0 || (b < 0.0 && -c / b > z);
        }
        discriminant < 0.0 || (-b - discriminant.sqrt()) / (2.0 * a) > z
    }
}

/// Student's t with a place and a scale, fitted by maximum likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StudentFit {
    pub degrees: f64,
    pub location: f64,
    pub scale: f64,
    pub log_likelihood: f64,
}

pub fn fit_student(returns: &[f64]) -> Result<StudentFit> {
    let sample = Sample::new("a return series", returns, 30)?;
    let (mean, deviation) = (sample.mean(), sample.moving_deviation()?);
    let read = |p: &[f64]| StudentFit {
        degrees: p[0].exp(),
        location: mean + p[1] * deviation,
        scale: p[2].exp() * deviation,
        log_likelihood: 0.0,
    };
    let likelihood = |fit: &StudentFit| -> f64 {
        let constant = t::ln_density(0.0, fit.degrees) - fit.scale.ln();
        let power = (fit.degrees + 1.0) / 2.0;
        let bend = |value: &f64| (((value - fit.location) / fit.scale).powi(2) / fit.degrees).ln_1p();
        constant * sample.count() - power * returns.iter().map(bend).sum::<f64>()
    };
    let height = |p: &[f64]| {
        let fit = read(p);
        // Beyond these bounds t is normal, or has no shape at all; a wall keeps the search in between.
        if (0.1..=1e4).contains(&fit.degrees) { -likelihood(&fit) } else { f64::INFINITY }
    };
    let found = read(&lowest("the fit of Student's t", &[4.0_f64.ln(), 0.0, -0.35], 0.3, height)?);
    Ok(StudentFit { log_likelihood: likelihood(&found), ..found })
}

/// The tail of a fitted t; the shortfall exists from more than one degree of freedom on.
pub fn student(fit: &StudentFit, confidence: f64) -> Result<TailRisk> {
    check_confidence(confidence)?;
    let quantile = t::quantile(1.0 - confidence, fit.degrees)?;
    let mean_below = t::mean_below(1.0 - confidence, fit.degrees)?;
    Ok(TailRisk {
        confidence,
        value_at_risk: -(fit.location + fit.scale * quantile),
        expected_shortfall: -(fit.location + fit.scale * mean_below),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_made_series_has_the_tail_one_can_count() {
        let returns: Vec<f64> = (-10..=10).map(|step| f64::from(step) / 100.0).collect();
        let risk = historical(&returns, 0.95).unwrap();
        // Twenty steps: the 5 % quantile is the second lowest of 21, and two values lie at or below it.
        assert!((risk.value_at_risk - 0.09).abs() < 1e-15);
        assert!((risk.expected_shortfall - 0.095).abs() < 1e-15);
        let ten_days = risk.over_periods(4.0).unwrap();
        assert!((ten_days.value_at_risk - 0.18).abs() < 1e-15);
    }

    #[test]
    fn senseless_questions_are_refused() {
        let returns = [0.01, -0.02, 0.03];
        assert!(matches!(historical(&returns, 0.95), Err(AnalyticsError::TooFew { needed: 20, .. })));
        assert!(historical(&[], 0.95).is_err());
        for confidence in [0.0, 0.49, 1.0, f64::NAN] {
            assert!(normal(&returns, confidence).is_err(), "{confidence}");
        }
        assert!(normal(&[0.0, 0.0, 0.0], 0.95).unwrap_err().is_undefined());
        assert!(conditional_normal(-1.0, 0.95).is_err());
    }

    #[test]
    fn a_tail_that_turns_back_is_no_quantile() {
        // One gain in thirty: skew far beyond what the expansion can carry.
        let mut returns = vec![-0.001; 29];
        returns.extend([0.5, -0.002, 0.0]);
        assert!(cornish_fisher(&returns, 0.6).is_err());
    }
}
