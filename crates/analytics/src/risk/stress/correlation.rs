//! Correlations break: every pair is drawn towards a target, as in a crash in which all falls together.
//!
//! What moves is the value at risk; each position's part is the change of its component, so that they sum.

use super::price::check_names;
use super::{Breakdown, Part};
use crate::error::{Result, require, same_length};
use crate::number::amount::from_float;
use crate::number::matrix::Matrix;
use crate::number::sample::Sample;
use crate::risk::{TailRisk, contributions};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrelationBreak {
    pub before: TailRisk,
    pub after: TailRisk,
    /// The change of the value at risk by position; a loss is negative, so more risk is a negative part.
    pub breakdown: Breakdown,
}

/// `pull` of 0 leaves the correlations as they are, 1 makes each the `target`, which lies from 0 to 1 so that the
/// mixture stays a correlation matrix. Amounts are money, deviations those of one period.
pub fn break_correlations(
    positions: &[(String, f64)],
    deviations: &[f64],
    correlations: &Matrix,
    (pull, target): (f64, f64),
    confidence: f64,
) -> Result<CorrelationBreak> {
    require((0.0..=1.0).contains(&pull), "the pull", "between 0 and 1", pull)?;
    require((0.0..=1.0).contains(&target), "the target correlation", "between 0 and 1", target)?;
    check_names("a position", positions.iter().map(|(name, _)| name))?;
    Sample::new("the deviations", deviations, 1)?;
    same_length("the positions", positions.len(), "the deviations", deviations.len())?;
    same_length("the positions", positions.len(), "the correlation matrix", correlations.columns())?;
    correlations.check_symmetric()?;
    for (place, deviation) in deviations.iter().enumerate() {
        let own = correlations.at(place, place);
        require((own - 1.0).abs() < 1e-9, "the correlation of an asset with itself", "1", own)?;
        require(*deviation >= 0.0, "a deviation", "at least 0", *deviation)?;
    }
    let covariance = |pull: f64| {
        Matrix::square(positions.len(), |row, column| {
            let own = correlations.at(row, column);
            let pulled = if row == column { own } else { own + pull * (target - own) };
            pulled * deviations[row] * deviations[column]
        })
    };
    let amounts: Vec<f64> = positions.iter().map(|(_, amount)| *amount).collect();
    let drift = vec![0.0; amounts.len()];
    let (before, parts_before) = contributions(&amounts, &drift, &covariance(0.0), confidence)?;
    let (after, parts_after) = contributions(&amounts, &drift, &covariance(pull), confidence)?;
    let parts = positions.iter().zip(parts_before.iter().zip(&parts_after)).map(|((name, _), (old, new))| {
        let amount = from_float("a change of risk", old.component - new.component)?;
        Ok(Part { position: name.clone(), cause: "correlations".to_owned(), amount })
    });
    let breakdown = Breakdown::of(parts.collect::<Result<_>>()?)?;
    Ok(CorrelationBreak { before, after, breakdown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::amount::to_float;

    #[test]
    fn diversification_is_lost_when_all_falls_together() {
        let positions = [("A".to_owned(), 100.0), ("B".to_owned(), 100.0)];
        let identity = Matrix::from_rows(&[vec![1.0, 0.0], vec![0.0, 1.0]]).unwrap();
        let answer = break_correlations(&positions, &[0.02, 0.02], &identity, (1.0, 1.0), 0.95).unwrap();
        // From √2 · 2 · z to 4 · z.
        let ratio = answer.after.value_at_risk / answer.before.value_at_risk;
        assert!((ratio - 2.0_f64.sqrt()).abs() < 1e-12, "{ratio}");
        let change = answer.before.value_at_risk - answer.after.value_at_risk;
        assert!((to_float(answer.breakdown.total) - change).abs() < 1e-12);
        assert_eq!(answer.breakdown.parts[0].amount, answer.breakdown.parts[1].amount);
        let strange = Matrix::from_rows(&[vec![2.0, 0.0], vec![0.0, 1.0]]).unwrap();
        assert!(break_correlations(&positions, &[0.02, 0.02], &strange, (1.0, 1.0), 0.95).is_err());
        assert!(break_correlations(&positions, &[0.02, 0.02], &identity, (1.5, 1.0), 0.95).is_err());
        assert!(break_correlations(&positions, &[0.02], &identity, (0.5, 1.0), 0.95).is_err());
    }
}
