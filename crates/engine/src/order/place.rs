//! A new order: the same id again gets the first answer; else it is proposed, checked, accepted and crossed.

use super::{Proposal, Remainder, body::body_of};
use crate::Engine;
use crate::clients::{Answer, Key, NO_CLIENT};
use crate::orders::Record;
use crate::risk::{self, Approved};
use model::{
    CancelCause, ClientOrderId, Event, FirstAnswer, NewOrder, OrderAccepted, OrderId, OrderStatus, Qty,
    Reject,
};

/// A client id that is new in its account: its key and its body's fingerprint.
#[derive(Clone, Copy)]
struct Named {
    key: Key,
    body: u64,
}

impl Engine {
    pub(crate) fn place(&mut self, order: &NewOrder, events: &mut Vec<Event>) {
        if let Err(reason) = self.registry.main(order.account) {
            return events.push(rejected(order, reason));
        }
        let named = match self.name(order, events) {
            Some(named) => named,
            None => return,
        };
        let mut proposal = match self.propose(order) {
            Ok(proposal) => proposal,
            Err(reason) => return self.refuse(order, named, reason, events),
        };
        match self.approve(&mut proposal) {
            Ok(approved) => self.accept(&approved, order.client_order_id.as_ref(), named, events),
            Err(reason) => self.refuse(order, named, reason, events),
        }
    }

    #[cold]
    fn refuse(&mut self, order: &NewOrder, named: Option<Named>, reason: Reject, events: &mut Vec<Event>) {
        if let Some(Named { key, body }) = named {
            let at = self.clients.remember(key, body, Answer::Rejected(Box::new(reason)));
            self.clients.end(at, OrderStatus::Rejected, self.time);
        }
        events.push(rejected(order, reason));
    }

    /// The order's client id if it is new (or has none); else the answer goes out and there is nothing to do.
    #[inline]
    #[expect(
        clippy::option_option,
        reason = "the outer says whether to go on, the inner whether it has an id"
    )]
    fn name(&mut self, order: &NewOrder, events: &mut Vec<Event>) -> Option<Option<Named>> {
        let Some(id) = &order.client_order_id else { return Some(None) };
        let named = Named { key: Key::of(order.account, id), body: body_of(order) };
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

    #[inline]
    fn approve<'a>(&self, proposal: &'a mut Proposal) -> Result<Approved<&'a Proposal>, Reject> {
        self.settle_post_only(proposal)?;
        self.orders.check_room()?;
        self.look_if_needed(proposal);
        risk::check(self, proposal)
    }

    fn accept(
        &mut self,
        approved: &Approved<&Proposal>,
        text: Option<&ClientOrderId>,
        named: Option<Named>,
        events: &mut Vec<Event>,
    ) {
        let proposal = approved.get();
        let slot = self.orders.open(record_of(proposal), text);
        let order = self.orders.at(slot).id;
        if let Some(Named { key, body }) = named {
            self.orders.at_mut(slot).client = self.clients.remember(key, body, Answer::Order(order));
        }
        let Proposal { account, book, instrument, side, qty, .. } = *proposal;
        events.push(Event::OrderAccepted(OrderAccepted { order, account, book, instrument, side, qty }));
        let fillable = proposal.look.map_or(Qty::ZERO, |look| look.qty);
        if proposal.remainder == Remainder::AllOrNothing && fillable < qty {
            return self.end_unrested(slot, qty, CancelCause::NotAllFillable, events);
        }
        self.cross_and_rest(approved, slot, qty, events);
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
        status: OrderStatus::Accepted,
    }
}
