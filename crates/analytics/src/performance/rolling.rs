//! Figures over a window that moves: one for each period from the first full window on.

use super::ratios::sharpe;
use super::returns::{Convention, Returns};
use crate::error::{AnalyticsError, Result, if_defined, require, same_length};
use crate::risk::beta;

/// `figure` of each window; `None` where the window does not define it.
pub fn rolling(
    values: &[f64],
    window: usize,
    figure: impl Fn(&[f64]) -> Result<f64>,
) -> Result<Vec<Option<f64>>> {
    check(values.len(), window)?;
    values.windows(window).map(|window| if_defined(figure(window))).collect()
}

pub fn rolling_volatility(values: &[f64], window: usize, convention: Convention) -> Result<Vec<Option<f64>>> {
    rolling(values, window, |window| Returns::new(window)?.volatility(convention))
}

pub fn rolling_sharpe(values: &[f64], window: usize, convention: Convention) -> Result<Vec<Option<f64>>> {
    rolling(values, window, |window| sharpe(Returns::new(window)?, convention))
}

pub fn rolling_beta(values: &[f64], benchmark: &[f64], window: usize) -> Result<Vec<Option<f64>>> {
    same_length("a return series", values.len(), "a benchmark", benchmark.len())?;
    check(values.len(), window)?;
    let pairs = values.windows(window).zip(benchmark.windows(window));
    pairs.map(|(ours, theirs)| if_defined(beta(ours, theirs))).collect()
}

fn check(length: usize, window: usize) -> Result<()> {
    require(window > 0, "the window", "at least 1", window as f64)?;
    if length < window {
        return Err(AnalyticsError::TooFew { what: "a rolling figure", needed: window, found: length });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_longer_than_the_series_is_an_error_and_a_still_one_has_no_figure() {
        assert!(rolling_volatility(&[0.1], 2, Convention::EXCHANGE_DAYS).is_err());
        assert!(rolling_volatility(&[0.1], 0, Convention::EXCHANGE_DAYS).is_err());
        let found = rolling_sharpe(&[0.1, 0.1, 0.2], 2, Convention::EXCHANGE_DAYS).unwrap();
        assert!(found[0].is_none() && found[1].is_some());
    }
}
