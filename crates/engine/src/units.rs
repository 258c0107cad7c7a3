//! What an instrument's ticks and lots are worth, worked out once at listing, so that the value and the fee
//! of a trade are multiplications. Where a rate does not divide evenly the fee is rounded up instead.

use crate::amount::{ORDER_VALUE_MAX, rated};
use model::{Fees, Instrument, Money, Price, Qty, Rate};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Units {
    /// Quote per tick and lot.
    value: i128,
    /// Base per lot.
    pub(crate) lot: i128,
    maker: Charge,
    taker: Charge,
    /// What both sides of an auction pay: the maker's fee, and no rebate, which nobody would pay for.
    auction: Charge,
    /// What an open order must be able to pay.
    worst: Charge,
    /// What a buy costs per tick and lot, worst fee included, where that is exact.
    cost: Option<i128>,
    /// The most ticks × lots that an order may be worth, and the most lots that it may deliver.
    count_max: i128,
    lots_max: i64,
}

/// A rate, and what it comes to per tick and lot where that is exact.
#[derive(Clone, Copy, Debug)]
struct Charge {
    rate: Rate,
    each: Option<i128>,
}

impl Units {
    /// None when a tick of a lot is not a whole number of 10⁻¹⁸, or too large to count with.
    pub(crate) fn of(instrument: &Instrument) -> Option<Self> {
        let value = tick_value(instrument)?;
        Some(Self::with(value, instrument.lot.0, &instrument.fees))
    }

    fn with(value: i128, lot: i128, fees: &Fees) -> Self {
        let charge = |rate: Rate| Charge { rate, each: exact(value, rate) };
        let worst = charge(fees.maker.max(fees.taker).max(Rate::ZERO));
        let cost = worst.each.and_then(|fee| fee.checked_add(value));
        let count_max = ORDER_VALUE_MAX.checked_div(value).unwrap_or(0);
        let lots_max = ORDER_VALUE_MAX.checked_div(lot).unwrap_or(0);
        let lots_max = i64::try_from(lots_max).unwrap_or(i64::MAX);
        let (maker, taker) = (charge(fees.maker), charge(fees.taker));
        let auction = charge(fees.maker.max(Rate::ZERO));
        Self { value, lot, maker, taker, auction, worst, cost, count_max, lots_max }
    }

    /// The same grid under other fees.
    pub(crate) fn charging(&self, fees: &Fees) -> Self {
        Self::with(self.value, self.lot, fees)
    }

    /// Price × quantity in quote, for an order that is `countable`.
    #[inline]
    pub(crate) fn value(&self, price: Price, qty: Qty) -> i128 {
        count(price, qty).wrapping_mul(self.value)
    }

    /// The same as a size, of whatever is held; none if it is too large to count.
    #[inline]
    pub(crate) fn size(&self, price: Price, qty: Qty) -> Option<i128> {
        count(price, qty).checked_mul(self.value)?.checked_abs()
    }

    /// Price × quantity in quote, of whatever comes from outside; none where it cannot be counted.
    pub(crate) fn worth(&self, price: Price, qty: Qty) -> Option<i128> {
        count(price, qty).checked_mul(self.value)
    }

    /// Whether the order's value and what it delivers are no more than an order may be worth.
    #[inline]
    pub(crate) fn countable(&self, price: Price, qty: Qty) -> bool {
        count(price, qty).wrapping_abs() <= self.count_max && qty.0 <= self.lots_max
    }

    /// What a buy costs at the most: its value and the worst fee.
    #[inline]
    pub(crate) fn cost(&self, price: Price, qty: Qty) -> i128 {
        match self.cost {
            Some(each) => count(price, qty).wrapping_mul(each),
            None => self.value(price, qty).wrapping_add(self.worst_fee(price, qty)),
        }
    }

    /// How that changes with the open quantity.
    #[inline]
    pub(crate) fn cost_change(&self, price: Price, before: Qty, after: Qty) -> i128 {
        match self.cost {
            Some(each) => count(price, Qty(after.0.wrapping_sub(before.0))).wrapping_mul(each),
            None => self.cost(price, after).wrapping_sub(self.cost(price, before)),
        }
    }

    #[inline]
    pub(crate) fn maker_fee(&self, price: Price, qty: Qty) -> i128 {
        self.fee(&self.maker, price, qty)
    }

    #[inline]
    pub(crate) fn taker_fee(&self, price: Price, qty: Qty) -> i128 {
        self.fee(&self.taker, price, qty)
    }

    #[inline]
    pub(crate) fn auction_fee(&self, price: Price, qty: Qty) -> i128 {
        self.fee(&self.auction, price, qty)
    }

    /// The most fee the quantity can come to at this price.
    #[inline]
    pub(crate) fn worst_fee(&self, price: Price, qty: Qty) -> i128 {
        let fee = self.fee(&self.worst, price, qty);
        // Every fill may round up by one unit, and there are at most as many fills as lots.
        if self.worst.each.is_some() { fee } else { fee.wrapping_add(i128::from(qty.0)) }
    }

    #[inline]
    fn fee(&self, charge: &Charge, price: Price, qty: Qty) -> i128 {
        match charge.each {
            Some(each) => count(price, qty).wrapping_abs().wrapping_mul(each),
            None => rated(self.value(price, qty).wrapping_abs(), charge.rate),
        }
    }
}

#[inline]
fn count(price: Price, qty: Qty) -> i128 {
    i128::from(price.0).wrapping_mul(i128::from(qty.0))
}

fn exact(value: i128, rate: Rate) -> Option<i128> {
    let product = value.checked_mul(i128::from(rate.0))?;
    (product.checked_rem(i128::from(Rate::ONE.0))? == 0)
        .then(|| product.checked_div(i128::from(Rate::ONE.0)))?
}

/// Tick × lot × multiplier, exact.
fn tick_value(instrument: &Instrument) -> Option<i128> {
    let (mut value, one) = (instrument.tick.0, Money::ONE.0);
    for factor in [instrument.lot.0, instrument.multiplier.0] {
        value = exact_product(value, factor, one)?;
    }
    (value > 0 && value <= ORDER_VALUE_MAX).then_some(value)
}

/// `a × b ÷ one` if that is whole; the common factors go first, so that the product stays in range.
fn exact_product(a: i128, b: i128, one: i128) -> Option<i128> {
    let by_a = common(a, one);
    let left = one.checked_div(by_a)?;
    let by_b = common(b, left);
    if left.checked_div(by_b)? != 1 {
        return None;
    }
    a.checked_div(by_a)?.checked_mul(b.checked_div(by_b)?)
}

fn common(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a.max(1)
}
