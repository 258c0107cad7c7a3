//! A change of a working order. Less quantity keeps its place; more quantity or a new price is checked like a
//! new order, loses its place, and trades if it crosses. A change that is refused leaves the order as it was.

use super::{Proposal, Remainder};
use crate::Engine;
use crate::risk::{self, Approved};
use model::{Changes, Event, Feature, ModifyOrder, Price, Qty, Reject};

/// What a change comes to.
struct Change {
    price: Price,
    /// What stays open, and what has traded already.
    left: Qty,
    filled: Qty,
}

impl Engine {
    pub(crate) fn modify(&mut self, modify: &ModifyOrder, events: &mut Vec<Event>) {
        if let Err(reason) = self.try_modify(modify, events) {
            events.push(Event::ModifyRejected { account: modify.account, reason });
        }
    }

    fn try_modify(&mut self, modify: &ModifyOrder, events: &mut Vec<Event>) -> Result<(), Reject> {
        let slot = self.find_working(modify.account, &modify.order)?;
        let change = self.change(slot, &modify.changes)?;
        let (order, left) = (self.orders.at(slot), self.orders.left(slot));
        if change.price == order.price && change.left < left {
            self.shrink_resting(slot, change.left, events);
            return Ok(());
        }
        let mut proposal = self.propose_change(slot, &change);
        let approved = self.approve_change(slot, &mut proposal)?;
        self.replace(slot, &approved, events);
        Ok(())
    }

    fn change(&self, slot: u32, changes: &Changes) -> Result<Change, Reject> {
        let Changes { qty, price, trigger, display, time_in_force, peg_offset } = *changes;
        if trigger.is_some() || display.is_some() || time_in_force.is_some() || peg_offset.is_some() {
            return Err(Reject::NotSupported { what: Feature::Change });
        }
        let (order, open) = (self.orders.at(slot), self.orders.left(slot));
        let (qty, price) = (qty.unwrap_or(order.qty), price.unwrap_or(order.price));
        if qty == order.qty && price == order.price {
            return Err(Reject::NothingToChange);
        }
        if qty <= Qty::ZERO {
            return Err(Reject::QtyNotPositive);
        }
        let filled = order.qty.0.saturating_sub(open.0);
        let left = Qty(qty.0.saturating_sub(filled));
        if left <= Qty::ZERO {
            return Err(Reject::QtyBelowFilled);
        }
        Ok(Change { price, left, filled: Qty(filled) })
    }

    fn propose_change(&self, slot: u32, change: &Change) -> Proposal {
        let order = self.orders.at(slot);
        let held = self.ledger.positions.at(order.holding);
        Proposal {
            account: held.account,
            book: held.book,
            instrument: held.instrument,
            holding: order.holding,
            on_margin: held.on_margin,
            side: order.side,
            qty: change.left,
            price: Some(change.price),
            hidden: order.hidden,
            remainder: Remainder::Rests,
            day: order.day,
            ends: order.ends,
            post_only: order.post_only,
            reduce_only: order.reduce_only,
            self_trade: order.self_trade,
            look: None,
            filled: Some(change.filled),
        }
    }

    /// The changed order is checked as if the present one were gone.
    fn approve_change<'a>(
        &mut self,
        slot: u32,
        proposal: &'a mut Proposal,
    ) -> Result<Approved<&'a Proposal>, Reject> {
        self.settle_post_only(proposal)?;
        let left = self.orders.left(slot);
        self.reserve_again(slot, left, Qty::ZERO);
        self.look_if_needed(proposal);
        let approved = risk::check(self, proposal);
        self.reserve_again(slot, Qty::ZERO, left);
        approved
    }

    fn reserve_again(&mut self, slot: u32, before: Qty, after: Qty) {
        let order = *self.orders.at(slot);
        self.with_listing(order.holding, |listed, _, ledger| {
            let initial = listed.instrument.margin.initial;
            let at = (order.side, order.price);
            ledger.rereserve(order.holding, &listed.units, initial, at, (before, after));
        });
        if order.reduce_only {
            let change = after.0.wrapping_sub(before.0);
            crate::amount::add_qty(&mut self.ledger.positions.at_mut(order.holding).reducing, change);
        }
    }

    fn replace(&mut self, slot: u32, approved: &Approved<&Proposal>, events: &mut Vec<Event>) {
        let proposal = approved.get();
        let before = self.take_out(slot);
        let (left, price) = (proposal.qty, proposal.limit());
        let order = self.orders.at_mut(slot);
        let filled = order.qty.0.wrapping_sub(before.0);
        (order.qty, order.price) = (Qty(filled.wrapping_add(left.0)), price);
        let changes = Changes { qty: Some(order.qty), price: Some(price), ..Changes::default() };
        events.push(Event::OrderModified { order: order.id, changes, left, kept_place: false });
        self.cross_and_rest(approved, slot, left, events);
    }
}
