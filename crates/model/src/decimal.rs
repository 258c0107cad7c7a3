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
    match parse_short(text.as_bytes(), scale) {
        Some(value) => Ok(value),
        None => parse_any(text, scale),
    }
}

/// Most numbers are short: digits that fit a word, and one multiplication. None for any other, and for what is none.
fn parse_short(text: &[u8], scale: u32) -> Option<i128> {
    const DIGITS_MAX: usize = 18;
    let (mut value, mut fraction, mut point) = (0_u64, 0_u32, false);
    let (first, last) = (text.first()?, text.last()?);
    if text.len() > DIGITS_MAX || *first == b'.' || *last == b'.' {
        return None;
    }
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(u64::from(byte.wrapping_sub(b'0')))?;
                fraction = fraction.saturating_add(u32::from(point));
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let unit = 10_u64.checked_pow(scale.checked_sub(fraction)?)?;
    i128::from(value).checked_mul(i128::from(unit))
}

fn parse_any(text: &str, scale: u32) -> Result<i128, DecimalError> {
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
    // Digits from the back: the longest number has 39, and a point.
    let (mut digits, mut at) = ([b'0'; 48], 48_usize);
    let mut put = |byte: u8| {
        at = at.saturating_sub(1);
        digits.get_mut(at).into_iter().for_each(|place| *place = byte);
    };
    let mut seen = false;
    let mut left = u64::try_from(fraction).unwrap_or(0);
    for _ in 0..if fraction == 0 { 0 } else { scale } {
        let digit = u8::try_from(left.checked_rem(10).unwrap_or(0)).unwrap_or(0);
        left = left.checked_div(10).unwrap_or(0);
        seen |= digit != 0;
        if seen {
            put(b'0'.saturating_add(digit));
        }
    }
    if seen {
        put(b'.');
    }
    let mut left = whole;
    loop {
        put(b'0'.saturating_add(u8::try_from(left.checked_rem(10).unwrap_or(0)).unwrap_or(0)));
        left = left.checked_div(10).unwrap_or(0);
        if left == 0 {
            break;
        }
    }
    let text = digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    f.pad_integral(value >= 0, "", text)
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
    fn the_short_way_and_the_long_way_agree() {
        let texts =
            ["0", "00", "1", "0.5", "64000.50", "1.000000000000000001", "999999999999999999", "12.", ".5"];
        for text in texts.into_iter().chain([
            "",
            "1.2.3",
            "-1",
            "+1",
            "1e3",
            "123456789012345678",
            "0.1234567890123456",
        ]) {
            let long = parse_any(text, 18);
            assert_eq!(parse_scaled(text, 18), long, "{text}");
            assert!(parse_short(text.as_bytes(), 18).is_none_or(|short| Ok(short) == long), "{text}");
            assert_eq!(parse_scaled(text, 9), parse_any(text, 9), "{text}");
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
