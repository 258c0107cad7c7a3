//! Order books of venues made again from their changes: by level, or by single orders.

mod levels;
mod orders;
mod replay;

pub use levels::{Chaining, DepthBook, DepthStep};
pub use orders::{OrderBook, OrderEffect};

use model::{Level, Price, Qty, Side};
use std::collections::BTreeMap;

/// The levels of both sides; prices in ticks, quantities in lots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Levels {
    #[must_use]
    pub fn best_bid(&self) -> Option<Level> {
        self.bids.last_key_value().map(level)
    }

    #[must_use]
    pub fn best_ask(&self) -> Option<Level> {
        self.asks.first_key_value().map(level)
    }

    /// From the best on.
    #[must_use]
    pub fn side(&self, side: Side) -> Box<dyn Iterator<Item = Level> + '_> {
        match side {
            Side::Buy => Box::new(self.bids.iter().rev().map(level)),
            Side::Sell => Box::new(self.asks.iter().map(level)),
        }
    }

    /// Whether a bid is at or above an ask.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        let best = self.bids.last_key_value().zip(self.asks.first_key_value());
        best.is_some_and(|((bid, _), (ask, _))| bid >= ask)
    }

    #[must_use]
    pub fn qty(&self, side: Side, price: Price) -> Qty {
        let levels = if side == Side::Buy { &self.bids } else { &self.asks };
        Qty(levels.get(&price.0).copied().unwrap_or(0))
    }

    /// A quantity of zero or less removes the level.
    pub(crate) fn set(&mut self, side: Side, price: Price, qty: Qty) {
        let levels = if side == Side::Buy { &mut self.bids } else { &mut self.asks };
        if qty.0 > 0 {
            levels.insert(price.0, qty.0);
        } else {
            levels.remove(&price.0);
        }
    }

    pub(crate) fn change(&mut self, side: Side, price: Price, by: i64) {
        let qty = self.qty(side, price).0.saturating_add(by);
        self.set(side, price, Qty(qty));
    }

    pub(crate) fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }
}

fn level((price, qty): (&i64, &i64)) -> Level {
    Level { price: Price(*price), qty: Qty(*qty) }
}
