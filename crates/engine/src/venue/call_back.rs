//! Orders that are to end: one that still waits in the line ends here and now and the venue never hears of it; one
//! that was sent is asked to be cancelled, and ends when the venue says so.

use super::line::{Asks, Lane};
use super::outside::Way;
use crate::Engine;
use model::{CancelCause, Event, OrderId, OrderStatus, Reject, Time};

impl Engine {
    pub(crate) fn call_back(&mut self, slot: u32, cause: CancelCause, events: &mut Vec<Event>) {
        let Some(outside) = self.outside(slot) else { return };
        if !outside.is_sent() {
            return self.end_unsent(slot, OrderStatus::Cancelled, cause, events);
        }
        if outside.cancel.is_some() {
            return;
        }
        self.drop_waiting_change(slot);
        let (now, order) = (self.time, self.orders.at(slot).id);
        let Some(desk) = self.desk_mut(slot) else { return };
        let place = desk.line.join(Lane::Care, order, Asks::Cancel, now);
        if let Some(known) = desk.order_mut(order) {
            known.cancel = Some((cause, Way::Waits(place)));
            (known.wanted, known.insists) = (None, None);
        }
        self.stir_desks();
        let before = events.len();
        self.restate(order, events);
        // One that is unknown stays so, and the answer says it.
        if events.len() == before {
            events.push(Event::OrderStatusChanged { order, status: self.orders.at(slot).status });
        }
    }

    /// The answer to its owner, who asks for what is on its way already.
    #[inline]
    pub(crate) fn check_call_back(&self, slot: u32) -> Result<(), Reject> {
        let outside = self.orders.is_outside(slot);
        let asked = outside && self.outside(slot).is_some_and(|outside| outside.cancel.is_some());
        if asked { Err(Reject::ChangeOnItsWay) } else { Ok(()) }
    }

    /// It never left the house.
    fn end_unsent(&mut self, slot: u32, status: OrderStatus, cause: CancelCause, events: &mut Vec<Event>) {
        let left = self.take_out(slot);
        let order = self.orders.at(slot).id;
        events.push(match status {
            OrderStatus::Expired => Event::OrderExpired { order, left },
            _ => Event::OrderCancelled { order, left, cause },
        });
        self.count_outside(slot);
        self.end_order(slot, status, events);
    }

    /// Its own end has come. The venue does not know of that end, so it is asked to cancel.
    pub(crate) fn expire_outside(&mut self, slot: u32, events: &mut Vec<Event>) {
        let (order, ends) = (self.orders.at(slot).id, self.orders.at(slot).ends);
        if ends <= self.time {
            self.not_due(order, ends);
            self.orders.at_mut(slot).ends = Time::MAX;
        }
        let Some(outside) = self.outside_mut(slot) else { return };
        if !outside.is_sent() {
            return self.end_unsent(slot, OrderStatus::Expired, CancelCause::Asked, events);
        }
        outside.expires = true;
        self.call_back(slot, CancelCause::Asked, events);
    }

    /// The session is over. The venue ends what it has; what it never got ends here.
    pub(crate) fn close_day_outside(&mut self, slot: u32, events: &mut Vec<Event>) {
        if self.outside(slot).is_some_and(|outside| !outside.is_sent()) {
            self.end_unsent(slot, OrderStatus::Expired, CancelCause::SessionEnded, events);
        }
    }

    /// A change that has not left is not asked for any more.
    pub(super) fn drop_waiting_change(&mut self, slot: u32) {
        let (price, left) = (self.orders.at(slot).price, self.orders.left(slot));
        let Some(outside) = self.outside_mut(slot) else { return };
        let Some(place) = outside.change.and_then(|change| change.way.place()) else { return };
        outside.change = None;
        let claimed = outside.claimed.min(left);
        if let Some(desk) = self.desk_mut(slot) {
            desk.line.leave(place);
        }
        self.reserve_outside(slot, (price, left));
        self.claim_outside(slot, claimed);
    }

    /// Says how an order stands now, if that is news.
    pub(super) fn restate(&mut self, order: OrderId, events: &mut Vec<Event>) {
        let slot = order.slot();
        let Some(status) = self.outside(slot).filter(|known| !known.ended).map(super::Outside::status) else {
            return;
        };
        let record = self.orders.at_mut(slot);
        if record.id == order && record.status != status {
            record.status = status;
            events.push(Event::OrderStatusChanged { order, status });
        }
    }
}
