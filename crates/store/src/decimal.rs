//! Exact decimals at the edge of a database: the text of a price, a quantity or an amount, and PostgreSQL's
//! binary form of it. Nothing is rounded and nothing overflows: products are counted in 256 bits.

use model::Money;
use std::fmt;

/// A decimal as exact text: an optional sign, digits, and a point with digits where there is a fraction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

/// Digits after the point of an amount.
const SCALE: usize = Money::SCALE as usize;
/// PostgreSQL counts in digits of ten thousand.
const BASE_DIGITS: usize = 4;

impl Decimal {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount, if it is one that can be counted.
    #[must_use]
    pub fn to_money(&self) -> Option<Money> {
        Money::parse(&self.0).ok()
    }

    pub(crate) fn from_stored(text: String) -> Self {
        let Some((_, fraction)) = text.split_once('.') else { return Self(text) };
        let zeros = fraction.bytes().rev().take_while(|byte| *byte == b'0').count();
        let point = usize::from(zeros == fraction.len());
        let mut text = text;
        text.truncate(text.len().saturating_sub(zeros.saturating_add(point)));
        Self(text)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        Self(scaled(money.0.is_negative(), &digits_of(money.0.unsigned_abs()), SCALE))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// So many steps of so much each: ticks × tick, lots × lot.
pub(crate) fn steps(count: i64, step: Money) -> Decimal {
    if let Some(product) = i128::from(count).checked_mul(step.0) {
        return Decimal::from(Money(product));
    }
    let negative = count.is_negative() != step.0.is_negative();
    let digits = multiplied(&digits_of(step.0.unsigned_abs()), count.unsigned_abs());
    Decimal(scaled(negative, &digits, SCALE))
}

/// Decimal digits, the first first; at least one. Long numbers are cut into parts that a register holds.
fn digits_of(value: u128) -> Vec<u8> {
    const PART: u128 = 10_000_000_000_000_000_000;
    let part = |value: u128| u64::try_from(value % PART).unwrap_or(0);
    let (high, middle, low) = (part(value / PART / PART), part(value / PART), part(value));
    let mut digits = Vec::with_capacity(40);
    for part in [high, middle, low] {
        let from = digits.len();
        let mut rest = part;
        while rest > 0 {
            digits.push(b'0' + u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
        }
        if from > 0 {
            // Behind other digits a part is as long as parts are.
            digits.resize(from + 19, b'0');
        }
        if let Some(written) = digits.get_mut(from..) {
            written.reverse();
        }
    }
    if digits.is_empty() {
        digits.push(b'0');
    }
    digits
}

fn digit(value: u128) -> u8 {
    b'0' + u8::try_from(value).unwrap_or(0)
}

/// Long multiplication of digits by a number.
fn multiplied(digits: &[u8], by: u64) -> Vec<u8> {
    let (mut product, mut carry) = (Vec::with_capacity(digits.len() + 20), 0u128);
    for byte in digits.iter().rev() {
        let sum = u128::from(byte - b'0') * u128::from(by) + carry;
        product.push(digit(sum % 10));
        carry = sum / 10;
    }
    while carry > 0 {
        product.push(digit(carry % 10));
        carry /= 10;
    }
    product.reverse();
    product
}

fn scaled(negative: bool, digits: &[u8], scale: usize) -> String {
    let split = digits.len().saturating_sub(scale);
    let (whole, fraction) = digits.split_at(split);
    let kept = fraction.len() - fraction.iter().rev().take_while(|byte| **byte == b'0').count();
    let zero = whole.iter().all(|byte| *byte == b'0') && kept == 0;
    let mut text = Vec::with_capacity(scale + digits.len() + 3);
    if negative && !zero {
        text.push(b'-');
    }
    text.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if kept > 0 {
        text.push(b'.');
        text.resize(text.len() + scale.saturating_sub(fraction.len()), b'0');
        text.extend_from_slice(fraction.get(..kept).unwrap_or_default());
    }
    String::from_utf8(text).unwrap_or_default()
}

/// PostgreSQL's `numeric` in its binary form; none for text that is no decimal.
pub(crate) fn to_numeric(text: &str) -> Option<Vec<u8>> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let lead = whole.len().div_ceil(BASE_DIGITS) * BASE_DIGITS;
    let tail = fraction.len().div_ceil(BASE_DIGITS) * BASE_DIGITS;
    let padded = format!("{whole:0>lead$}{fraction:0<tail$}");
    let mut groups: Vec<i16> = Vec::new();
    for at in (0..padded.len()).step_by(BASE_DIGITS) {
        groups.push(padded.get(at..at + BASE_DIGITS)?.parse().ok()?);
    }
    let mut weight = i16::try_from(lead / BASE_DIGITS).ok()?.checked_sub(1)?;
    let zeros = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..zeros);
    weight = weight.checked_sub(i16::try_from(zeros).ok()?)?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let sign: u16 = if negative && !groups.is_empty() { 0x4000 } else { 0 };
    let mut out = Vec::with_capacity(8 + groups.len() * 2);
    out.extend(i16::try_from(groups.len()).ok()?.to_be_bytes());
    out.extend(if groups.is_empty() { 0i16 } else { weight }.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(i16::try_from(fraction.len()).ok()?.to_be_bytes());
    groups.iter().for_each(|group| out.extend(group.to_be_bytes()));
    Some(out)
}

/// The text of a `numeric`; none for what is no number, and for bytes that are no `numeric`.
pub(crate) fn from_numeric(bytes: &[u8]) -> Option<Decimal> {
    let mut words = bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] => i16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let (count, weight, sign, scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let groups: Vec<i16> = words.collect();
    let finite = sign == 0 || sign == 0x4000;
    if !finite || usize::try_from(count).ok()? != groups.len() {
        return None;
    }
    let (mut whole, mut fraction) = (String::new(), String::new());
    let at = |place: i32| {
        let index = usize::try_from(i32::from(weight) - place).ok()?;
        groups.get(index).copied()
    };
    for place in (0..=i32::from(weight).max(0)).rev() {
        whole.push_str(&format!("{:04}", at(place).unwrap_or(0)));
    }
    let places = (usize::try_from(scale).ok()?).div_ceil(BASE_DIGITS);
    for place in 1..=i32::try_from(places).ok()? {
        fraction.push_str(&format!("{:04}", at(-place).unwrap_or(0)));
    }
    fraction.truncate(usize::try_from(scale).ok()?);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if sign == 0x4000 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Decimal::from_stored(format!("{sign}{whole}{point}{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_exact_where_128_bits_are_too_few() {
        let check = |count, step, expected: &str| assert_eq!(steps(count, Money(step)).as_str(), expected);
        check(201, 50_000_000_000_000_000, "10.05");
        check(-1, 1, "-0.000000000000000001");
        check(0, 7, "0");
        check(1, 10_i128.pow(19), "10");
        check(1, 10_i128.pow(38) + 1, "100000000000000000000.000000000000000001");
        check(i64::MIN, Money::ONE.0, "-9223372036854775808");
        check(i64::MAX, i128::MAX, "1569275433846670190788806172341447372284.678185363269746689");
    }

    #[test]
    fn stored_text_loses_only_idle_zeros() {
        for (stored, expected) in [("1.50", "1.5"), ("100", "100"), ("2.000", "2"), ("-0.10", "-0.1")] {
            assert_eq!(Decimal::from_stored(stored.to_owned()).as_str(), expected);
        }
        assert_eq!(to_numeric("1e3"), None);
        assert_eq!(to_numeric(""), None);
        assert_eq!(from_numeric(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "not a number");
    }

    proptest! {
        #[test]
        fn a_decimal_survives_its_binary_form(value: i128) {
            let decimal = Decimal::from(Money(value));
            prop_assert_eq!(decimal.to_money(), (value != i128::MIN).then_some(Money(value)));
            let bytes = to_numeric(decimal.as_str()).unwrap();
            prop_assert_eq!(from_numeric(&bytes), Some(decimal));
        }
    }
}
