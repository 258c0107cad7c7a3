//! `Returns`: a series that compounds, and its growth. `Convention`: how periods become years.

use crate::error::{AnalyticsError, Result, require};
use crate::number::sample::Sample;
use serde::Serialize;

/// How a figure of one period becomes one of a year.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Convention {
    /// 252 for days of an exchange, 365 for days of crypto, 12 for months.
    pub periods_per_year: f64,
    /// The riskless return of a year.
    pub risk_free: f64,
}

impl Convention {
    pub const EXCHANGE_DAYS: Self = Self { periods_per_year: 252.0, risk_free: 0.0 };
    pub const CRYPTO_DAYS: Self = Self { periods_per_year: 365.0, risk_free: 0.0 };

    /// The riskless return of one period, which compounds to that of a year.
    pub fn risk_free_of_period(self) -> Result<f64> {
        let (periods, risk_free) = (self.periods_per_year, self.risk_free);
        require(periods > 0.0 && periods.is_finite(), "periods per year", "above 0", periods)?;
        require(risk_free > -1.0 && risk_free.is_finite(), "the riskless return", "above -1", risk_free)?;
        Ok((risk_free.ln_1p() / periods).exp_m1())
    }

    pub(crate) fn root(self) -> f64 {
        self.periods_per_year.sqrt()
    }
}

/// A checked series of simple returns: finite, not empty, none below −100 %.
#[derive(Clone, Copy, Debug)]
pub struct Returns<'a> {
    sample: Sample<'a>,
}

impl<'a> Returns<'a> {
    pub fn new(values: &'a [f64]) -> Result<Self> {
        let sample = Sample::new("a return series", values, 1)?;
        for value in values {
            require(*value >= -1.0, "a return", "at least -1", *value)?;
        }
        // Growth only falls from its peak if a return is negative, so the peak is what has to be countable.
        let gains = values.iter().map(|value| value.max(0.0).ln_1p()).sum::<f64>();
        require(
            gains < 600.0,
            "the logarithm of all gains",
            "below 600, or growth cannot be counted",
            gains,
        )?;
        Ok(Self { sample })
    }

    #[must_use]
    pub fn sample(self) -> Sample<'a> {
        self.sample
    }

    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.sample.values()
    }

    /// What one became, less one.
    #[must_use]
    pub fn total(self) -> f64 {
        self.values().iter().fold(1.0, |growth, value| growth * (1.0 + value)) - 1.0
    }

    /// The return that, earned each year, gives the total. Undefined when the history is too short to say.
    pub fn annual(self, convention: Convention) -> Result<f64> {
        convention.risk_free_of_period()?;
        let years = self.sample.count() / convention.periods_per_year;
        let annual = (1.0 + self.total()).powf(1.0 / years) - 1.0;
        if annual.is_finite() {
            return Ok(annual);
        }
        Err(AnalyticsError::Undefined {
            what: "the annual return",
            why: "so much in so little time has no year",
        })
    }

    /// The deviation of returns (n − 1), times the root of the periods of a year.
    pub fn volatility(self, convention: Convention) -> Result<f64> {
        convention.risk_free_of_period()?;
        Ok(self.sample.deviation()? * convention.root())
    }
}

/// The returns of an equity curve without deposits. Equity at or below zero has no return.
pub fn returns_of_equity(equity: &[f64]) -> Result<Vec<f64>> {
    Sample::new("an equity curve", equity, 2)?;
    let step = |pair: &[f64]| {
        if pair[0] > 0.0 && pair[1] >= 0.0 {
            Ok(pair[1] / pair[0] - 1.0)
        } else {
            Err(AnalyticsError::Undefined { what: "a return", why: "the equity is not above zero" })
        }
    };
    equity.windows(2).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_compound() {
        let returns = Returns::new(&[0.1, -0.1]).unwrap();
        assert!((returns.total() + 0.01).abs() < 1e-15);
        let two_years = Convention { periods_per_year: 1.0, risk_free: 0.0 };
        assert!((returns.annual(two_years).unwrap() - (0.99_f64.sqrt() - 1.0)).abs() < 1e-15);
        assert_eq!(returns_of_equity(&[100.0, 110.0]).unwrap().len(), 1);
    }

    #[test]
    fn senseless_series_are_refused() {
        assert!(Returns::new(&[]).is_err());
        assert!(Returns::new(&[-1.5]).is_err());
        assert!(returns_of_equity(&[0.0, 1.0]).is_err());
        assert!(returns_of_equity(&[1.0]).is_err());
        let never = Convention { periods_per_year: 0.0, risk_free: 0.0 };
        assert!(Returns::new(&[0.1]).unwrap().annual(never).is_err());
    }

    #[test]
    fn the_riskless_return_compounds_to_its_year() {
        let convention = Convention { periods_per_year: 12.0, risk_free: 0.05 };
        let month = convention.risk_free_of_period().unwrap();
        assert!(((1.0 + month).powi(12) - 1.05).abs() < 1e-14);
    }
}
