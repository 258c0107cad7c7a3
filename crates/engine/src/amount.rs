//! Arithmetic on amounts that were bounded at the door. An overflow here is a bug, not an input:
//! an order's value stays below 2^96, a position's below 2^110, an asset's whole supply below 2^120.

use model::Money;

/// The most one order may be worth, in 10⁻¹⁸ units.
pub(crate) const ORDER_VALUE_MAX: i128 = 1 << 96;
/// The most a position and its open orders may be worth.
pub(crate) const POSITION_VALUE_MAX: i128 = 1 << 110;
/// The most of one asset that may have been paid into the house.
pub(crate) const SUPPLY_MAX: i128 = 1 << 120;
/// The most lots in a position and its open orders.
pub(crate) const POSITION_QTY_MAX: i64 = 1 << 60;

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
    let (Some(each), Some(rest)) = (amount.checked_div(whole), amount.checked_rem(whole)) else { return 0 };
    let of_rest = rest.checked_mul(part).and_then(|product| product.checked_div(whole)).expect(BOUNDED);
    each.checked_mul(part).and_then(|product| product.checked_add(of_rest)).expect(BOUNDED)
}

/// `amount × rate` in parts of 10⁻⁹, rounded up: against the payer, for a rebate against the receiver.
#[inline]
pub(crate) fn rated(amount: i128, rate: model::Rate) -> i128 {
    let product = amount.checked_mul(i128::from(rate.0)).expect(BOUNDED);
    let down = product.div_euclid(i128::from(model::Rate::ONE.0));
    let exact = product.rem_euclid(i128::from(model::Rate::ONE.0)) == 0;
    if exact { down } else { down.checked_add(1).expect(BOUNDED) }
}

#[inline]
pub(crate) fn money(amount: i128) -> Money {
    Money(amount)
}
