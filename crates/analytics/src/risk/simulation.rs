//! Value at risk by simulation: joint draws of all assets, normal or with the heavy tails of Student's t.
//!
//! Seeded: the same inputs give the same figure to the bit.

use super::tail::{TailRisk, check_confidence, historical};
use crate::error::{Result, require, same_length};
use crate::number::draw::Draw;
use crate::number::matrix::{Matrix, dot};
use crate::number::sample::Sample;
use serde::Serialize;

const MOST_DRAWS: usize = 2_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Shape {
    Normal,
    /// All assets share one shock to their size, so that they fall together; more than two degrees of freedom.
    /// Scaled to the covariance given.
    StudentT {
        degrees: f64,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    pub shape: Shape,
    pub draws: usize,
    pub seed: u64,
}

/// The tail of what positions of these amounts earn in one period, in the money of the amounts.
pub fn simulate(
    amounts: &[f64],
    means: &[f64],
    covariances: &Matrix,
    confidence: f64,
    simulation: Simulation,
) -> Result<TailRisk> {
    check_confidence(confidence)?;
    Sample::new("a list of amounts", amounts, 1)?;
    Sample::new("a list of means", means, 1)?;
    same_length("a list of amounts", amounts.len(), "a list of means", means.len())?;
    same_length("a list of amounts", amounts.len(), "the covariance matrix", covariances.columns())?;
    let draws = simulation.draws;
    require(
        (1_000..=MOST_DRAWS).contains(&draws),
        "the number of draws",
        "from 1000 to 2000000",
        draws as f64,
    )?;
    let degrees = match simulation.shape {
        Shape::Normal => None,
        Shape::StudentT { degrees } => {
            require(degrees > 2.0 && degrees.is_finite(), "degrees of freedom", "above 2", degrees)?;
            Some(degrees)
        }
    };
    let lower = covariances.cholesky()?;
    let drift = dot(amounts, means);
    let mut draw = Draw::seeded(simulation.seed);
    let mut shocks = vec![0.0; amounts.len()];
    let outcomes: Vec<f64> = (0..draws)
        .map(|_| {
            shocks.fill_with(|| draw.normal());
            let size = degrees.map_or(1.0, |degrees| ((degrees - 2.0) / draw.chi_square(degrees)).sqrt());
            drift + size * dot(amounts, &lower.times(&shocks))
        })
        .collect();
    historical(&outcomes, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::normal_of;

    fn matrix() -> Matrix {
        Matrix::from_rows(&[vec![4e-4, 1e-4], vec![1e-4, 9e-4]]).unwrap()
    }

    fn run(shape: Shape, seed: u64) -> TailRisk {
        let simulation = Simulation { shape, draws: 200_000, seed };
        simulate(&[100.0, -50.0], &[0.0, 0.001], &matrix(), 0.99, simulation).unwrap()
    }

    #[test]
    fn normal_draws_agree_with_the_formula() {
        let variance: f64 = 100.0 * 100.0 * 4e-4 - 2.0 * 100.0 * 50.0 * 1e-4 + 50.0 * 50.0 * 9e-4;
        let exact = normal_of(-0.05, variance.sqrt(), 0.99).unwrap();
        let drawn = run(Shape::Normal, 1);
        assert!((drawn.value_at_risk / exact.value_at_risk - 1.0).abs() < 0.02, "{drawn:?} {exact:?}");
        assert!((drawn.expected_shortfall / exact.expected_shortfall - 1.0).abs() < 0.02);
    }

    #[test]
    fn heavy_tails_cost_more_and_a_seed_repeats() {
        let heavy = run(Shape::StudentT { degrees: 3.5 }, 1);
        assert!(heavy.expected_shortfall > 1.1 * run(Shape::Normal, 1).expected_shortfall);
        assert_eq!(heavy, run(Shape::StudentT { degrees: 3.5 }, 1));
        assert_ne!(heavy, run(Shape::StudentT { degrees: 3.5 }, 2));
    }

    #[test]
    fn senseless_inputs_are_refused() {
        let plain = Simulation { shape: Shape::Normal, draws: 1_000, seed: 0 };
        assert!(simulate(&[1.0], &[0.0], &matrix(), 0.95, plain).is_err());
        assert!(simulate(&[1.0, 2.0], &[0.0], &matrix(), 0.95, plain).is_err());
        assert!(
            simulate(&[1.0, 2.0], &[0.0; 2], &matrix(), 0.95, Simulation { draws: 10, ..plain }).is_err()
        );
        let flat = Shape::StudentT { degrees: 2.0 };
        assert!(
            simulate(&[1.0, 2.0], &[0.0; 2], &matrix(), 0.95, Simulation { shape: flat, ..plain }).is_err()
        );
    }
}
