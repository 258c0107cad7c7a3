//! Ends: an order leaves the book, its money is free again, its slot too; its client id is kept a day.

use crate::Engine;
use crate::amount::sub_qty;
use crate::clients::NO_CLIENT;
use model::{CancelCause, Event, InstrumentId, OrderId, OrderStatus, Qty, Side, Time};

impl Engine {
    /// The bookkeeping of every end. The order must not rest any more.
    #[inline]
    pub(crate) fn end_order(&mut self, slot: u32, status: OrderStatus) {
        let order = self.orders.at(slot);
        let (id, client, ends) = (order.id, order.client, order.ends);
        if client != NO_CLIENT {
            self.clients.end(client, status, self.time);
        }
        if ends != Time::MAX {
            self.ends.remove(&(ends, id.0));
            self.next_end = self.ends.first().map_or(Time::MAX, |first| first.0);
        }
        self.orders.close(slot, status);
    }

    /// The end of an order that never came to rest.
    pub(crate) fn end_unrested(&mut self, slot: u32, left: Qty, cause: CancelCause, events: &mut Vec<Event>) {
        events.push(Event::OrderCancelled { order: self.orders.at(slot).id, left, cause });
        self.end_order(slot, OrderStatus::Cancelled);
    }

    pub(crate) fn cancel_resting(&mut self, slot: u32, cause: CancelCause, events: &mut Vec<Event>) {
        let left = self.take_out(slot);
        events.push(Event::OrderCancelled { order: self.orders.at(slot).id, left, cause });
        self.end_order(slot, OrderStatus::Cancelled);
    }

    pub(crate) fn expire_resting(&mut self, slot: u32, events: &mut Vec<Event>) {
        let left = self.take_out(slot);
        events.push(Event::OrderExpired { order: self.orders.at(slot).id, left });
        self.end_order(slot, OrderStatus::Expired);
    }

    /// Takes a resting order out of the book and frees what it had reserved; gives what was left of it.
    #[inline]
    pub(crate) fn take_out(&mut self, slot: u32) -> Qty {
        let left = self.orders.left(slot);
        let order = *self.orders.at(slot);
        self.with_listing(order.holding, |listed, orders, ledger| {
            listed.book.remove(&mut orders.nodes, slot);
            let initial = listed.instrument.margin.initial;
            let at = (order.side, order.price);
            ledger.rereserve(order.holding, &listed.units, initial, at, (left, Qty::ZERO));
        });
        if order.reduce_only {
            self.release_reducing(order.holding, left.0);
        }
        left
    }

    pub(crate) fn release_reducing(&mut self, holding: u32, qty: i64) {
        sub_qty(&mut self.ledger.positions.at_mut(holding).reducing, qty);
    }

    /// Ends what is due by now, in the order it was due.
    #[cold]
    pub(crate) fn end_due(&mut self, events: &mut Vec<Event>) {
        while let Some(&(time, order)) = self.ends.first() {
            if time > self.time {
                break;
            }
            self.expire_resting(OrderId(order).slot(), events);
        }
    }

    /// The slots of an instrument's resting orders, oldest first.
    pub(crate) fn resting_in(&self, instrument: InstrumentId) -> Vec<u32> {
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return Vec::new() };
        let side = |side| listed.book.orders(&self.orders.nodes, side);
        let mut slots: Vec<u32> = side(Side::Buy).chain(side(Side::Sell)).collect();
        slots.sort_unstable_by_key(|&slot| self.orders.at(slot).id);
        slots
    }
}
