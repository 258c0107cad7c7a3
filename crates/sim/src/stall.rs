//! One market at the pretend venue: what is known of it, and who works there.

use crate::depth::Depth;
use crate::exact::Exact;
use crate::fee::FeeTable;
use crate::order::Working;
use crate::printed::Printed;
use model::{Money, Price, Qty, Side};

#[derive(Clone, Debug)]
pub(crate) struct Stall {
    /// What one lot is worth for each tick of its price, and how much a lot is.
    pub(crate) unit: Money,
    pub(crate) lot: Money,
    pub(crate) fees: FeeTable,
    pub(crate) working: Vec<Working>,
    pub(crate) last: Option<Price>,
    /// Of the bar that is under way, and how much of it may still be ours.
    pub(crate) volume: Qty,
    pub(crate) room: Option<i64>,
    /// A bar has closed and the next has not opened: there is no price to trade at.
    pub(crate) is_between: bool,
    /// The market said so; the rules may say so too.
    pub(crate) is_halted: bool,
    /// The days of the last opening and closing auction.
    pub(crate) opened: i64,
    pub(crate) closed: i64,
    pub(crate) day: i64,
    pub(crate) depth: Depth,
    pub(crate) exact: Exact,
    pub(crate) printed: Printed,
}

impl Stall {
    pub(crate) fn value(&self, price: Price, qty: Qty) -> Money {
        let ticks = i128::from(price.0).saturating_mul(i128::from(qty.0));
        Money(ticks.saturating_mul(self.unit.0))
    }

    /// How much of `qty` may be traded yet in this bar.
    pub(crate) fn allowed(&self, qty: Qty) -> Qty {
        Qty(self.room.map_or(qty.0, |room| room.min(qty.0)))
    }

    pub(crate) fn has_depth(&self) -> bool {
        self.depth.best(Side::Buy).is_some() || self.depth.best(Side::Sell).is_some()
    }

    pub(crate) fn find(&self, order: model::OrderId) -> Option<usize> {
        self.working.iter().position(|working| working.order == order)
    }

    /// What stands at a price before somebody who joins there now.
    pub(crate) fn queue_at(&self, side: Side, price: Price) -> f64 {
        if self.exact.is_known() {
            self.exact.at(side, price).0 as f64
        } else {
            self.depth.at(side, price).0 as f64
        }
    }
}
