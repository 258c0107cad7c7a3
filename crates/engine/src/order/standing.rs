//! An order of the book in a match: what it was before, what is left of it, what it does next.

use crate::Engine;
use crate::book::Front;
use crate::ledger::Fill;
use crate::orders::Record;
use model::{Event, Money, OrderStatus, Qty, TradeSide};

#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) slot: u32,
    pub(super) order: Record,
    shown: Qty,
    /// All that is open of it, before the match and after.
    pub(super) before: Qty,
    pub(super) left: Qty,
}

impl Standing {
    /// Before the book is changed.
    #[inline(always)]
    pub(super) fn of(engine: &Engine, front: &Front, qty: Qty) -> Self {
        let slot = front.slot;
        let order = *engine.orders.at(slot);
        let shown = engine.orders.nodes.node(slot).qty;
        let before = if order.special { engine.orders.left(slot) } else { shown };
        Self { slot, order, shown, before, left: Qty(before.0.wrapping_sub(qty.0)) }
    }

    #[inline(always)]
    pub(super) fn fill(&self, qty: Qty, value: i128, fee: i128) -> Fill {
        let Record { holding, side, reduce_only, .. } = self.order;
        Fill { holding, side, qty, value, fee, reduces: reduce_only }
    }
}

impl Engine {
    #[inline(always)]
    pub(super) fn side_of(&self, standing: &Standing, fee: i128) -> TradeSide {
        let held = self.ledger.positions.at(standing.order.holding);
        TradeSide {
            order: standing.order.id,
            account: held.account,
            book: held.book,
            left: standing.left,
            fee: Money(fee),
        }
    }

    /// The match is told: the order ends, shows its next part, or stands as it is.
    #[inline(always)]
    pub(super) fn stand_on(&mut self, standing: &Standing, qty: Qty, events: &mut Vec<Event>) {
        if standing.order.special {
            self.count_fill(standing.slot, qty);
        }
        if standing.left.is_zero() {
            self.end_order(standing.slot, OrderStatus::Filled, events);
        } else if qty == standing.shown {
            self.replenish(standing.slot, standing.left, events);
        }
    }
}
