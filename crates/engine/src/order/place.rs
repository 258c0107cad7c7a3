//! A new order: the same id again gets the first answer; else it is proposed, checked, accepted and crossed.

use super::special::{Special, Stage};
use super::{Proposal, Remainder, body::body_of};
use crate::Engine;
use crate::clients::{Answer, Key, NO_CLIENT};
use crate::orders::Record;
use crate::risk::{self, Approved};
use model::{
    Call, CancelCause, Event, FirstAnswer, NewOrder, OrderAccepted, OrderId, OrderStatus, OrderType, Qty,
    Reject, Route,
};

/// A client id that is new in its account: its key and its body's fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) key: Key,
    body: u64,
}

/// What an order came within that is no group and no algo.
const ALONE: u64 = 0;

impl Engine {
    pub(crate) fn place(&mut self, order: &NewOrder, events: &mut Vec<Event>) {
        if let Err(reason) = self.registry.main(order.account) {
            return events.push(rejected(order, reason));
        }
        let named = match self.name(order, ALONE, events) {
            Some(named) => named,
            None => return,
        };
        if order.route != Route::Listing {
            return self.place_routed(order, named, events);
        }
        self.place_named(order, named, events);
    }

    /// For the market that it names.
    #[inline(always)]
    pub(crate) fn place_named(&mut self, order: &NewOrder, named: Option<Named>, events: &mut Vec<Event>) {
        let mut proposal = match self.propose(order) {
            Ok(proposal) => proposal,
            Err(reason) => return self.refuse(order, named, reason, events),
        };
        if proposal.special {
            return self.place_special(order, &mut proposal, named, events);
        }
        match self.approve(&mut proposal) {
            Ok(approved) => {
                let slot = self.open_order(approved.get(), order, named, events);
                self.enter_market(approved, slot, events);
            }
            Err(reason) => self.refuse(order, named, reason, events),
        }
    }

    /// An order that may have to wait, or that the record alone does not describe.
    #[cold]
    fn place_special(
        &mut self,
        order: &NewOrder,
        proposal: &mut Proposal,
        named: Option<Named>,
        events: &mut Vec<Event>,
    ) {
        if self.waits(order) {
            if let Err(reason) = self.check_waiting(order, proposal) {
                return self.refuse(order, named, reason, events);
            }
            let slot = self.open_order(proposal, order, named, events);
            self.hold(slot, Special::new(order, Stage::Conditional, None));
            return self.enter(slot, Stage::Conditional, events);
        }
        match self.approve_any(proposal) {
            Ok(approved) => {
                let slot = self.open_order(approved.get(), order, named, events);
                self.orders.keep(slot, Special::new(order, Stage::Working, None));
                self.waits_for_peg(slot);
                self.enter_any(approved, slot, events);
            }
            Err(reason) => self.refuse(order, named, reason, events),
        }
    }

    /// Whether it cannot go to the market as it is.
    pub(crate) fn waits(&self, order: &NewOrder) -> bool {
        match order.kind {
            _ if order.condition.is_some() => true,
            // An outside venue has its own auctions, and keeps what is for them.
            _ if Call::of(order.time_in_force).is_some() && !self.is_outside(order.instrument) => true,
            OrderType::Iceberg { .. } | OrderType::Market | OrderType::Limit { .. } => false,
            OrderType::Pegged { .. } => self.peg_price(order).is_none(),
            _ => true,
        }
    }

    #[cold]
    pub(crate) fn refuse(
        &mut self,
        order: &NewOrder,
        named: Option<Named>,
        reason: Reject,
        events: &mut Vec<Event>,
    ) {
        if let Some(Named { key, body }) = named {
            let at = self.clients.remember(key, body, Answer::Rejected(Box::new(reason)));
            self.clients.end(at, OrderStatus::Rejected, self.time);
        }
        events.push(rejected(order, reason));
    }

    /// The order's client id if it is new (or has none); else the answer goes out and there is nothing to do.
    #[inline(always)]
    #[expect(
        clippy::option_option,
        reason = "the outer says whether to go on, the inner whether it has an id"
    )]
    pub(crate) fn name(
        &mut self,
        order: &NewOrder,
        within: u64,
        events: &mut Vec<Event>,
    ) -> Option<Option<Named>> {
        let (Some(id), Some(named)) = (&order.client_order_id, Self::name_of(order, within)) else {
            return Some(None);
        };
        let Some(at) = self.clients.find(named.key, self.time) else {
            return match self.clients.check_room() {
                Ok(()) => Some(Some(named)),
                Err(reason) => {
                    events.push(rejected(order, reason));
                    None
                }
            };
        };
        let first = self.clients.entry(at).filter(|entry| entry.body == named.body);
        let first = match first.map(|entry| &entry.answer) {
            Some(Answer::Order(order)) => Some(FirstAnswer::Accepted { order: *order }),
            Some(Answer::Rejected(reason)) => Some(FirstAnswer::Rejected { reason: **reason }),
            _ => None,
        };
        let (account, client_order_id) = (order.account, *id);
        events.push(match first {
            Some(first) => Event::OrderRepeated { account, client_order_id, first },
            None => rejected(order, Reject::ClientIdReused),
        });
        None
    }

    /// Its key and fingerprint, if it has an id. The fingerprint is also of what the order came within.
    #[inline(always)]
    pub(crate) fn name_of(order: &NewOrder, within: u64) -> Option<Named> {
        let id = order.client_order_id.as_ref()?;
        Some(Named { key: Key::of(order.account, id), body: body_of(order) ^ within })
    }

    #[inline]
    pub(crate) fn approve<'a>(
        &mut self,
        proposal: &'a mut Proposal,
    ) -> Result<Approved<&'a Proposal>, Reject> {
        self.make_ready(proposal)?;
        risk::approve(self, proposal)
    }

    /// What an order's checks need to know of the market.
    #[inline]
    pub(crate) fn make_ready(&self, proposal: &mut Proposal) -> Result<(), Reject> {
        self.settle_post_only(proposal)?;
        self.orders.check_room()?;
        self.look_if_needed(proposal);
        Ok(())
    }

    /// The order exists from here on.
    #[inline(always)]
    pub(crate) fn open_order(
        &mut self,
        proposal: &Proposal,
        order: &NewOrder,
        named: Option<Named>,
        events: &mut Vec<Event>,
    ) -> u32 {
        let slot = self.orders.open(record_of(proposal), order.client_order_id.as_ref());
        let order = self.orders.at(slot).id;
        if let Some(Named { key, body }) = named {
            self.orders.at_mut(slot).client = self.clients.remember(key, body, Answer::Order(order));
        }
        let Proposal { account, book, instrument, side, qty, .. } = *proposal;
        events.push(Event::OrderAccepted(OrderAccepted { order, account, book, instrument, side, qty }));
        slot
    }

    /// Trades and rests, or goes if it would not trade enough.
    #[inline]
    pub(crate) fn enter_market(&mut self, approved: Approved<&Proposal>, slot: u32, events: &mut Vec<Event>) {
        let proposal = approved.get();
        let needed = match proposal.remainder {
            Remainder::AllOrNothing => proposal.qty,
            _ => proposal.qty_min.unwrap_or(Qty::ZERO),
        };
        if needed > proposal.look.map_or(Qty::ZERO, |look| look.qty) {
            return self.end_unrested(slot, proposal.qty, CancelCause::NotAllFillable, events);
        }
        self.cross_and_rest(approved, slot, proposal.qty, events);
    }
}

#[cold]
fn rejected(order: &NewOrder, reason: Reject) -> Event {
    Event::OrderRejected { account: order.account, client_order_id: order.client_order_id, reason }
}

#[inline]
fn record_of(proposal: &Proposal) -> Record {
    Record {
        id: OrderId(0),
        price: proposal.limit(),
        qty: proposal.qty,
        ends: proposal.ends,
        holding: proposal.holding,
        client: NO_CLIENT,
        side: proposal.side,
        hidden: proposal.hidden,
        day: proposal.day,
        reduce_only: proposal.reduce_only,
        post_only: proposal.post_only,
        self_trade: proposal.self_trade,
        special: false,
        status: OrderStatus::Accepted,
    }
}
