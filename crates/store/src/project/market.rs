//! An instrument as the projection counts with it: what a tick of a lot is worth, what an open order reserves,
//! and what is known of its prices. The same numbers as the engine's, from the same listing.

use super::amount::{mul_div, rated, whole_product};
use crate::decimal::{Decimal, steps};
use model::{AssetId, Instrument, Level, Money, Price, Qty, Rate, Side, Symbol, VenueId};

#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub(super) symbol: Symbol,
    pub(super) exchange: String,
    pub(super) venue: VenueId,
    /// Listed at an outside venue.
    pub(super) outside: bool,
    pub(super) base: Option<AssetId>,
    pub(super) quote: AssetId,
    pub(super) tick: Money,
    pub(super) lot: Money,
    /// Quote per tick and lot.
    pub(super) each: i128,
    pub(super) delivered: bool,
    pub(super) initial: Rate,
    pub(super) maker: Rate,
    pub(super) taker: Rate,
    pub(super) state: &'static str,
    pub(super) last: Option<Price>,
    pub(super) mark: Option<Price>,
    pub(super) bid: Option<Level>,
    pub(super) ask: Option<Level>,
    /// Until its row is written.
    pub(super) listing: Option<Box<Instrument>>,
}

impl Market {
    /// What a tick of a lot is worth; none where that is no whole number of units.
    pub(crate) fn each_of(tick: Money, lot: Money, multiplier: Money) -> Option<i128> {
        // The order of the factors decides whether the first product is whole.
        let either = |a: Money, b: Money, c: Money| whole_product(whole_product(a.0, b.0)?, c.0);
        either(tick, multiplier, lot)
            .or_else(|| either(tick, lot, multiplier))
            .or_else(|| either(lot, multiplier, tick))
    }

    pub(super) fn value(&self, price: Price, qty: i64) -> Option<i128> {
        i128::from(price.0).checked_mul(qty.into())?.checked_mul(self.each)
    }

    pub(super) fn worst_fee(&self, price: Price, qty: i64) -> Option<i128> {
        let worst = self.maker.max(self.taker).max(Rate::ZERO);
        let value = self.value(price, qty)?.checked_abs()?;
        let each = self.each.checked_mul(worst.0.into())?;
        let fee = rated(value, worst)?;
        // Every fill may round up by one unit, and there are at most as many fills as lots.
        if each % i128::from(Rate::ONE.0) == 0 { Some(fee) } else { fee.checked_add(qty.into()) }
    }

    /// What a resting order of a cash account keeps locked.
    pub(super) fn reserved(&self, side: Side, price: Price, left: i64) -> Option<i128> {
        match side {
            Side::Sell => i128::from(left).checked_mul(self.lot.0),
            Side::Buy => self.value(price, left)?.checked_add(self.buy_fee(price, left)?),
        }
    }

    /// Where a fee is exact per tick and lot it follows the sign of the price, as the value does.
    fn buy_fee(&self, price: Price, left: i64) -> Option<i128> {
        let worst = self.maker.max(self.taker).max(Rate::ZERO);
        let each = self.each.checked_mul(worst.0.into())?;
        if each % i128::from(Rate::ONE.0) != 0 {
            return self.worst_fee(price, left);
        }
        let count = i128::from(price.0).checked_mul(left.into())?;
        count.checked_mul(each / i128::from(Rate::ONE.0))
    }

    pub(super) fn price(&self, price: Price) -> Decimal {
        steps(price.0, self.tick)
    }

    pub(super) fn quantity(&self, qty: i64) -> Decimal {
        steps(qty, self.lot)
    }

    /// The price at which `qty` lots are worth `value`, to the last of 18 digits.
    pub(super) fn average(&self, value: i128, qty: i64) -> Option<Decimal> {
        let all = i128::from(qty).checked_mul(self.each)?;
        let ticks = value.checked_div(all)?;
        let part = mul_div(value.checked_rem(all)?, self.tick.0, all)?;
        ticks.checked_mul(self.tick.0)?.checked_add(part).map(|price| Money(price).into())
    }

    /// What it is worth now, as far as is known.
    pub(super) fn fair(&self) -> Option<Price> {
        self.mark.or(self.last)
    }

    pub(super) fn level(&self, level: Option<Level>) -> (Option<Decimal>, Option<Decimal>) {
        let price = level.map(|level| self.price(level.price));
        (price, level.map(|Level { qty: Qty(lots), .. }| self.quantity(lots)))
    }
}
