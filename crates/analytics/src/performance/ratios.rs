//! Reward over risk, each ratio with its own idea of risk. All are refused when their risk is nothing.

use super::drawdown::max_drawdown;
use super::returns::{Convention, Returns};
use crate::error::{AnalyticsError, Result, require};

fn ratio(what: &'static str, above: f64, below: f64, why: &'static str) -> Result<f64> {
    if below > 0.0 { Ok(above / below) } else { Err(AnalyticsError::Undefined { what, why }) }
}

/// The mean excess over the riskless return, over the deviation (n − 1), for a year.
pub fn sharpe(returns: Returns<'_>, convention: Convention) -> Result<f64> {
    let excess = returns.sample().mean() - convention.risk_free_of_period()?;
    Ok(excess / returns.sample().moving_deviation()? * convention.root())
}

/// The root mean square of what fell short of `target` per period, counting all periods, for a year.
pub fn downside_deviation(returns: Returns<'_>, target: f64, convention: Convention) -> Result<f64> {
    convention.risk_free_of_period()?;
    require(target.is_finite(), "the target of a period", "a finite number", target)?;
    let squares: f64 = returns.values().iter().map(|value| (value - target).min(0.0).powi(2)).sum();
    Ok((squares / returns.sample().count()).sqrt() * convention.root())
}

/// The mean excess over the riskless return, over the downside deviation below it, for a year.
pub fn sortino(returns: Returns<'_>, convention: Convention) -> Result<f64> {
    let target = convention.risk_free_of_period()?;
    let excess = (returns.sample().mean() - target) * convention.periods_per_year;
    let downside = downside_deviation(returns, target, convention)?;
    ratio("the Sortino ratio", excess, downside, "no period fell short")
}

/// The annual return over the largest drawdown.
pub fn calmar(returns: Returns<'_>, convention: Convention) -> Result<f64> {
    let annual = returns.annual(convention)?;
    ratio("the Calmar ratio", annual, max_drawdown(returns), "there was no drawdown")
}

/// What came in above `threshold` per period over what fell short of it.
pub fn omega(returns: Returns<'_>, threshold: f64) -> Result<f64> {
    require(threshold.is_finite(), "the threshold", "a finite number", threshold)?;
    let above: f64 = returns.values().iter().map(|value| (value - threshold).max(0.0)).sum();
    let below: f64 = returns.values().iter().map(|value| (threshold - value).max(0.0)).sum();
    ratio("the omega ratio", above, below, "no period fell short")
}

/// The sum of gains over the sum of losses: the profit factor of periods.
pub fn gain_to_loss(returns: Returns<'_>) -> Result<f64> {
    omega(returns, 0.0)
}

/// The size of the 95 % quantile over that of the 5 % quantile.
pub fn tail_ratio(returns: Returns<'_>) -> Result<f64> {
    let (high, low) = (returns.sample().quantile(0.95)?, returns.sample().quantile(0.05)?);
    ratio("the tail ratio", high.abs(), low.abs(), "the lower tail is nothing")
}

/// The share of gains among the periods that moved.
pub fn win_rate(returns: Returns<'_>) -> Result<f64> {
    let wins = returns.values().iter().filter(|value| **value > 0.0).count() as f64;
    let moved = returns.values().iter().filter(|value| **value != 0.0).count() as f64;
    ratio("the win rate", wins, moved, "no period moved")
}

/// The mean gain over the mean loss.
pub fn payoff_ratio(returns: Returns<'_>) -> Result<f64> {
    let mean = |pick: fn(f64) -> bool| {
        let picked: Vec<f64> = returns.values().iter().copied().filter(|value| pick(*value)).collect();
        let sum = picked.iter().sum::<f64>().abs();
        ratio("the payoff ratio", sum, picked.len() as f64, "there is no gain or no loss")
    };
    Ok(mean(|value| value > 0.0)? / mean(|value| value < 0.0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_without_a_loss_has_no_ratio_over_losses() {
        let returns = Returns::new(&[0.01, 0.02, 0.0, 0.03]).unwrap();
        let convention = Convention::EXCHANGE_DAYS;
        assert!(sortino(returns, convention).unwrap_err().is_undefined());
        assert!(calmar(returns, convention).unwrap_err().is_undefined());
        assert!(omega(returns, 0.0).unwrap_err().is_undefined());
        assert!(payoff_ratio(returns).unwrap_err().is_undefined());
        assert!((win_rate(returns).unwrap() - 1.0).abs() < 1e-15);
        assert!(sharpe(returns, convention).unwrap() > 0.0);
        let flat = Returns::new(&[0.01, 0.01]).unwrap();
        assert!(sharpe(flat, convention).unwrap_err().is_undefined());
        assert!(matches!(
            sharpe(Returns::new(&[0.01]).unwrap(), convention),
            Err(AnalyticsError::TooFew { .. })
        ));
    }
}
