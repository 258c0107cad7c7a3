//! The normal distribution: density, distribution and quantile, and the tails of chi-square it gives.
//!
//! Good to about 1e-14 of the value, also far out in the tail, where a table of coefficients gives up.

use crate::error::{Result, require};
use std::f64::consts::{PI, SQRT_2};

/// Below this the series settles faster, above it the continued fraction does.
const SERIES_UP_TO: f64 = 2.0;

/// The complementary error function.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        2.0 - erfc(-x)
    } else if x < SERIES_UP_TO {
        1.0 - erf_by_series(x)
    } else {
        erfc_by_fraction(x)
    }
}

/// 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5·…): every term is positive, so nothing cancels.
fn erf_by_series(x: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term > sum * 1e-17 {
        odd += 2.0;
        term *= 2.0 * x * x / odd;
        sum += term;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), from the inside out.
fn erfc_by_fraction(x: f64) -> f64 {
    const DEPTH: u32 = 120;
    let tail = (1..=DEPTH).rev().fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
    (-x * x).exp() / PI.sqrt() / tail
}

#[must_use]
pub fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * PI).sqrt()
}

/// The share of a standard normal below `x`.
#[must_use]
pub fn below(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// The `x` with `share` of a standard normal below it.
pub fn quantile(share: f64) -> Result<f64> {
    require(share > 0.0 && share < 1.0, "the share of a normal quantile", "between 0 and 1", share)?;
    if share > 0.5 { Ok(-lower_quantile(1.0 - share)) } else { Ok(lower_quantile(share)) }
}

/// For shares up to a half: a start from the shape of the tail, then Halley's steps on the exact distribution.
fn lower_quantile(share: f64) -> f64 {
    let t = (-2.0 * share.ln()).sqrt();
    let mut x =
        if share < 0.1 { -(t - (2.0 * PI).sqrt().ln() / t - t.ln() / t) } else { -(0.5 - share) * 2.5 };
    for _ in 0..12 {
        let error = (below(x) - share) / density(x);
        let step = error / (1.0 + x * error / 2.0).max(0.2);
        x -= step.clamp(-1.0, 1.0);
        if step.abs() <= 1e-15 * x.abs().max(1.0) {
            break;
        }
    }
    x
}

/// The share of a chi-square with one degree of freedom above `x`.
#[must_use]
pub fn chi_square_one_above(x: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { erfc((x / 2.0).sqrt()) }
}

/// The share of a chi-square with two degrees of freedom above `x`.
#[must_use]
pub fn chi_square_two_above(x: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { (-x / 2.0).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_agrees_with_published_values() {
        for (x, expected) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.959_963_984_540_054, 0.025),
            (-3.0, 1.349_898_031_630_094_6e-3),
            (-6.0, 9.865_876_450_376_946e-10),
            (-10.0, 7.619_853_024_160_527e-24),
            (-30.0, 4.906_713_927_148_187e-198),
        ] {
            let found = below(x);
            assert!((found / expected - 1.0).abs() < 2e-13, "{x}: {found:e}");
        }
    }

    #[test]
    fn the_quantile_undoes_the_distribution() {
        let shares = [1e-300, 1e-100, 1e-20, 1e-9, 0.01, 0.05, 0.099, 0.1, 0.101, 0.3, 0.5, 0.77, 0.999];
        for share in shares {
            let x = quantile(share).unwrap();
            assert!((below(x) / share - 1.0).abs() < 1e-12, "{share}: {x}");
        }
        assert!((quantile(0.99).unwrap() - 2.326_347_874_040_841).abs() < 1e-14);
        for share in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(quantile(share).is_err());
        }
    }

    #[test]
    fn chi_square_tails_agree_with_published_values() {
        assert!((chi_square_one_above(3.841_458_820_694_124) - 0.05).abs() < 1e-14);
        assert!((chi_square_two_above(5.991_464_547_107_979) - 0.05).abs() < 1e-14);
    }
}
