//! Arithmetic on amounts, with room for any product of two of them. None where the result cannot be counted.

use model::Rate;

/// `a × b ÷ c`, rounded towards zero.
pub(super) fn mul_div(a: i128, b: i128, c: i128) -> Option<i128> {
    if let Some(product) = a.checked_mul(b) {
        return product.checked_div(c);
    }
    let negative = (a < 0) ^ (b < 0) ^ (c < 0);
    let size = wide_mul_div(a.unsigned_abs(), b.unsigned_abs(), c.unsigned_abs())?;
    let size = i128::try_from(size).ok()?;
    Some(if negative { size.checked_neg()? } else { size })
}

/// Binary long division of the 256-bit product.
fn wide_mul_div(a: u128, b: u128, c: u128) -> Option<u128> {
    let (high, low) = wide_mul(a, b);
    if high >= c {
        return None;
    }
    let (mut rest, mut quotient) = (high, 0u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127;
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if carry == 1 || rest >= c {
            rest = rest.wrapping_sub(c);
            quotient |= 1;
        }
    }
    Some(quotient)
}

fn wide_mul(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = (1 << 64) - 1;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, mid, other, high) = (a0 * b0, a1 * b0, a0 * b1, a1 * b1);
    let carry = (low >> 64) + (mid & LOW) + (other & LOW);
    (high + (mid >> 64) + (other >> 64) + (carry >> 64), (carry << 64) | (low & LOW))
}

/// `amount × rate`, rounded up: as the ledger charges it.
pub(super) fn rated(amount: i128, rate: Rate) -> Option<i128> {
    let (one, rate) = (i128::from(Rate::ONE.0), i128::from(rate.0));
    let rest = amount.rem_euclid(one) * rate;
    let rest = rest.div_euclid(one) + i128::from(rest.rem_euclid(one) != 0);
    amount.div_euclid(one).checked_mul(rate)?.checked_add(rest)
}

/// `a × b ÷ 10¹⁸`, if that is whole.
pub(super) fn whole_product(a: i128, b: i128) -> Option<i128> {
    let one = model::Money::ONE.0;
    let product = mul_div(a, b, one)?;
    // Whole if the low bits agree: a remainder is less than 10¹⁸, so it shows in them.
    (product.wrapping_mul(one) == a.wrapping_mul(b)).then_some(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_256_bits_are_divided_exactly() {
        assert_eq!(mul_div(7, 3, 2), Some(10));
        assert_eq!(mul_div(-7, 3, 2), Some(-10));
        assert_eq!(mul_div(i128::MAX, i128::MAX, i128::MAX), Some(i128::MAX));
        assert_eq!(mul_div(i128::MAX, 3, -4), Some(-127605887595351923798765477786913079295));
        assert_eq!(mul_div(i128::MAX, 2, 1), None);
        assert_eq!(mul_div(1 << 100, 1 << 100, 1 << 101), Some(1 << 99));
        assert_eq!(mul_div(5, 5, 0), None);
        assert_eq!(whole_product(model::Money::ONE.0 * 3, 5), Some(15));
        assert_eq!(whole_product(1, 5), None);
    }

    #[test]
    fn a_fee_is_rounded_against_the_payer() {
        assert_eq!(rated(1, Rate(1)), Some(1));
        assert_eq!(rated(-1, Rate(1)), Some(0));
        assert_eq!(rated(3_000_000_001, Rate(-500_000_000)), Some(-1_500_000_000));
    }
}
