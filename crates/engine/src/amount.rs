//! Arithmetic on amounts that were bounded at the door. An overflow here is a bug, not an input:
//! an order's value stays below 2^110, a position's below 2^116, an asset's whole supply below 2^120.

use model::Money;

/// The most one order may be worth, in 10⁻¹⁸ units.
pub(crate) const ORDER_VALUE_MAX: i128 = 1 << 110;
/// The most a position and its open orders may be worth.
pub(crate) const POSITION_VALUE_MAX: i128 = 1 << 116;
/// The most of one asset that may have been paid into the house.
pub(crate) const SUPPLY_MAX: i128 = 1 << 120;
/// The most lots in a position and its open orders.
pub(crate) const POSITION_QTY_MAX: i64 = 1 << 60;

/// An amount and a part below these have a product of less than 127 bits.
const NARROW: u128 = 1 << 86;
const NARROW_PART: i128 = 1 << 40;

const BOUNDED: &str = "invariant: amounts are bounded at the door";

#[inline]
pub(crate) fn add(to: &mut i128, amount: i128) {
    *to = to.checked_add(amount).expect(BOUNDED);
}

#[inline]
pub(crate) fn sub(from: &mut i128, amount: i128) {
    *from = from.checked_sub(amount).expect(BOUNDED);
}

#[inline]
pub(crate) fn add_qty(to: &mut i64, qty: i64) {
    *to = to.checked_add(qty).expect(BOUNDED);
}

#[inline]
pub(crate) fn sub_qty(from: &mut i64, qty: i64) {
    *from = from.checked_sub(qty).expect(BOUNDED);
}

/// `amount × part ÷ whole`, rounded towards zero, for `0 ≤ part ≤ whole`: the quotient first, so that
/// no product leaves 128 bits.
#[inline]
pub(crate) fn share(amount: i128, part: i64, whole: i64) -> i128 {
    let (part, whole) = (i128::from(part), i128::from(whole));
    if amount.unsigned_abs() < NARROW && part < NARROW_PART {
        return amount.wrapping_mul(part).checked_div(whole).unwrap_or(0);
    }
    let (Some(each), Some(rest)) = (amount.checked_div(whole), amount.checked_rem(whole)) else { return 0 };
    let of_rest = rest.checked_mul(part).and_then(|product| product.checked_div(whole)).expect(BOUNDED);
    each.checked_mul(part).and_then(|product| product.checked_add(of_rest)).expect(BOUNDED)
}

/// `amount × rate` in parts of 10⁻⁹, rounded up: against the payer, for a rebate against the receiver.
#[inline]
pub(crate) fn rated(amount: i128, rate: model::Rate) -> i128 {
    let (one, rate) = (i128::from(model::Rate::ONE.0), i128::from(rate.0));
    let whole = amount.div_euclid(one).checked_mul(rate).expect(BOUNDED);
    let rest = amount.rem_euclid(one).checked_mul(rate).expect(BOUNDED);
    let up = i128::from(rest.rem_euclid(one) != 0);
    let rest = rest.div_euclid(one).checked_add(up).expect(BOUNDED);
    whole.checked_add(rest).expect(BOUNDED)
}

#[inline]
pub(crate) fn money(amount: i128) -> Money {
    Money(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Rate;

    #[test]
    fn shares_and_rates_are_exact_to_the_last_unit_and_in_range() {
        assert_eq!(rated(1_000_000_000, Rate(200_000)), 200_000);
        assert_eq!(rated(1, Rate(1)), 1);
        assert_eq!(rated(-1, Rate(1)), 0);
        assert_eq!(rated(3_000_000_001, Rate(-500_000_000)), -1_500_000_000);
        assert_eq!(rated(POSITION_VALUE_MAX, Rate::ONE), POSITION_VALUE_MAX);
        assert_eq!(share(-100, 1, 3), -33);
        assert_eq!(share(1 << 86, 1, 3), (1 << 86) / 3);
        assert_eq!(share((1 << 86) - 1, (1 << 40) - 1, 1 << 40), (1 << 86) - 1 - (1 << 46));
        assert_eq!(share(POSITION_VALUE_MAX, POSITION_QTY_MAX, POSITION_QTY_MAX), POSITION_VALUE_MAX);
    }
}
