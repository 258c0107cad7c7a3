//! A series beside its benchmark: alpha and beta, tracking error, information and Treynor ratio, captures.

use super::returns::{Convention, Returns};
use crate::error::{Result, if_defined};
use crate::number::sample::Sample;
use crate::risk::beta;
use serde::Serialize;

/// The annual return in the benchmark's rising (or falling) periods, over the benchmark's own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Capture {
    /// `None` when the benchmark never moved that way.
    pub up: Option<f64>,
    pub down: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Relative {
    pub beta: f64,
    /// The mean return that beta does not explain, compounded to a year; `None` when that cannot be counted.
    pub alpha: Option<f64>,
    pub correlation: Option<f64>,
    pub r_squared: Option<f64>,
    /// The deviation of the difference of returns, for a year.
    pub tracking_error: f64,
    /// The mean difference over its deviation, for a year; `None` without a difference.
    pub information_ratio: Option<f64>,
    /// The annual return above the riskless one, over beta; `None` without beta.
    pub treynor: Option<f64>,
    pub capture: Capture,
}

pub fn relative(returns: Returns<'_>, benchmark: Returns<'_>, convention: Convention) -> Result<Relative> {
    let free = convention.risk_free_of_period()?;
    returns.sample().pairs_with(benchmark.sample())?;
    let beta = beta(returns.values(), benchmark.values())?;
    let alpha_of_period = returns.sample().mean() - free - beta * (benchmark.sample().mean() - free);
    let difference: Vec<f64> = returns.values().iter().zip(benchmark.values()).map(|(a, b)| a - b).collect();
    let difference = Sample::new("the difference to the benchmark", &difference, 2)?;
    let information =
        difference.moving_deviation().map(|deviation| difference.mean() / deviation * convention.root());
    let correlation = if_defined(returns.sample().correlation(benchmark.sample()))?;
    let annual = if_defined(returns.annual(convention))?;
    let alpha = (convention.periods_per_year * alpha_of_period.ln_1p()).exp_m1();
    Ok(Relative {
        beta,
        alpha: Some(alpha).filter(|alpha| alpha.is_finite()),
        correlation,
        r_squared: correlation.map(|correlation| correlation * correlation),
        tracking_error: difference.deviation()? * convention.root(),
        information_ratio: if_defined(information)?,
        treynor: annual
            .map(|annual| (annual - convention.risk_free) / beta)
            .filter(|ratio| ratio.is_finite()),
        capture: Capture {
            up: capture(returns, benchmark, convention, |value| value > 0.0)?,
            down: capture(returns, benchmark, convention, |value| value < 0.0)?,
        },
    })
}

fn capture(
    returns: Returns<'_>,
    benchmark: Returns<'_>,
    convention: Convention,
    is_counted: impl Fn(f64) -> bool,
) -> Result<Option<f64>> {
    let pairs = returns.values().iter().zip(benchmark.values()).filter(|(_, theirs)| is_counted(**theirs));
    let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.unzip();
    if ours.is_empty() {
        return Ok(None);
    }
    let whole = if_defined(Returns::new(&theirs)?.annual(convention))?;
    let part = if_defined(Returns::new(&ours)?.annual(convention))?;
    Ok(part.zip(whole).map(|(part, whole)| part / whole).filter(|ratio| ratio.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_beside_itself_is_ordinary() {
        let returns = Returns::new(&[0.01, -0.02, 0.015, 0.003]).unwrap();
        let own = relative(returns, returns, Convention::EXCHANGE_DAYS).unwrap();
        assert!((own.beta - 1.0).abs() < 1e-14 && own.alpha.unwrap().abs() < 1e-13);
        assert_eq!((own.information_ratio, own.tracking_error), (None, 0.0));
        assert_eq!(own.capture, Capture { up: Some(1.0), down: Some(1.0) });
        let flat = Returns::new(&[0.0; 4]).unwrap();
        assert!(relative(returns, flat, Convention::EXCHANGE_DAYS).unwrap_err().is_undefined());
        let short = Returns::new(&[0.01]).unwrap();
        assert!(relative(returns, short, Convention::EXCHANGE_DAYS).is_err());
    }
}
