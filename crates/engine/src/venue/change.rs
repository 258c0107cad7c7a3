//! Changes of an order at a venue, asked for by its owner, or forced because its group or its position leaves it
//! less to do. While one is on its way the worse price and the larger quantity are reserved, because either may be
//! what fills; a second one is refused to the owner, and what is forced waits its turn.

use super::line::{Asks, Lane};
use super::outside::{Change, Way};
use crate::Engine;
use crate::risk;
use model::{CancelCause, Changes, Event, OrderStatus, OrderType, Price, Qty, Reject, Side};

impl Engine {
    /// What its owner asks for.
    pub(crate) fn modify_outside(
        &mut self,
        slot: u32,
        changes: &Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let foreign = changes.trigger.is_some()
            || changes.display.is_some()
            || changes.peg_offset.is_some()
            || changes.time_in_force.is_some();
        if foreign {
            return Err(Reject::NoSuchField);
        }
        let busy = |outside: &super::Outside| {
            outside.change.is_some()
                || outside.cancel.is_some()
                || outside.unknown
                || outside.closing.is_some()
        };
        if self.outside(slot).is_none_or(busy) {
            return Err(Reject::ChangeOnItsWay);
        }
        let record = self.orders.at(slot);
        let (qty, price) = (changes.qty.unwrap_or(record.qty), changes.price.unwrap_or(record.price));
        if qty == record.qty && price == record.price {
            return Err(Reject::NothingToChange);
        }
        self.change_outside(slot, qty, changes.price, false, events)
    }

    /// The order is to come to this whole quantity, and this price if one is given.
    fn change_outside(
        &mut self,
        slot: u32,
        qty: Qty,
        price: Option<Price>,
        forced: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let (left, filled) = self.left_of(slot, qty)?;
        let now = self.orders.left(slot);
        let at = self.orders.at(slot).price;
        let grows = left > now || price.is_some_and(|price| price != at);
        let (worst, most) = (worse(self.orders.at(slot).side, at, price.unwrap_or(at)), left.max(now));
        let (left, most) = if grows {
            let most = self.approve_change_outside(slot, (worst, most), filled)?;
            (left.min(most), most.max(now))
        } else {
            (left, now)
        };
        let qty = Qty(filled.0.saturating_add(left.0));
        if self.outside(slot).is_some_and(|outside| !outside.is_sent()) {
            self.apply_change(slot, qty, price, true, events);
            return Ok(());
        }
        self.reserve_outside(slot, (worst, most));
        if grows && self.orders.at(slot).reduce_only {
            self.claim_outside(slot, most);
        }
        let (time, order) = (self.time, self.orders.at(slot).id);
        let closes = self.outside(slot).is_some_and(|outside| outside.closes);
        let priority = self.orders.special(slot).map(|special| special.order.priority).unwrap_or_default();
        let lane = if closes || !grows { Lane::StopLoss } else { Lane::of(priority) };
        let Some(desk) = self.desk_mut(slot) else { return Ok(()) };
        let way = Way::Waits(desk.line.join(lane, order, Asks::Replace, time));
        if let Some(known) = desk.order_mut(order) {
            known.change = Some(Change { qty, price, forced, sent: false, asked_again: false, way });
        }
        self.stir_desks();
        self.restate(order, events);
        Ok(())
    }

    /// The changed order is checked as if the present one were gone. Gives how many lots may be open of it.
    pub(super) fn approve_change_outside(
        &mut self,
        slot: u32,
        (price, open): (Price, Qty),
        filled: Qty,
    ) -> Result<Qty, Reject> {
        let (reserved, claimed) =
            self.outside(slot).map(|known| (known.reserved, known.claimed)).unwrap_or_default();
        self.release_outside(slot);
        let mut proposal = self.proposal_of(slot, price, open, filled);
        let approved = risk::approve(self, &mut proposal).map(|approved| approved.get().qty);
        self.reserve_outside(slot, reserved);
        self.claim_outside(slot, claimed);
        approved
    }

    /// The order is as it was asked to be.
    pub(super) fn apply_change(
        &mut self,
        slot: u32,
        qty: Qty,
        price: Option<Price>,
        kept_place: bool,
        events: &mut Vec<Event>,
    ) {
        let filled = self.outside(slot).map(|outside| outside.filled).unwrap_or_default();
        let left = Qty(qty.0.saturating_sub(filled.0).max(0));
        let record = self.orders.at_mut(slot);
        record.qty = Qty(left.0.saturating_add(filled.0));
        record.price = price.unwrap_or(record.price);
        let (order, at, qty, reduce_only) = (record.id, record.price, record.qty, record.reduce_only);
        if let Some(special) = self.orders.special_mut(slot) {
            special.reserve = left;
            if let (OrderType::Limit { price: limit }, Some(price)) = (&mut special.order.kind, price) {
                *limit = price;
            }
        }
        self.reserve_outside(slot, (at, left));
        if reduce_only {
            let claimed = self.outside(slot).map(|outside| outside.claimed).unwrap_or_default();
            let claim = left.min(Qty(claimed.0.saturating_add(self.unclaimed(slot))));
            self.claim_outside(slot, claim);
        }
        let changes = Changes { qty: Some(qty), price, ..Changes::default() };
        events.push(Event::OrderModified { order, changes, left, kept_place });
        // What it has filled is all that is left of it: it ends, and no fill will say so.
        if left.is_zero() {
            events.push(Event::OrderStatusChanged { order, status: OrderStatus::Filled });
        }
    }

    /// A split has made another order of it, here and at its venue alike: so much is open of it, at this price.
    pub(crate) fn turn_change(
        &mut self,
        slot: u32,
        left: Qty,
        (price, is_limit): (Price, bool),
        events: &mut Vec<Event>,
    ) {
        let filled = self.outside(slot).map(|outside| outside.filled).unwrap_or_default();
        // What it has filled is what it was filled for: only what is open is turned.
        let qty = Qty(filled.0.saturating_add(left.0));
        self.apply_change(slot, qty, is_limit.then_some(price), true, events);
        let record = self.orders.at_mut(slot);
        record.price = price;
        self.reserve_outside(slot, (price, left));
    }

    /// Lots of its position that no order claims yet.
    fn unclaimed(&self, slot: u32) -> i64 {
        self.ledger.reducible(self.orders.at(slot).holding, self.orders.at(slot).side)
    }

    /// The whole quantity that the order is to come to, with what is asked for already.
    pub(crate) fn target_outside(&self, slot: u32) -> Qty {
        let asked =
            self.outside(slot).and_then(|outside| outside.wanted.or(outside.change.map(|change| change.qty)));
        asked.unwrap_or(self.orders.at(slot).qty)
    }

    /// Its group, or its position, has it come to this whole quantity. At once, or when the venue has answered what
    /// is on its way.
    pub(crate) fn resize_outside(
        &mut self,
        slot: u32,
        qty: Qty,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) {
        let Some(outside) = self.outside_mut(slot) else { return };
        if outside.cancel.is_some() {
            return;
        }
        if qty <= outside.filled {
            return self.call_back(slot, cause, events);
        }
        // One that left and is to be asked for again may have arrived.
        let busy = outside.change.is_some_and(|change| change.sent);
        if busy || outside.unknown || outside.closing.is_some() {
            outside.wanted = Some(qty);
            return;
        }
        self.drop_waiting_change(slot);
        if let Some(outside) = self.outside_mut(slot) {
            outside.wanted = None;
        }
        let order = self.orders.at(slot).id;
        if qty == self.orders.at(slot).qty {
            return self.restate(order, events);
        }
        if let Err(reason) = self.change_outside(slot, qty, None, true, events) {
            let account = self.ledger.positions.at(self.orders.at(slot).holding).account;
            events.push(Event::ModifyRejected { account, reason });
            // The change that waited is gone all the same.
            self.restate(order, events);
        }
    }

    /// What was put off while the venue had a question to answer.
    pub(super) fn follow_up(&mut self, slot: u32, events: &mut Vec<Event>) {
        let wanted = self.outside(slot).filter(|outside| !outside.ended).and_then(|outside| outside.wanted);
        if let Some(qty) = wanted {
            self.resize_outside(slot, qty, CancelCause::Group, events);
        }
    }
}

/// The price that needs more to be locked: the higher one, as far from zero as it gets.
fn worse(side: Side, one: Price, other: Price) -> Price {
    let size = |price: Price| price.0.saturating_abs();
    match side {
        Side::Buy if one.0 >= 0 && other.0 >= 0 => one.max(other),
        _ if size(one) >= size(other) => one,
        _ => other,
    }
}
