//! Decimal text of the outside, with or without an exponent, to exact amounts. Nothing is rounded.

use model::{DecimalError, Money};

/// A whole number times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    pub(crate) fn parse(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse().or(Err(DecimalError::NotANumber))?),
            None => (text, 0i32),
        };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let mantissa = mantissa(whole, fraction)?;
        let places = i32::try_from(fraction.len()).or(Err(DecimalError::TooLarge))?;
        let exponent = exponent.checked_sub(places).ok_or(DecimalError::TooLarge)?;
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, exponent })
    }

    pub(crate) fn times(self, other: Self) -> Result<Self, DecimalError> {
        let mantissa = self.mantissa.checked_mul(other.mantissa).ok_or(DecimalError::TooLarge)?;
        let exponent = self.exponent.checked_add(other.exponent).ok_or(DecimalError::TooLarge)?;
        Ok(Self { mantissa, exponent })
    }

    /// The number in units of 10⁻`scale`.
    pub(crate) fn scaled(self, scale: u32) -> Result<i128, DecimalError> {
        if self.mantissa == 0 {
            return Ok(0);
        }
        let shift = i64::from(self.exponent) + i64::from(scale);
        let power = |count: i64| u32::try_from(count).ok().and_then(|count| 10i128.checked_pow(count));
        if shift >= 0 {
            return power(shift)
                .and_then(|unit| self.mantissa.checked_mul(unit))
                .ok_or(DecimalError::TooLarge);
        }
        let unit = power(-shift).ok_or(DecimalError::TooFine { max: scale })?;
        if self.mantissa % unit == 0 {
            Ok(self.mantissa / unit)
        } else {
            Err(DecimalError::TooFine { max: scale })
        }
    }

    pub(crate) fn money(self) -> Result<Money, DecimalError> {
        self.scaled(Money::SCALE).map(Money)
    }
}

/// A tick or lot. Most are a power of ten, and then counting them is moving the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    size: Money,
    places: Option<u32>,
}

impl Step {
    pub(crate) fn new(size: Money) -> Self {
        let is_plain = size.0 > 0 && size <= Money::ONE && 10i128.pow(size.0.ilog10()) == size.0;
        Self { size, places: is_plain.then(|| Money::SCALE - size.0.ilog10()) }
    }

    /// How many of them a number is.
    pub(crate) fn count(self, number: Decimal) -> Result<i64, DecimalError> {
        if let (Some(places), Ok(small)) = (self.places, i64::try_from(number.mantissa)) {
            let shift = i64::from(number.exponent) + i64::from(places);
            let unit = u32::try_from(shift).ok().and_then(|shift| 10i64.checked_pow(shift));
            if let Some(count) = unit.and_then(|unit| small.checked_mul(unit)) {
                return Ok(count);
            }
        }
        number.money()?.steps_of(self.size)
    }
}

/// The digits as one number; the short ones, which are nearly all, without 128 bits.
fn mantissa(whole: &str, fraction: &str) -> Result<i128, DecimalError> {
    let digits = || whole.bytes().chain(fraction.bytes());
    if !digits().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    if whole.len() + fraction.len() <= 18 {
        return Ok(digits().fold(0i64, |value, byte| value * 10 + i64::from(byte - b'0')).into());
    }
    let add = |value: i128, byte: u8| value.checked_mul(10)?.checked_add(i128::from(byte - b'0'));
    digits().try_fold(0, add).ok_or(DecimalError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_programs_write() {
        let check = |text: &str, expected: Result<&str, DecimalError>| {
            let money = Decimal::parse(text).and_then(Decimal::money);
            assert_eq!(money, expected.map(|text| Money::parse(text).expect("a number")), "{text}");
        };
        check("1.50", Ok("1.5"));
        check("-0.00000001", Ok("-0.00000001"));
        check("1e-05", Ok("0.00001"));
        check("2.5E3", Ok("2500"));
        check(".5", Ok("0.5"));
        check("7.", Ok("7"));
        check(" 12 ", Ok("12"));
        check("0e99", Ok("0"));
        check("1e-19", Err(DecimalError::TooFine { max: 18 }));
        check("1e30", Err(DecimalError::TooLarge));
        for text in ["", ".", "-", "nan", "1,5", "1e", "1.2.3", "0x1", "--1"] {
            check(text, Err(DecimalError::NotANumber));
        }
        let scaled = Decimal::parse("5859400").and_then(|value| value.times(Decimal::parse("0.0001")?));
        assert_eq!(scaled.and_then(Decimal::money), Ok(Money::parse("585.94").expect("a number")));
    }

    #[test]
    fn steps_are_counted_alike_on_every_grid() {
        let long = "123456789012345678901.25";
        for step in ["0.01", "0.05", "1", "10", "0.000000000000000001", "0.25"] {
            let size = Money::parse(step).expect("a step");
            for text in ["0", "1", "-7.25", "100e-2", "12.345", "9223372036854775807", "1e18", "1e30", long] {
                let number = Decimal::parse(text).expect("a number");
                let plain = number.money().and_then(|money| money.steps_of(size));
                assert_eq!(Step::new(size).count(number), plain, "{text} in {step}");
            }
        }
    }
}
