//! Every figure of a return series at once, for a report. What the series does not define is `None`.

use super::drawdown::{max_drawdown, ulcer_index};
use super::ratios::{
    calmar, downside_deviation, gain_to_loss, omega, payoff_ratio, sharpe, sortino, tail_ratio, win_rate,
};
use super::returns::{Convention, Returns};
use crate::error::{AnalyticsError, Result, if_defined};
use crate::risk::{TailRisk, historical, normal};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub periods: usize,
    pub total: f64,
    /// `None` when the history is too short for a year.
    pub annual: Option<f64>,
    pub volatility: f64,
    pub downside_deviation: f64,
    pub sharpe: Option<f64>,
    pub sortino: Option<f64>,
    pub calmar: Option<f64>,
    pub omega: Option<f64>,
    pub tail_ratio: Option<f64>,
    pub max_drawdown: f64,
    pub ulcer_index: f64,
    pub win_rate: Option<f64>,
    /// Gains over losses of periods, not of trades.
    pub profit_factor: Option<f64>,
    pub payoff_ratio: Option<f64>,
    pub best: f64,
    pub worst: f64,
    /// Both corrected for the size of the sample.
    pub skew: Option<f64>,
    pub excess_kurtosis: Option<f64>,
    /// At 95 %; `None` for fewer than twenty periods.
    pub historical: Option<TailRisk>,
    pub normal: Option<TailRisk>,
}

/// Needs four periods, below which half of the figures mean nothing.
pub fn summary(values: &[f64], convention: Convention) -> Result<Summary> {
    const CONFIDENCE: f64 = 0.95;
    if values.len() < 4 {
        return Err(AnalyticsError::TooFew { what: "a summary", needed: 4, found: values.len() });
    }
    let returns = Returns::new(values)?;
    let target = convention.risk_free_of_period()?;
    let sample = returns.sample();
    Ok(Summary {
        periods: values.len(),
        total: returns.total(),
        annual: if_defined(returns.annual(convention))?,
        volatility: returns.volatility(convention)?,
        downside_deviation: downside_deviation(returns, target, convention)?,
        sharpe: if_defined(sharpe(returns, convention))?,
        sortino: if_defined(sortino(returns, convention))?,
        calmar: if_defined(calmar(returns, convention))?,
        omega: if_defined(omega(returns, target))?,
        tail_ratio: if_defined(tail_ratio(returns))?,
        max_drawdown: max_drawdown(returns),
        ulcer_index: ulcer_index(returns),
        win_rate: if_defined(win_rate(returns))?,
        profit_factor: if_defined(gain_to_loss(returns))?,
        payoff_ratio: if_defined(payoff_ratio(returns))?,
        best: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        worst: values.iter().copied().fold(f64::INFINITY, f64::min),
        skew: if_defined(sample.adjusted_skew())?,
        excess_kurtosis: if_defined(sample.adjusted_excess_kurtosis())?,
        historical: if_enough(historical(values, CONFIDENCE))?,
        normal: if_enough(normal(values, CONFIDENCE))?,
    })
}

fn if_enough(risk: Result<TailRisk>) -> Result<Option<TailRisk>> {
    match risk {
        Ok(risk) => Ok(Some(risk)),
        Err(AnalyticsError::TooFew { .. } | AnalyticsError::Undefined { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_that_never_moves_has_growth_and_no_ratios() {
        let still = summary(&[0.0; 5], Convention::EXCHANGE_DAYS).unwrap();
        assert_eq!((still.total, still.max_drawdown), (0.0, 0.0));
        assert_eq!((still.sharpe, still.sortino, still.calmar, still.win_rate), (None, None, None, None));
        assert_eq!((still.skew, still.historical, still.normal), (None, None, None));
        assert!(summary(&[0.0; 3], Convention::EXCHANGE_DAYS).is_err());
        assert!(summary(&[0.0, 0.1, f64::NAN, 0.0], Convention::EXCHANGE_DAYS).is_err());
    }
}
