//! Ends: an order leaves the book, its money is free again, its slot too; its client id is kept a day.

use crate::Engine;
use crate::amount::sub_qty;
use crate::clients::NO_CLIENT;
use model::{CancelCause, Condition, Event, InstrumentId, OrderId, OrderStatus, Qty, Side, Time};

impl Engine {
    /// The bookkeeping of every end. The order must not rest any more.
    #[inline]
    pub(crate) fn end_order(&mut self, slot: u32, status: OrderStatus, events: &mut Vec<Event>) {
        let order = self.orders.at(slot);
        let (id, client, ends, special) = (order.id, order.client, order.ends, order.special);
        if self.risk.is_on() && status == OrderStatus::Filled {
            self.count_end(slot);
        }
        if client != NO_CLIENT {
            self.clients.end(client, status, self.time);
        }
        if ends != Time::MAX {
            self.not_due(id, ends);
        }
        self.orders.close(slot, status);
        if special {
            self.end_special(id, status, events);
        }
        if !self.awaited.is_empty() {
            self.tell_waiting(id, status, events);
        }
    }

    /// The rest of the bookkeeping, for orders that had more than a record.
    #[cold]
    fn end_special(&mut self, id: OrderId, status: OrderStatus, events: &mut Vec<Event>) {
        self.unwatch(id.slot());
        self.retire_outside(id);
        let instrument = self.instrument_of(id.slot());
        let Some(special) = self.orders.forget_special(id.slot()) else { return };
        if special.display().is_some()
            && let Some(listed) = self.listings.get_mut(instrument.0 as usize)
        {
            listed.icebergs.remove(&id.slot());
        }
        if special.is_pegged()
            && let Some(watchers) = self.watchers(instrument)
        {
            watchers.pegged.remove(&id.0);
        }
        match special.order.condition {
            Some(Condition::At { time }) => self.not_due(id, time),
            Some(Condition::Order { order, .. }) => {
                self.awaited.remove(&(order.0, id.0));
            }
            _ => {}
        }
        for ahead in special.behind {
            self.awaited.remove(&(ahead.0, id.0));
        }
        if let Some(group) = special.group {
            self.follow_end(id, group, status, events);
        }
        if let Some(algo) = special.parent {
            self.end_child(algo, id, status);
        }
        if let Some(algo) = special.algo {
            self.end_algo(algo, events);
        }
    }

    pub(crate) fn not_due(&mut self, order: OrderId, time: Time) {
        self.ends.remove(&(time, order.0));
        self.find_next_end();
    }

    pub(crate) fn find_next_end(&mut self) {
        let ends = self.ends.first().map_or(Time::MAX, |first| first.0);
        let timers = self.guard.timers.first().map_or(Time::MAX, |first| first.0);
        self.next_end = ends.min(timers).min(self.desks.wake);
    }

    /// An order ends with so much left: it has traded if there was more.
    #[inline]
    fn count_part(&mut self, slot: u32, left: Qty) {
        if self.risk.is_on() && self.orders.at(slot).qty > left {
            self.count_end(slot);
        }
    }

    /// What an algo works never trades itself.
    fn count_end(&mut self, slot: u32) {
        let parent = self.orders.special(slot).is_some_and(|special| special.algo.is_some());
        if !parent {
            self.count_traded(self.orders.at(slot).holding);
        }
    }

    /// The end of an order that never came to rest.
    pub(crate) fn end_unrested(&mut self, slot: u32, left: Qty, cause: CancelCause, events: &mut Vec<Event>) {
        self.count_part(slot, left);
        events.push(Event::OrderCancelled { order: self.orders.at(slot).id, left, cause });
        self.end_order(slot, OrderStatus::Cancelled, events);
    }

    /// Ends an order that rests or waits; one at an outside venue ends when the venue says so.
    pub(crate) fn cancel_working(&mut self, slot: u32, cause: CancelCause, events: &mut Vec<Event>) {
        if self.orders.is_outside(slot) {
            return self.call_back(slot, cause, events);
        }
        let left = self.take_out(slot);
        self.count_part(slot, left);
        events.push(Event::OrderCancelled { order: self.orders.at(slot).id, left, cause });
        self.end_order(slot, OrderStatus::Cancelled, events);
    }

    pub(crate) fn expire_working(&mut self, slot: u32, events: &mut Vec<Event>) {
        if self.orders.is_outside(slot) {
            return self.expire_outside(slot, events);
        }
        let left = self.take_out(slot);
        self.count_part(slot, left);
        events.push(Event::OrderExpired { order: self.orders.at(slot).id, left });
        self.end_order(slot, OrderStatus::Expired, events);
    }

    /// Takes an order out of the book and frees what it had reserved; gives what was left of it.
    #[inline]
    pub(crate) fn take_out(&mut self, slot: u32) -> Qty {
        let left = self.orders.left(slot);
        let order = *self.orders.at(slot);
        if order.special && !self.orders.nodes.rests(slot, order.id) {
            if self.orders.is_outside(slot) {
                self.release_outside(slot);
            }
            return left;
        }
        let mut touched = None;
        self.with_listing(order.holding, |listed, orders, ledger| {
            listed.book.remove(&mut orders.nodes, slot);
            let initial = listed.instrument.margin.initial;
            let at = (order.side, order.price);
            ledger.rereserve(order.holding, &listed.units, initial, at, (left, Qty::ZERO));
            touched = listed.minded.then_some(order.holding);
        });
        if touched.is_some() {
            self.touch(self.instrument_of(slot));
        }
        if order.special {
            self.orders.set_reserve(slot, Qty::ZERO);
        }
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
            let slot = OrderId(order).slot();
            if self.orders.at(slot).ends <= self.time {
                self.expire_working(slot, events);
            } else {
                self.not_due(OrderId(order), time);
                self.put_in_line(OrderId(order), None);
            }
        }
        self.timers_due(events);
        if self.desks.wake <= self.time {
            (self.desks.stirred, self.unsettled) = (true, true);
        }
    }

    /// The slots of an instrument's working orders, oldest first.
    pub(crate) fn working_in(&self, instrument: InstrumentId) -> Vec<u32> {
        let mut slots = self.resting_in(instrument);
        slots.extend(self.waiting().filter(|&slot| self.instrument_of(slot) == instrument));
        slots.sort_unstable_by_key(|&slot| self.orders.at(slot).id);
        slots
    }

    /// The slots of the orders that wait or are at outside venues, of all instruments.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = u32> {
        let special = self.orders.kept.specials.keys().copied();
        special
            .filter(|&slot| self.orders.at(slot).status == OrderStatus::Held || self.orders.is_outside(slot))
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
