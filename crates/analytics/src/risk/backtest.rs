//! Was the value at risk any good? Counts of exceptions against what was promised, and whether they cluster.
//!
//! Kupiec (1995) asks for the number, Christoffersen (1998) for independence, and the zones are those of Basel.

use crate::error::{AnalyticsError, Result, require, same_length};
use crate::number::normal::{chi_square_one_above, chi_square_two_above};
use crate::number::sample::Sample;
use crate::number::student::ln_gamma;
use serde::Serialize;

/// A likelihood-ratio statistic, and how likely one as large is when the forecast is right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trial {
    pub statistic: f64,
    pub p_value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Zone {
    Green,
    Yellow,
    Red,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    pub days: usize,
    pub exceptions: usize,
    /// From quiet to quiet, quiet to exception, exception to quiet, exception to exception.
    pub transitions: [usize; 4],
    pub unconditional: Trial,
    /// `None` when no day follows an exception, or every day does.
    pub independence: Option<Trial>,
    pub conditional: Option<Trial>,
    pub zone: Zone,
}

/// On which days the return fell below the forecast, a loss as a positive number.
pub fn exceptions(returns: &[f64], forecasts: &[f64]) -> Result<Vec<bool>> {
    let returns = Sample::new("a return series", returns, 1)?;
    let forecasts = Sample::new("the forecasts", forecasts, 1)?;
    returns.pairs_with(forecasts)?;
    Ok(returns.values().iter().zip(forecasts.values()).map(|(value, forecast)| *value < -forecast).collect())
}

impl Backtest {
    /// Of a series of exceptions, in the order of days.
    pub fn of(exceptions: &[bool], confidence: f64) -> Result<Self> {
        let count = exceptions.iter().filter(|is_exception| **is_exception).count();
        let unconditional = kupiec(count, exceptions.len(), confidence)?;
        let mut transitions = [0_usize; 4];
        for pair in exceptions.windows(2) {
            transitions[usize::from(pair[0]) * 2 + usize::from(pair[1])] += 1;
        }
        let independence = independence(transitions);
        let conditional = independence.map(|trial| {
            let statistic = unconditional.statistic + trial.statistic;
            Trial { statistic, p_value: chi_square_two_above(statistic) }
        });
        let zone = traffic_light(count, exceptions.len(), confidence)?;
        let days = exceptions.len();
        Ok(Self { days, exceptions: count, transitions, unconditional, independence, conditional, zone })
    }

    /// The common case: returns with the forecast that was made for each.
    pub fn of_forecasts(returns: &[f64], forecasts: &[f64], confidence: f64) -> Result<Self> {
        same_length("a return series", returns.len(), "the forecasts", forecasts.len())?;
        Self::of(&exceptions(returns, forecasts)?, confidence)
    }
}

/// Kupiec's proportion of failures.
pub fn kupiec(exceptions: usize, days: usize, confidence: f64) -> Result<Trial> {
    let expected = check(exceptions, days, confidence)?;
    let (bad, quiet) = (exceptions as f64, (days - exceptions) as f64);
    let observed = bad / days as f64;
    let statistic = 2.0 * (likelihood(quiet, bad, observed) - likelihood(quiet, bad, expected)).max(0.0);
    Ok(Trial { statistic, p_value: chi_square_one_above(statistic) })
}

/// The zone in which the count falls: red from where as few exceptions or fewer had 99.99 %, yellow from 95 %.
pub fn traffic_light(exceptions: usize, days: usize, confidence: f64) -> Result<Zone> {
    let expected = check(exceptions, days, confidence)?;
    let up_to: f64 = (0..=exceptions).map(|count| binomial(count, days, expected)).sum();
    Ok(if up_to < 0.95 {
        Zone::Green
    } else if up_to < 0.9999 {
        Zone::Yellow
    } else {
        Zone::Red
    })
}

fn check(exceptions: usize, days: usize, confidence: f64) -> Result<f64> {
    require(confidence > 0.0 && confidence < 1.0, "the confidence", "between 0 and 1", confidence)?;
    let what = "a backtest of value at risk";
    if days == 0 {
        return Err(AnalyticsError::TooFew { what, needed: 1, found: 0 });
    }
    require(exceptions <= days, "the number of exceptions", "at most the days", exceptions as f64)?;
    Ok(1.0 - confidence)
}

/// Christoffersen's test that yesterday's exception says nothing about today.
fn independence([quiet, enter, leave, stay]: [usize; 4]) -> Option<Trial> {
    let [quiet, enter, leave, stay] = [quiet as f64, enter as f64, leave as f64, stay as f64];
    if quiet + enter == 0.0 || leave + stay == 0.0 {
        return None;
    }
    let apart =
        likelihood(quiet, enter, enter / (quiet + enter)) + likelihood(leave, stay, stay / (leave + stay));
    let share = (enter + stay) / (quiet + enter + leave + stay);
    let statistic = 2.0 * (apart - likelihood(quiet + leave, enter + stay, share)).max(0.0);
    Some(Trial { statistic, p_value: chi_square_one_above(statistic) })
}

/// The logarithm of (1 − p)^quiet · p^bad, where nothing to the power of nothing is one.
fn likelihood(quiet: f64, bad: f64, share: f64) -> f64 {
    let power = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
    power(quiet, (-share).ln_1p()) + power(bad, share.ln())
}

fn binomial(count: usize, of: usize, share: f64) -> f64 {
    let (k, n) = (count as f64, of as f64);
    (ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) + likelihood(n - k, k, share)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zones_are_basels_for_a_year_at_99_percent() {
        for (count, zone) in [
            (0, Zone::Green),
            (4, Zone::Green),
            (5, Zone::Yellow),
            (9, Zone::Yellow),
            (10, Zone::Red),
            (99, Zone::Red),
        ] {
            assert_eq!(traffic_light(count, 250, 0.99).unwrap(), zone, "{count}");
        }
    }

    #[test]
    fn clusters_are_told_from_scattered_exceptions() {
        let scattered: Vec<bool> = (0..400).map(|day| day % 20 == 0).collect();
        let clustered: Vec<bool> = (0..400).map(|day| day < 20).collect();
        let scattered = Backtest::of(&scattered, 0.95).unwrap();
        let clustered = Backtest::of(&clustered, 0.95).unwrap();
        assert!(scattered.unconditional.p_value > 0.99 && clustered.unconditional.p_value > 0.99);
        assert!(scattered.independence.unwrap().p_value > 0.05);
        assert!(clustered.independence.unwrap().p_value < 1e-6);
        assert!(clustered.conditional.unwrap().p_value < 1e-6);
    }

    #[test]
    fn nothing_to_test_is_an_error_and_nothing_to_compare_is_none() {
        assert!(Backtest::of(&[], 0.99).is_err());
        assert!(kupiec(2, 1, 0.99).is_err());
        assert_eq!(Backtest::of(&[false; 10], 0.99).unwrap().independence, None);
        let exact = Backtest::of_forecasts(&[-0.02, -0.01], &[0.01, 0.01], 0.99).unwrap();
        assert_eq!((exact.exceptions, exact.transitions), (1, [0, 0, 1, 0]));
        assert!(Backtest::of_forecasts(&[-0.02], &[0.01, 0.01], 0.99).is_err());
    }
}
