//! To what a portfolio's risk is due: marginal, component and incremental value at risk, and parts of the shortfall.
//!
//! Components sum to the whole; increments do not, because each removes its position from a full portfolio.

use super::dependence::portfolio_variance;
use super::tail::{TailRisk, check_confidence, normal_of};
use crate::error::{AnalyticsError, Result, same_length};
use crate::number::matrix::{Matrix, dot};
use crate::number::normal as gauss;
use crate::number::sample::{Sample, quantile_of_sorted};
use serde::Serialize;

/// One position's part in the normal value at risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// What one more unit of money in the position adds.
    pub marginal: f64,
    /// The amount times its marginal figure; these sum to the value at risk.
    pub component: f64,
    /// What the position adds: the figure with it less the figure without it.
    pub incremental: f64,
}

/// The value at risk of positions of these amounts as if returns were normal, and each position's part.
pub fn contributions(
    amounts: &[f64],
    means: &[f64],
    covariances: &Matrix,
    confidence: f64,
) -> Result<(TailRisk, Vec<Contribution>)> {
    Sample::new("a list of means", means, 1)?;
    same_length("a list of amounts", amounts.len(), "a list of means", means.len())?;
    let whole = value_at_risk(amounts, means, covariances, confidence)?;
    let deviation = portfolio_variance(amounts, covariances)?.sqrt();
    if deviation <= 0.0 {
        return Err(AnalyticsError::Undefined {
            what: "a part of the risk",
            why: "the portfolio does not move",
        });
    }
    let z = gauss::quantile(confidence)?;
    let slopes = covariances.times(amounts);
    let mut without = amounts.to_vec();
    let mut parts = Vec::with_capacity(amounts.len());
    for (place, (amount, mean)) in amounts.iter().zip(means).enumerate() {
        let marginal = z * slopes[place] / deviation - mean;
        without[place] = 0.0;
        let rest = value_at_risk(&without, means, covariances, confidence)?;
        without[place] = *amount;
        let incremental = whole.value_at_risk - rest.value_at_risk;
        parts.push(Contribution { marginal, component: amount * marginal, incremental });
    }
    Ok((whole, parts))
}

fn value_at_risk(amounts: &[f64], means: &[f64], covariances: &Matrix, confidence: f64) -> Result<TailRisk> {
    let variance = portfolio_variance(amounts, covariances)?;
    normal_of(dot(amounts, means), variance.sqrt(), confidence)
}

/// The historical expected shortfall in money, and what each position lost on the same bad days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShortfallShare {
    pub risk: TailRisk,
    /// One for each position; they sum to the expected shortfall.
    pub parts: Vec<f64>,
    /// The places of the bad days in the series.
    pub bad_days: Vec<usize>,
}

/// `series` holds the returns of each position, day for day.
pub fn shortfall_shares(amounts: &[f64], series: &[Vec<f64>], confidence: f64) -> Result<ShortfallShare> {
    check_confidence(confidence)?;
    Sample::new("a list of amounts", amounts, 1)?;
    same_length("a list of amounts", amounts.len(), "a list of return series", series.len())?;
    let days = series[0].len();
    let needed = crate::number::whole_above(1.0 / (1.0 - confidence));
    for one in series {
        Sample::new("a return series", one, needed)?;
        same_length("the first series", days, "another series", one.len())?;
    }
    let earned = |day: usize| amounts.iter().zip(series).map(|(amount, one)| amount * one[day]).sum::<f64>();
    let outcomes: Vec<f64> = (0..days).map(earned).collect();
    let mut sorted = outcomes.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = quantile_of_sorted(&sorted, 1.0 - confidence).max(sorted[0]);
    let bad_days: Vec<usize> = (0..days).filter(|day| outcomes[*day] <= quantile).collect();
    let mean_loss = |amount: f64, one: &[f64]| {
        -amount * bad_days.iter().map(|day| one[*day]).sum::<f64>() / bad_days.len() as f64
    };
    let parts: Vec<f64> = amounts.iter().zip(series).map(|(amount, one)| mean_loss(*amount, one)).collect();
    let expected_shortfall = parts.iter().sum();
    let risk = TailRisk { confidence, value_at_risk: -quantile, expected_shortfall };
    Ok(ShortfallShare { risk, parts, bad_days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hedge_takes_risk_away() {
        let covariances = Matrix::from_rows(&[vec![4e-4, 3e-4], vec![3e-4, 4e-4]]).unwrap();
        let (whole, parts) = contributions(&[100.0, -50.0], &[0.0, 0.0], &covariances, 0.95).unwrap();
        assert!((parts[0].component + parts[1].component - whole.value_at_risk).abs() < 1e-12);
        assert!(parts[1].component < 0.0 && parts[1].incremental < 0.0, "{parts:?}");
        assert!(contributions(&[0.0, 0.0], &[0.0, 0.0], &covariances, 0.95).unwrap_err().is_undefined());
        assert!(contributions(&[1.0, 1.0], &[0.0], &covariances, 0.95).is_err());
    }

    #[test]
    fn the_bad_days_are_named() {
        let series = vec![(0..20_u32).map(|day| if day == 7 { -0.5 } else { 0.01 }).collect(), vec![0.0; 20]];
        let shares = shortfall_shares(&[10.0, 1.0], &series, 0.95).unwrap();
        assert_eq!(shares.bad_days, [7]);
        assert_eq!(shares.parts, [5.0, 0.0]);
        assert!(shortfall_shares(&[10.0], &series, 0.95).is_err());
    }
}
