//! Student's t distribution: density, distribution, quantile and the mean beyond a quantile.
//!
//! Heavy tails in one parameter, the degrees of freedom; it need not be a whole number.

use crate::error::{Result, require};
use std::f64::consts::PI;

/// The logarithm of the gamma function, for positive arguments.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    // Stirling's series is good to 1e-16 from here on; smaller arguments are stepped up to it.
    const FAR: f64 = 15.0;
    let (mut at, mut steps) = (x, 1.0);
    while at < FAR {
        steps *= at;
        at += 1.0;
    }
    let inverse = 1.0 / at;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0
            - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    (at - 0.5) * at.ln() - at + (2.0 * PI).ln() / 2.0 + series - steps.ln()
}

/// The regularised incomplete beta function.
fn beta_share(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_share(b, a, 1.0 - x);
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    front.exp() / a / beta_fraction(a, b, x)
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    let lift = |value: f64| if value.abs() < LEAST { LEAST } else { value };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 1..1_000_u32 {
        let m = f64::from(step / 2);
        let coefficient = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / lift(1.0 + coefficient * d);
        c = lift(1.0 + coefficient / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[must_use]
pub fn ln_density(x: f64, degrees: f64) -> f64 {
    let norm = ln_gamma((degrees + 1.0) / 2.0) - ln_gamma(degrees / 2.0) - (degrees * PI).ln() / 2.0;
    norm - (degrees + 1.0) / 2.0 * (x * x / degrees).ln_1p()
}

/// The share below `x`.
#[must_use]
pub fn below(x: f64, degrees: f64) -> f64 {
    let tail = beta_share(degrees / 2.0, 0.5, degrees / (degrees + x * x)) / 2.0;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The `x` with `share` below it.
pub fn quantile(share: f64, degrees: f64) -> Result<f64> {
    require(share > 0.0 && share < 1.0, "the share of a t quantile", "between 0 and 1", share)?;
    require(degrees > 0.0 && degrees.is_finite(), "degrees of freedom", "above 0", degrees)?;
    if share > 0.5 { Ok(-lower_quantile(1.0 - share, degrees)) } else { Ok(lower_quantile(share, degrees)) }
}

/// For shares up to a half: Newton's steps, kept inside a bracket that halves when they leave it.
fn lower_quantile(share: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 0.0);
    while below(low, degrees) > share && low > -1e150 {
        high = low;
        low *= 2.0;
    }
    let mut x = (low + high) / 2.0;
    for _ in 0..200 {
        let error = below(x, degrees) - share;
        if error > 0.0 {
            high = x
        } else {
            low = x
        }
        let newton = x - error / ln_density(x, degrees).exp();
        let next = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
        if (next - x).abs() <= 1e-15 * x.abs() {
            return next;
        }
        x = next;
    }
    x
}

/// The mean of what lies below the quantile of `share`; the mean exists from more than one degree of freedom on.
pub fn mean_below(share: f64, degrees: f64) -> Result<f64> {
    require(degrees > 1.0, "degrees of freedom", "above 1 for a mean of the tail", degrees)?;
    let at = quantile(share, degrees)?;
    Ok(-ln_density(at, degrees).exp() / share * (degrees + at * at) / (degrees - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_agrees_with_factorials_and_the_root_of_pi() {
        for (x, expected) in
            [(1.0, 0.0), (5.0, 24.0_f64.ln()), (0.5, PI.ln() / 2.0), (11.0, 3_628_800.0_f64.ln())]
        {
            assert!((ln_gamma(x) - expected).abs() < 1e-14 * expected.abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn the_distribution_agrees_with_its_closed_forms() {
        for x in [-20.0_f64, -3.0, -0.5, 0.0, 0.7, 4.0] {
            // One degree of freedom is Cauchy's distribution; two have an algebraic form.
            assert!((below(x, 1.0) - (0.5 + x.atan() / PI)).abs() < 1e-14, "{x}");
            let two = 0.5 + x / (2.0 * (2.0 + x * x).sqrt());
            assert!((below(x, 2.0) - two).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn quantiles_agree_with_published_values() {
        for (share, degrees, expected) in [
            (0.975, 10.0, 2.228_138_851_986_274),
            (0.01, 5.0, -3.364_929_998_907_217_5),
            (0.95, 1.0, 6.313_751_514_675_04),
        ] {
            let found = quantile(share, degrees).unwrap();
            assert!((found / expected - 1.0).abs() < 1e-12, "{share} {degrees}: {found}");
        }
        assert!(quantile(0.5, 4.0).unwrap().abs() < 1e-12);
        assert!(quantile(0.5, 0.0).is_err());
        assert!(mean_below(0.05, 1.0).is_err());
    }
}
