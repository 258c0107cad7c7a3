//! What a strategy may look at beside the fact it is told: where it stands in each of its markets, and what its
//! account is worth. All of it was known at `time`; nothing here knows more.

use super::Tag;
use model::{Price, Qty, Quote, Side, Time};

#[derive(Clone, Copy)]
pub struct View<'a> {
    pub time: Time,
    pub markets: &'a [Market],
    look: &'a dyn Look,
}

/// What has to be worked out before it can be said, and only is where somebody asks.
pub trait Look {
    /// What the account is worth, in its currency; none where a price is missing.
    fn equity(&self) -> Option<f64>;
}

impl<'a> View<'a> {
    #[must_use]
    pub fn new(time: Time, markets: &'a [Market], look: &'a dyn Look) -> Self {
        Self { time, markets, look }
    }

    #[must_use]
    pub fn equity(&self) -> Option<f64> {
        self.look.equity()
    }

    #[must_use]
    pub fn market(&self, at: usize) -> Market {
        self.markets.get(at).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn held(&self, at: usize) -> Qty {
        self.market(at).held
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Market {
    /// The price of one tick, and what one lot is worth for each tick of its price.
    pub tick: f64,
    pub tick_value: f64,
    /// The strategy's own position.
    pub held: Qty,
    pub last: Option<Price>,
    pub quote: Option<Quote>,
}

impl Market {
    /// A price as a number.
    #[must_use]
    pub fn price(&self, price: Price) -> f64 {
        price.0 as f64 * self.tick
    }

    /// So many whole lots can be had for an amount at this price: never more.
    #[must_use]
    pub fn lots_for(&self, amount: f64, price: Price) -> Qty {
        let lots = amount / (price.0 as f64 * self.tick_value);
        if lots.is_finite() { Qty(floor(lots)) } else { Qty::ZERO }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a conversion from floating point saturates")]
fn floor(number: f64) -> i64 {
    number.clamp(-1e15, 1e15).trunc() as i64
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub at: usize,
    pub tag: Tag,
    pub side: Side,
    pub qty: Qty,
    pub price: Price,
    /// What is open of the order after this.
    pub left: Qty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub at: usize,
    pub tag: Tag,
    pub left: Qty,
    /// It never worked: a check or the venue refused it.
    pub is_refused: bool,
}
