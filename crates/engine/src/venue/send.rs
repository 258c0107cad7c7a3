//! From an approved order to a request in the line. It reserves like a resting order; one without a price reserves
//! by the venue's quote and some room, and without a quote it is refused: nothing else says what it would cost.

use super::line::{Asks, Lane};
use super::outside::{Outside, Way};
use crate::Engine;
use crate::amount::add_qty;
use crate::order::{Proposal, Stage, pairs};
use crate::risk::{self, Approved};
use model::{
    Event, InstrumentId, NewOrder, OrderStatus, Price, PriceBand, Qty, Reject, Side, Time, VenueKind,
};
use std::collections::BTreeSet;

/// Room beside the quote that an order without a price reserves, in hundredths.
const ROOM: i64 = 5;

impl Engine {
    /// Whether an instrument's orders go to somebody else's market.
    pub(crate) fn is_outside(&self, instrument: InstrumentId) -> bool {
        let listed = self.listings.get(instrument.0 as usize);
        let venue = listed.and_then(|listed| self.registry.venue(listed.instrument.venue).ok());
        venue.is_some_and(|venue| venue.kind == VenueKind::Outside)
    }

    /// Words that an order for an outside venue may not have, and a deadline that is over.
    #[cold]
    pub(crate) fn check_for_outside(&self, order: &NewOrder) -> Result<(), Reject> {
        if let Some(what) = pairs::check_outside(order) {
            return Err(Reject::IllegalCombination { what });
        }
        match order.deadline {
            Some(deadline) if deadline <= self.time => Err(Reject::EndNotInFuture),
            _ => Ok(()),
        }
    }

    #[inline]
    pub(crate) fn goes_outside(&self, proposal: &Proposal) -> bool {
        self.ledger.positions.at(proposal.holding).outside
    }

    /// Through every check, for the market that the order is for.
    pub(crate) fn approve_any<'a>(
        &mut self,
        proposal: &'a mut Proposal,
    ) -> Result<Approved<&'a Proposal>, Reject> {
        if !self.goes_outside(proposal) {
            return self.approve(proposal);
        }
        self.make_ready_outside(proposal)?;
        risk::approve(self, proposal)
    }

    /// What an order's checks need to know of the line to its venue, and of the price that it may come to.
    pub(crate) fn make_ready_outside(&self, proposal: &mut Proposal) -> Result<(), Reject> {
        self.orders.check_room()?;
        let listed = self.listings.get(proposal.instrument.0 as usize);
        let desk = listed.and_then(|listed| self.desks.all.get(&listed.instrument.venue));
        desk.ok_or(Reject::NoLiquidity)?.check_room()?;
        if proposal.price.is_none() {
            proposal.price = Some(self.worst_outside(proposal.instrument, proposal.side)?);
        }
        Ok(())
    }

    /// The worst price that an order without one is taken to trade at.
    fn worst_outside(&self, instrument: InstrumentId, side: Side) -> Result<Price, Reject> {
        let listed = self.listings.get(instrument.0 as usize).ok_or(Reject::NoLiquidity)?;
        let (bid, ask) = listed.best();
        let quoted = if side == Side::Buy { ask } else { bid };
        let near = quoted.or(listed.mark).ok_or(Reject::NoLiquidity)?;
        let size = near.0.saturating_abs();
        let room = size.checked_div(100).unwrap_or(0).saturating_mul(ROOM).saturating_add(1);
        let worst = match side {
            Side::Buy => near.0.saturating_add(room),
            // What a sell brings counts for nothing; for its margin the better price is the worse.
            Side::Sell => near.0,
        };
        Ok(match listed.instrument.band {
            Some(PriceBand { low, high }) => Price(worst).clamp(low, high.max(low)),
            None => Price(worst),
        })
    }

    /// To its market: into the book, or into the line to a venue.
    pub(crate) fn enter_any(&mut self, approved: Approved<&Proposal>, slot: u32, events: &mut Vec<Event>) {
        if self.goes_outside(approved.get()) {
            self.send_out(&approved, slot, events);
        } else {
            self.enter_market(approved, slot, events);
        }
    }

    fn send_out(&mut self, approved: &Approved<&Proposal>, slot: u32, events: &mut Vec<Event>) {
        let proposal = *approved.get();
        let closes = self.only_reduces(&proposal);
        let Some(special) = self.orders.special_mut(slot) else { return };
        (special.stage, special.reserve) = (Stage::Outside, proposal.qty);
        let deadline = special.order.deadline.unwrap_or(Time::MAX);
        let lane = if closes { Lane::StopLoss } else { Lane::of(special.order.priority) };
        let record = self.orders.at_mut(slot);
        (record.status, record.price) = (OrderStatus::PendingNew, proposal.limit());
        let (order, ends, qty) = (record.id, record.ends, record.qty);
        self.due_at(order, ends);
        let filled = Qty(qty.0.saturating_sub(proposal.qty.0));
        let reserved = (proposal.limit(), proposal.qty);
        let now = self.time;
        let Some(desk) = self.desk_mut(slot) else { return };
        let submit = Way::Waits(desk.line.join(lane, order, Asks::Submit, now));
        if deadline != Time::MAX {
            desk.moments.insert((deadline, order.0));
        }
        desk.orders.insert(
            order.0,
            Outside {
                account: proposal.account,
                holding: proposal.holding,
                side: proposal.side,
                filled,
                fills: BTreeSet::new(),
                reserved: (reserved.0, Qty::ZERO),
                claimed: Qty::ZERO,
                closes,
                deadline,
                submit,
                change: None,
                cancel: None,
                query: None,
                wanted: None,
                insists: None,
                expires: false,
                unknown: false,
                asks_size: false,
                tries: 0,
                again: Time::MAX,
                closing: None,
                venue_order: None,
                ended: false,
            },
        );
        self.reserve_outside(slot, reserved);
        if proposal.reduce_only {
            self.claim_outside(slot, proposal.qty);
        }
        self.stir_desks();
        events.push(Event::OrderStatusChanged { order, status: OrderStatus::PendingNew });
    }

    /// It takes off a position and can do nothing else.
    fn only_reduces(&self, proposal: &Proposal) -> bool {
        let held = self.ledger.positions.at(proposal.holding).qty.0;
        let against = held.signum() == proposal.side.opposite().sign();
        // Without margin a sell delivers what is there.
        let delivers = !proposal.on_margin && proposal.side == Side::Sell;
        proposal.reduce_only || delivers || (against && proposal.qty.0 <= held.saturating_abs())
    }

    /// What is locked for an order becomes what so many lots at this price need.
    pub(super) fn reserve_outside(&mut self, slot: u32, reserved: (Price, Qty)) {
        let (holding, side) = (self.orders.at(slot).holding, self.orders.at(slot).side);
        let Some(outside) = self.outside_mut(slot) else { return };
        let before = std::mem::replace(&mut outside.reserved, reserved);
        if before == reserved {
            return;
        }
        self.with_listing(holding, |listed, _, ledger| {
            let initial = listed.instrument.margin.initial;
            ledger.reserve_other(holding, &listed.units, initial, (side, before, reserved));
        });
    }

    /// What an order that only reduces claims of its position.
    pub(super) fn claim_outside(&mut self, slot: u32, claim: Qty) {
        let holding = self.orders.at(slot).holding;
        let Some(outside) = self.outside_mut(slot) else { return };
        let before = std::mem::replace(&mut outside.claimed, claim);
        let change = claim.0.saturating_sub(before.0);
        add_qty(&mut self.ledger.positions.at_mut(holding).reducing, change);
    }

    /// Nothing is locked and nothing claimed for it any more.
    pub(crate) fn release_outside(&mut self, slot: u32) {
        let Some(price) = self.outside(slot).map(|outside| outside.reserved.0) else { return };
        self.reserve_outside(slot, (price, Qty::ZERO));
        self.claim_outside(slot, Qty::ZERO);
    }
}
