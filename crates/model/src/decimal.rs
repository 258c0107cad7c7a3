//! Exact decimal text, both ways: `"10.05"` ↔ an integer of 10⁻¹⁸ units ↔ ticks or lots.
//! Nothing is rounded here: what does not fit exactly is an error that says so.

use crate::{Money, Price, Qty};
use std::fmt;
use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    #[error("not a decimal number: write it like 12, -0.5 or 3.1415")]
    NotANumber,
    #[error("more than {max} digits after the point")]
    TooFine { max: u32 },
    #[error("the number is too large")]
    TooLarge,
    #[error("not a multiple of {step}")]
    NotAMultiple { step: Money },
}

impl Money {
    /// Reads plain decimal text: an optional sign, digits, an optional point and digits. No exponent.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        parse_scaled(text, Self::SCALE).map(Self)
    }

    /// How many whole `step`s this amount is; an error if it is not a whole number of them.
    pub fn steps_of(self, step: Self) -> Result<i64, DecimalError> {
        let rest = self.0.checked_rem(step.0).ok_or(DecimalError::NotANumber)?;
        if rest != 0 {
            return Err(DecimalError::NotAMultiple { step });
        }
        let steps = self.0.checked_div(step.0).ok_or(DecimalError::TooLarge)?;
        i64::try_from(steps).or(Err(DecimalError::TooLarge))
    }
}

impl Price {
    /// Reads a price in the instrument's own terms; `tick` is the size of one tick.
    pub fn parse(text: &str, tick: Money) -> Result<Self, DecimalError> {
        Money::parse(text)?.steps_of(tick).map(Self)
    }

    /// The price as an amount: ticks × tick size.
    #[must_use]
    pub fn to_money(self, tick: Money) -> Option<Money> {
        i128::from(self.0).checked_mul(tick.0).map(Money)
    }
}

impl Qty {
    /// Reads a quantity; `lot` is the size of one lot.
    pub fn parse(text: &str, lot: Money) -> Result<Self, DecimalError> {
        Money::parse(text)?.steps_of(lot).map(Self)
    }

    /// The quantity as an amount of the thing traded: lots × lot size.
    #[must_use]
    pub fn to_money(self, lot: Money) -> Option<Money> {
        i128::from(self.0).checked_mul(lot.0).map(Money)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render_scaled(self.0, Self::SCALE, f)
    }
}

impl std::str::FromStr for Money {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text)
    }
}

pub(crate) fn parse_scaled(text: &str, scale: u32) -> Result<i128, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point_alone = digits.ends_with('.') || whole.is_empty();
    if point_alone
        || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || fraction.contains('.')
    {
        return Err(DecimalError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::try_from(scale).unwrap_or(usize::MAX).checked_sub(fraction.len());
    let missing = missing.ok_or(DecimalError::TooFine { max: scale })?;
    let mut value: i128 = 0;
    let zeros = std::iter::repeat_n(b'0', missing);
    for byte in whole.bytes().chain(fraction.bytes()).chain(zeros) {
        let digit = i128::from(byte.wrapping_sub(b'0'));
        value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(DecimalError::TooLarge)?;
    }
    if negative { value.checked_neg().ok_or(DecimalError::TooLarge) } else { Ok(value) }
}

pub(crate) fn render_scaled(value: i128, scale: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = 10u128.checked_pow(scale).unwrap_or(1);
    let size = value.unsigned_abs();
    let whole = size.checked_div(unit).unwrap_or(0);
    let fraction = size.checked_rem(unit).unwrap_or(0);
    let width = usize::try_from(scale).unwrap_or(0);
    let mut text = format!("{whole}.{fraction:0width$}");
    let kept = text.trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(kept);
    f.pad_integral(value >= 0, "", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_or_not_at_all() {
        let check = |text: &str, expected: Result<i128, DecimalError>| {
            assert_eq!(Money::parse(text).map(|money| money.0), expected, "{text}");
        };
        check("1", Ok(1_000_000_000_000_000_000));
        check("-0.5", Ok(-500_000_000_000_000_000));
        check("+0.000000000000000001", Ok(1));
        check("1.10000000000000000000000", Ok(1_100_000_000_000_000_000));
        check("0.0000000000000000001", Err(DecimalError::TooFine { max: 18 }));
        check("170141183460469231731.687303715884105727", Ok(i128::MAX));
        check("170141183460469231731.687303715884105728", Err(DecimalError::TooLarge));
        for text in ["", ".", "-", "1.", ".5", "1e3", "1,5", "0x1", "1.2.3", "٣", "NaN", "inf", " 1", "1-"] {
            check(text, Err(DecimalError::NotANumber));
        }
    }

    #[test]
    fn text_comes_back_as_it_was() {
        for text in ["0", "1", "-1", "0.1", "-0.000000000000000001", "123456789.123456789", "100"] {
            assert_eq!(Money::parse(text).map(|money| money.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn prices_and_quantities_are_whole_steps() {
        let tick = Money(50_000_000_000_000_000);
        assert_eq!(Price::parse("10.05", tick), Ok(Price(201)));
        assert_eq!(Price::parse("-0.1", tick), Ok(Price(-2)));
        assert_eq!(Price::parse("10.06", tick), Err(DecimalError::NotAMultiple { step: tick }));
        assert_eq!(Price(201).to_money(tick).map(|money| money.to_string()), Some("10.05".to_owned()));
        assert_eq!(Qty::parse("99999999999999", Money(1_000_000_000)), Err(DecimalError::TooLarge));
    }
}
