//! The moment of an auction. What gathered in the book, and the orders that waited for just this, trade at one
//! price; what is left of the latter goes. The rules: a limit order joins the back of its price, a market order
//! stands before all limits; each passes every check, a market order's money being checked at the price that all
//! of them come to. The price is found again after that, so that a refused order has no part in it.

use crate::Engine;
use crate::auction::Indication;
use model::{Call, CancelCause, Event, InstrumentId, InstrumentState, OrderType, Price, Side};

impl Engine {
    pub(crate) fn waits_for_call(&self, slot: u32) -> bool {
        self.call_of(slot).is_some() && !self.is_outside(self.instrument_of(slot))
    }

    /// The auction that an order waits for.
    fn call_of(&self, slot: u32) -> Option<Call> {
        Call::of(self.orders.special(slot)?.order.time_in_force)
    }

    /// Trades what gathered at one price. Whether anything did.
    pub(crate) fn uncross(&mut self, instrument: InstrumentId, call: Call, events: &mut Vec<Event>) -> bool {
        let traded = self.trades;
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.instrument.state = InstrumentState::Auction;
        }
        let called = self.called(instrument, call);
        let (any, limited): (Vec<u32>, Vec<u32>) = called.iter().partition(|slot| self.takes_any(**slot));
        for slot in limited {
            self.join(slot, None, events);
        }
        let (buys, sells): (Vec<u32>, Vec<u32>) =
            any.into_iter().partition(|slot| self.orders.at(*slot).side == Side::Buy);
        self.join_at_any(instrument, &sells, [self.asked(&buys), self.asked(&sells)], events);
        self.join_at_any(instrument, &buys, [self.asked(&buys), 0], events);
        if let Some(Indication { price, qty, .. }) = self.auction_of(instrument, [0, 0]) {
            events.push(Event::AuctionUncrossed { instrument, price, qty });
            self.match_standing(instrument, Some(price), events);
        }
        self.send_away(&called, events);
        self.match_standing(instrument, None, events);
        self.trades != traded
    }

    fn auction_of(&self, instrument: InstrumentId, any: [i64; 2]) -> Option<Indication> {
        self.indication(self.listings.get(instrument.0 as usize)?, any)
    }

    /// Market orders join at the price of all, if there is one.
    fn join_at_any(
        &mut self,
        instrument: InstrumentId,
        slots: &[u32],
        any: [i64; 2],
        events: &mut Vec<Event>,
    ) {
        let Some(Indication { price, .. }) = self.auction_of(instrument, any) else { return };
        for &slot in slots {
            self.join(slot, Some(price), events);
        }
    }

    fn asked(&self, slots: &[u32]) -> i64 {
        slots.iter().map(|slot| self.orders.left(*slot).0).fold(0, i64::saturating_add)
    }

    /// There is no such auction any more.
    pub(crate) fn call_off(&mut self, instrument: InstrumentId, call: Call, events: &mut Vec<Event>) {
        let called = self.called(instrument, call);
        self.send_away(&called, events);
    }

    fn send_away(&mut self, called: &[u32], events: &mut Vec<Event>) {
        for &slot in called {
            if !self.orders.at(slot).status.is_final() {
                self.cancel_working(slot, CancelCause::NoAuction, events);
            }
        }
    }

    /// The slots of the orders that wait for this auction, oldest first.
    fn called(&self, instrument: InstrumentId, call: Call) -> Vec<u32> {
        let own = |slot: &u32| self.instrument_of(*slot) == instrument && self.call_of(*slot) == Some(call);
        if self.is_outside(instrument) {
            return Vec::new();
        }
        let mut slots: Vec<u32> = self.waiting().filter(own).collect();
        slots.sort_unstable_by_key(|&slot| self.orders.at(slot).id);
        slots
    }

    /// Whether it has no limit.
    fn takes_any(&self, slot: u32) -> bool {
        let special = self.orders.special(slot);
        special.is_some_and(|special| special.order.kind == OrderType::Market)
    }

    /// Into the book, through every check; without a limit at the price that there is.
    fn join(&mut self, slot: u32, price: Option<Price>, events: &mut Vec<Event>) {
        let mut proposal = match self.propose_held(slot) {
            Ok(proposal) => proposal,
            Err(reason) => return self.cancel_working(slot, CancelCause::Refused { reason }, events),
        };
        let place = proposal.limit();
        proposal.price = proposal.price.or(price);
        match self.approve(&mut proposal) {
            Ok(approved) => {
                let left = approved.get().qty;
                self.let_go(slot, approved.get(), events);
                self.rest_at(approved, slot, place, left, events);
            }
            Err(reason) => self.cancel_working(slot, CancelCause::Refused { reason }, events),
        }
    }
}
