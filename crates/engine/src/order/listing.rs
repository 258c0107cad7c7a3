//! Changes of a listing that reach its open orders: states that end them or let them meet, fees that change what they reserve.

use crate::Engine;
use crate::listing::check_fees;
use crate::units::Units;
use model::{Call, CancelCause, Event, Fees, InstrumentId, InstrumentState, Money, Qty, Reject};

impl Engine {
    /// What gathered trades when trading begins, and at the close of an auction. Day orders end with the session;
    /// every order ends with the instrument.
    pub(crate) fn set_state(
        &mut self,
        instrument: InstrumentId,
        state: InstrumentState,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        let now = listed.instrument.state;
        if now == state {
            return Err(Reject::NothingToChange);
        }
        if now == InstrumentState::Expired {
            return Err(Reject::BadStateChange);
        }
        let traded = match (now, state) {
            (_, InstrumentState::Trading) => self.uncross(instrument, Call::Open, events),
            (InstrumentState::Auction, InstrumentState::Closed) => {
                self.uncross(instrument, Call::Close, events)
            }
            (_, InstrumentState::Closed) => {
                self.call_off(instrument, Call::Close, events);
                false
            }
            _ => false,
        };
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.instrument.state = state;
            listed.indicated = None;
        }
        for slot in self.working_in(instrument) {
            match state {
                // The end of one may have been the end of others.
                _ if self.orders.at(slot).status.is_final() => {}
                InstrumentState::Expired => self.cancel_working(slot, CancelCause::Delisted, events),
                InstrumentState::Closed if self.orders.at(slot).day && self.orders.is_outside(slot) => {
                    self.close_day_outside(slot, events);
                }
                InstrumentState::Closed if self.orders.at(slot).day => self.expire_working(slot, events),
                _ => {}
            }
        }
        self.leave_closed(events);
        self.resume(instrument, traded);
        Ok(Event::InstrumentStateChanged { instrument, state })
    }

    /// Open orders reserve by the new fees; those whose account cannot pay that are cancelled, once all reserve by
    /// the same fees: the end of one may be the end of others.
    pub(crate) fn set_fees(
        &mut self,
        instrument: InstrumentId,
        fees: &Fees,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        let listed = self.listings.get_mut(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        check_fees(fees)?;
        let units = listed.units.charging(fees);
        let before = std::mem::replace(&mut listed.units, units);
        listed.instrument.fees = *fees;
        self.reserve_outside_by(instrument, &before);
        for slot in self.reserve_again_by(instrument, &before) {
            if !self.orders.at(slot).status.is_final() {
                self.cancel_working(slot, CancelCause::CannotPay, events);
            }
        }
        Ok(Event::FeesChanged { instrument, fees: *fees })
    }

    /// Moves what the resting orders reserve from the units before to those of now, oldest order first; gives those
    /// that would leave their account short.
    fn reserve_again_by(&mut self, instrument: InstrumentId, before: &Units) -> Vec<u32> {
        let mut short = Vec::new();
        for slot in self.resting_in(instrument) {
            let left = self.orders.left(slot);
            self.reserve_by(slot, Some(before), (left, Qty::ZERO));
            self.reserve_by(slot, None, (Qty::ZERO, left));
            let at = self.ledger.positions.at(self.orders.at(slot).holding).quote;
            if self.ledger.balances.at(at).available() < Money::ZERO {
                self.reserve_by(slot, None, (left, Qty::ZERO));
                short.push(slot);
            }
        }
        for &slot in &short {
            self.reserve_by(slot, None, (Qty::ZERO, self.orders.left(slot)));
        }
        short
    }

    /// Changes what an order reserves, by the units of its listing or by others.
    fn reserve_by(&mut self, slot: u32, units: Option<&Units>, change: (Qty, Qty)) {
        let order = *self.orders.at(slot);
        self.with_listing(order.holding, |listed, _, ledger| {
            let (initial, at) = (listed.instrument.margin.initial, (order.side, order.price));
            ledger.rereserve(order.holding, units.unwrap_or(&listed.units), initial, at, change);
        });
    }
}
