//! Brinson and Fachler (1985): the difference to a benchmark, split into what was overweighted, what was picked, and both.
//!
//! Allocation + selection + interaction = portfolio − benchmark, in each period and, linked after Cariño, over many.

use crate::error::{AnalyticsError, Result, require};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A sector, class or country in both portfolios.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    pub name: String,
    pub weight: f64,
    pub benchmark_weight: f64,
    pub result: f64,
    pub benchmark_result: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BrinsonRow {
    pub name: String,
    /// (w − b)(r_b − R_b)
    pub allocation: f64,
    /// b(r − r_b)
    pub selection: f64,
    /// (w − b)(r − r_b)
    pub interaction: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Brinson {
    pub rows: Vec<BrinsonRow>,
    pub portfolio: f64,
    pub benchmark: f64,
}

impl Brinson {
    /// What the rows explain, which is the whole difference.
    #[must_use]
    pub fn explained(&self) -> f64 {
        self.rows.iter().map(|row| row.allocation + row.selection + row.interaction).sum()
    }
}

/// One period. Weights are those at its beginning and sum to one on each side; cash is a segment.
pub fn brinson(segments: &[Segment]) -> Result<Brinson> {
    check(segments)?;
    let portfolio = segments.iter().map(|one| one.weight * one.result).sum();
    let benchmark = segments.iter().map(|one| one.benchmark_weight * one.benchmark_result).sum();
    let row = |one: &Segment| {
        let (over, better) = (one.weight - one.benchmark_weight, one.result - one.benchmark_result);
        BrinsonRow {
            name: one.name.clone(),
            allocation: over * (one.benchmark_result - benchmark),
            selection: one.benchmark_weight * better,
            interaction: over * better,
        }
    };
    Ok(Brinson { rows: segments.iter().map(row).collect(), portfolio, benchmark })
}

/// Many periods: each period's effects are scaled so that they sum to the difference of the compounded results.
pub fn brinson_linked(periods: &[Vec<Segment>]) -> Result<Brinson> {
    if periods.is_empty() {
        return Err(AnalyticsError::TooFew { what: "an attribution", needed: 1, found: 0 });
    }
    let single: Vec<Brinson> = periods.iter().map(|segments| brinson(segments)).collect::<Result<_>>()?;
    let compound =
        |pick: fn(&Brinson) -> f64| single.iter().map(|one| 1.0 + pick(one)).product::<f64>() - 1.0;
    let (portfolio, benchmark) = (compound(|one| one.portfolio), compound(|one| one.benchmark));
    let whole = link(portfolio, benchmark)?;
    let mut rows: BTreeMap<String, BrinsonRow> = BTreeMap::new();
    for one in &single {
        let factor = link(one.portfolio, one.benchmark)? / whole;
        for row in &one.rows {
            let sum = rows.entry(row.name.clone()).or_default();
            sum.name.clone_from(&row.name);
            sum.allocation += factor * row.allocation;
            sum.selection += factor * row.selection;
            sum.interaction += factor * row.interaction;
        }
    }
    Ok(Brinson { rows: rows.into_values().collect(), portfolio, benchmark })
}

/// Cariño's factor: the difference of logarithms over the difference of results.
fn link(portfolio: f64, benchmark: f64) -> Result<f64> {
    for result in [portfolio, benchmark] {
        require(result > -1.0, "the result of a period", "above -1", result)?;
    }
    let difference = portfolio - benchmark;
    // Near each other, the slope of the logarithm is the factor, without the loss of digits.
    if difference.abs() < 1e-9 {
        return Ok(1.0 / (1.0 + (portfolio + benchmark) / 2.0));
    }
    Ok((difference / (1.0 + benchmark)).ln_1p() / difference)
}

fn check(segments: &[Segment]) -> Result<()> {
    let mut names = BTreeSet::new();
    for one in segments {
        for value in [one.weight, one.benchmark_weight, one.result, one.benchmark_result] {
            require(value.is_finite(), "a weight or result", "a finite number", value)?;
        }
        if !names.insert(&one.name) {
            return Err(AnalyticsError::Twice { what: "a segment", name: one.name.clone() });
        }
    }
    let sums: [(&'static str, f64); 2] = [
        ("the weights of the portfolio", segments.iter().map(|one| one.weight).sum()),
        ("the weights of the benchmark", segments.iter().map(|one| one.benchmark_weight).sum()),
    ];
    for (what, sum) in sums {
        if (sum - 1.0).abs() > 1e-6 {
            return Err(AnalyticsError::NotWhole { what, sum });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(name: &str, weights: (f64, f64), results: (f64, f64)) -> Segment {
        Segment {
            name: name.to_owned(),
            weight: weights.0,
            benchmark_weight: weights.1,
            result: results.0,
            benchmark_result: results.1,
        }
    }

    #[test]
    fn an_overweight_of_what_rose_and_a_better_pick() {
        let segments = [segment("a", (0.7, 0.5), (0.12, 0.10)), segment("b", (0.3, 0.5), (0.01, 0.02))];
        let answer = brinson(&segments).unwrap();
        assert!((answer.portfolio - 0.087).abs() < 1e-15 && (answer.benchmark - 0.06).abs() < 1e-15);
        let a = &answer.rows[0];
        assert!((a.allocation - 0.2 * 0.04).abs() < 1e-15);
        assert!((a.selection - 0.5 * 0.02).abs() < 1e-15);
        assert!((a.interaction - 0.2 * 0.02).abs() < 1e-15);
        assert!((answer.explained() - 0.027).abs() < 1e-15);
    }

    #[test]
    fn weights_that_do_not_match_are_refused() {
        let short = [segment("a", (0.7, 0.5), (0.1, 0.1)), segment("b", (0.2, 0.5), (0.1, 0.1))];
        assert!(matches!(brinson(&short), Err(AnalyticsError::NotWhole { .. })));
        let twice = [segment("a", (0.5, 0.5), (0.1, 0.1)), segment("a", (0.5, 0.5), (0.1, 0.1))];
        assert!(matches!(brinson(&twice), Err(AnalyticsError::Twice { .. })));
        assert!(brinson(&[]).is_err());
        assert!(brinson_linked(&[]).is_err());
        let gone = vec![segment("a", (1.0, 1.0), (-1.0, 0.1))];
        assert!(brinson_linked(&[gone]).is_err());
    }
}
