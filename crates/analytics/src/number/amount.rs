//! Between exact money and floating point: where a figure must sum exactly, it is rounded once, then counted.

use crate::error::{AnalyticsError, Result};
use model::Money;

/// 10¹⁸ as a floating-point number, exactly.
const UNITS: f64 = 1e18;
/// Shares are counted in steps of 10⁻⁹, as the rates of the house are.
const SHARE_STEPS: i128 = 1_000_000_000;

/// An amount as a number of whole units; the nearest floating-point number.
#[must_use]
pub fn to_float(amount: Money) -> f64 {
    amount.0 as f64 / UNITS
}

/// A share of an amount: the share is rounded to 10⁻⁹, and the product is exact to 10⁻¹⁸, cut towards zero.
pub fn share_of(what: &'static str, amount: Money, share: f64) -> Result<Money> {
    let steps = counted(what, share * SHARE_STEPS as f64, 1e15)?;
    let (whole, rest) = (amount.0 / SHARE_STEPS, amount.0 % SHARE_STEPS);
    let part = whole.checked_mul(steps).and_then(|part| part.checked_add(rest * steps / SHARE_STEPS));
    part.map(Money).ok_or(AnalyticsError::Uncountable { what })
}

/// A number of whole units as an amount, to the last digit that the number has.
pub fn from_float(what: &'static str, value: f64) -> Result<Money> {
    let whole = counted(what, value.trunc(), 1e19)?;
    let fraction = counted(what, value.fract() * UNITS, UNITS)?;
    Ok(Money(whole * Money::ONE.0 + fraction))
}

#[expect(clippy::cast_possible_truncation, reason = "the bound is checked in the line above")]
fn counted(what: &'static str, value: f64, most: f64) -> Result<i128> {
    if !value.is_finite() || value.abs() > most {
        return Err(AnalyticsError::Uncountable { what });
    }
    Ok(value.round() as i128)
}

/// The sum, or an error when it cannot be counted.
pub fn sum(what: &'static str, amounts: impl IntoIterator<Item = Money>) -> Result<Money> {
    amounts.into_iter().try_fold(Money::ZERO, Money::checked_add).ok_or(AnalyticsError::Uncountable { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_go_there_and_back() {
        let amount = Money::parse("-1250.5").unwrap();
        assert!((to_float(amount) + 1250.5).abs() < 1e-12);
        assert_eq!(from_float("x", -1250.5).unwrap(), amount);
        assert_eq!(share_of("x", amount, -0.5).unwrap(), Money::parse("625.25").unwrap());
        assert!(from_float("x", f64::NAN).is_err());
        assert!(from_float("x", 1e20).is_err());
        assert!(sum("x", [Money(i128::MAX), Money(1)]).is_err());
    }
}
