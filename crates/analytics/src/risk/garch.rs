//! GARCH(1,1) with a constant mean, fitted by maximum likelihood: variance that clusters.
//!
//! σ² = ω + α·e² + β·σ²; the first σ² comes from the early squares. α + β stays below one.

use crate::error::{AnalyticsError, Result};
use crate::number::minimum::lowest;
use crate::number::sample::Sample;
use crate::number::student;
use serde::Serialize;
use std::f64::consts::PI;

/// Less history than this cannot tell clustering from chance.
const LEAST_OBSERVATIONS: usize = 100;
/// How far back the first variance looks, and how its weights decay.
const FIRST_WINDOW: usize = 75;
const FIRST_DECAY: f64 = 0.94;

/// What the surprises are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Innovation {
    Normal,
    /// Heavy tails; the degrees of freedom are fitted too.
    StudentT,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Garch {
    pub mean: f64,
    pub omega: f64,
    pub alpha: f64,
    pub beta: f64,
    /// Degrees of freedom of the surprises; `None` for normal ones.
    pub degrees: Option<f64>,
    pub log_likelihood: f64,
    pub last_variance: f64,
    pub next_variance: f64,
}

impl Garch {
    pub fn fit(returns: &[f64], innovation: Innovation) -> Result<Self> {
        let sample = Sample::new("a return series", returns, LEAST_OBSERVATIONS)?;
        let scale = sample.moving_deviation()?;
        let mean = sample.mean();
        // Standardised, so that the search takes steps of one size for every asset and unit.
        let standard: Vec<f64> = returns.iter().map(|value| (value - mean) / scale).collect();
        let first = first_variance(&standard);
        let start = [0.0, 0.05_f64.ln(), logit(0.95), logit(0.1), 6.0_f64.ln()];
        let start = if innovation == Innovation::Normal { &start[..4] } else { &start[..] };
        let found = lowest("the fit of GARCH", start, 0.4, |p| {
            Parameters::read(p)
                .map_or(f64::INFINITY, |parameters| -parameters.walk(&standard, first).likelihood)
        })?;
        let why = "the likelihood has its peak at the edge of what is possible";
        let fitted =
            Parameters::read(&found).ok_or(AnalyticsError::Undefined { what: "the fit of GARCH", why })?;
        let walked = fitted.walk(&standard, first);
        let square = scale * scale;
        Ok(Self {
            mean: mean + fitted.mean * scale,
            omega: fitted.omega * square,
            alpha: fitted.alpha,
            beta: fitted.beta,
            degrees: fitted.degrees,
            log_likelihood: walked.likelihood - sample.count() * scale.ln(),
            last_variance: walked.last * square,
            next_variance: walked.next * square,
        })
    }

    #[must_use]
    pub fn persistence(&self) -> f64 {
        self.alpha + self.beta
    }

    /// The variance of each of the next periods.
    #[must_use]
    pub fn forecast(&self, periods: usize) -> Vec<f64> {
        let next = |variance: &f64| Some(self.omega + self.persistence() * variance);
        std::iter::successors(Some(self.next_variance), next).take(periods).collect()
    }
}

struct Parameters {
    mean: f64,
    omega: f64,
    alpha: f64,
    beta: f64,
    degrees: Option<f64>,
}

struct Walk {
    likelihood: f64,
    last: f64,
    next: f64,
}

impl Parameters {
    /// From an unbounded point: the persistence and alpha's share of it are squeezed between 0 and 1.
    fn read(point: &[f64]) -> Option<Self> {
        let (persistence, share) = (squeeze(point[2]), squeeze(point[3]));
        let degrees = point.get(4).map(|ln| 2.0 + ln.exp());
        let is_possible = point[1] > -40.0 && degrees.is_none_or(|degrees| degrees < 1e3);
        is_possible.then(|| Self {
            mean: point[0],
            omega: point[1].exp(),
            alpha: persistence * share,
            beta: persistence * (1.0 - share),
            degrees,
        })
    }

    fn walk(&self, returns: &[f64], first: f64) -> Walk {
        let step = |variance: f64, square: f64| self.omega + self.alpha * square + self.beta * variance;
        let density = Density::new(self.degrees);
        let (mut last, mut next, mut likelihood) = (first, step(first, first), 0.0);
        for value in returns {
            let square = (value - self.mean).powi(2);
            last = next;
            likelihood += density.ln_of(square, last);
            next = step(last, square);
        }
        Walk { likelihood, last, next }
    }
}

/// The density of a surprise, with what does not change from day to day computed once.
struct Density {
    constant: f64,
    degrees: Option<f64>,
}

impl Density {
    fn new(degrees: Option<f64>) -> Self {
        let constant = match degrees {
            None => -(2.0 * PI).ln() / 2.0,
            // Scaled to a variance of one.
            Some(degrees) => student::ln_density(0.0, degrees) - ((degrees - 2.0) / degrees).ln() / 2.0,
        };
        Self { constant, degrees }
    }

    fn ln_of(&self, square: f64, variance: f64) -> f64 {
        let bend = match self.degrees {
            None => square / variance / 2.0,
            Some(degrees) => (degrees + 1.0) / 2.0 * (square / variance / (degrees - 2.0)).ln_1p(),
        };
        self.constant - variance.ln() / 2.0 - bend
    }
}

fn first_variance(centred: &[f64]) -> f64 {
    let (mut weight, mut weights, mut sum) = (1.0, 0.0, 0.0);
    for value in centred.iter().take(FIRST_WINDOW) {
        sum += weight * value * value;
        weights += weight;
        weight *= FIRST_DECAY;
    }
    sum / weights
}

fn squeeze(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::draw::Draw;

    #[test]
    fn a_simulated_process_is_found_again() {
        let mut draw = Draw::seeded(11);
        let (omega, alpha, beta) = (0.05, 0.10, 0.85);
        let mut variance: f64 = 1.0;
        let returns: Vec<f64> = (0..6_000)
            .map(|_| {
                let surprise = draw.normal() * variance.sqrt();
                variance = omega + alpha * surprise * surprise + beta * variance;
                0.02 + surprise
            })
            .collect();
        let fit = Garch::fit(&returns, Innovation::Normal).unwrap();
        assert!((fit.alpha - alpha).abs() < 0.02, "{fit:?}");
        assert!((fit.beta - beta).abs() < 0.03, "{fit:?}");
        assert!(fit.persistence() < 1.0);
        let forecast = fit.forecast(3);
        assert_eq!(forecast.len(), 3);
        assert!((forecast[0] - variance).abs() < 0.1 * variance);
    }

    #[test]
    fn too_little_history_is_an_error() {
        assert!(Garch::fit(&[0.01; 99], Innovation::Normal).is_err());
        assert!(Garch::fit(&[0.01; 100], Innovation::Normal).unwrap_err().is_undefined());
    }
}
