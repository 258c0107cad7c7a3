//! Falls from a high: how deep, from when to when, and whether they ended.
//!
//! Depths are positive shares of the high. The high before the first return counts too.

use super::returns::Returns;
use crate::day::Day;
use crate::error::{AnalyticsError, Result, same_length};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Drawdown {
    /// The day of the high; `None` when it lies before the first return.
    pub high: Option<Day>,
    /// The first and the last day below the high.
    pub start: Day,
    pub last: Day,
    pub trough: Day,
    /// The day on which the high was reached again; `None` while it is not.
    pub recovery: Option<Day>,
    pub depth: f64,
}

/// How far below its highest growth the series stands after each return; zero at a high.
#[must_use]
pub fn drawdown_series(returns: Returns<'_>) -> Vec<f64> {
    let (mut growth, mut high) = (1.0_f64, 1.0_f64);
    let mut depths = Vec::with_capacity(returns.values().len());
    for value in returns.values() {
        growth *= 1.0 + value;
        high = high.max(growth);
        depths.push(1.0 - growth / high);
    }
    depths
}

#[must_use]
pub fn max_drawdown(returns: Returns<'_>) -> f64 {
    drawdown_series(returns).into_iter().fold(0.0, f64::max)
}

/// The root mean square of the depths: long and deep falls hurt most.
#[must_use]
pub fn ulcer_index(returns: Returns<'_>) -> f64 {
    let squares: f64 = drawdown_series(returns).iter().map(|depth| depth * depth).sum();
    (squares / returns.sample().count()).sqrt()
}

/// Every fall, the deepest first. `days` rise and pair with the returns.
pub fn drawdowns(returns: Returns<'_>, days: &[Day]) -> Result<Vec<Drawdown>> {
    same_length("a return series", returns.values().len(), "its days", days.len())?;
    check_rising(days)?;
    let mut found: Vec<Drawdown> = Vec::new();
    let mut open: Option<Drawdown> = None;
    for (place, depth) in drawdown_series(returns).into_iter().enumerate() {
        let day = days[place];
        if depth <= 0.0 {
            found.extend(open.take().map(|fall| Drawdown { recovery: Some(day), ..fall }));
            continue;
        }
        let high = place.checked_sub(1).map(|before| days[before]);
        let fresh = Drawdown { high, start: day, last: day, trough: day, recovery: None, depth: 0.0 };
        let fall = open.get_or_insert(fresh);
        fall.last = day;
        if depth > fall.depth {
            (fall.depth, fall.trough) = (depth, day);
        }
    }
    found.extend(open);
    found.sort_by(|a, b| b.depth.total_cmp(&a.depth));
    Ok(found)
}

pub(crate) fn check_rising(days: &[Day]) -> Result<()> {
    match days.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(place) => Err(AnalyticsError::OutOfOrder { what: "the days", place: place + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_that_recovers_and_one_that_does_not() {
        let returns = [-0.1, 0.25, -0.2, -0.5, 0.1];
        let days: Vec<Day> = (10..15).map(Day).collect();
        let falls = drawdowns(Returns::new(&returns).unwrap(), &days).unwrap();
        assert_eq!(falls.len(), 2);
        let deep = falls[0];
        assert!((deep.depth - 0.6).abs() < 1e-15);
        assert_eq!((deep.high, deep.start, deep.trough), (Some(Day(11)), Day(12), Day(13)));
        assert_eq!((deep.last, deep.recovery), (Day(14), None));
        let first = falls[1];
        assert_eq!(
            (first.high, first.start, first.last, first.recovery),
            (None, Day(10), Day(10), Some(Day(11)))
        );
    }

    #[test]
    fn days_must_rise_and_pair() {
        let returns = Returns::new(&[0.1, 0.1]).unwrap();
        assert!(drawdowns(returns, &[Day(1)]).is_err());
        assert!(drawdowns(returns, &[Day(2), Day(2)]).is_err());
        assert!(drawdowns(returns, &[Day(1), Day(2)]).unwrap().is_empty());
    }
}
