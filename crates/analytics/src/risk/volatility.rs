//! The variance of tomorrow by exponential weights.

use crate::error::{Result, require};
use crate::number::sample::Sample;

/// v₀ = r₀², then v = λ·v + (1 − λ)·r²; the mean is taken as zero. λ = 0.94 is the usual choice for days.
pub fn ewma_variance(returns: &[f64], decay: f64) -> Result<f64> {
    require(decay > 0.0 && decay < 1.0, "the decay", "between 0 and 1", decay)?;
    let sample = Sample::new("a return series", returns, 2)?;
    let values = sample.values();
    Ok(values[1..]
        .iter()
        .fold(values[0] * values[0], |variance, value| decay * variance + (1.0 - decay) * value * value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_by_hand() {
        let variance = ewma_variance(&[0.1, 0.2], 0.9).unwrap();
        assert!((variance - (0.9 * 0.01 + 0.1 * 0.04)).abs() < 1e-16);
        assert!(ewma_variance(&[0.1, 0.2], 1.0).is_err());
        assert!(ewma_variance(&[0.1], 0.9).is_err());
    }
}
