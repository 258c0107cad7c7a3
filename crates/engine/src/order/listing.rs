//! Changes of a listing that reach its open orders: states that end them or let them meet, fees that change what they reserve.

use super::Call;
use crate::Engine;
use crate::listing::check_fees;
use crate::units::Units;
use model::{CancelCause, Event, Fees, InstrumentId, InstrumentState, Money, Qty, Reject};

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
                InstrumentState::Closed if self.orders.at(slot).day => self.expire_working(slot, events),
                _ => {}
            }
        }
        self.resume(instrument, traded);
        Ok(Event::InstrumentStateChanged { instrument, state })
    }

    /// Open orders reserve by the new fees; one whose account cannot pay that is cancelled.
    pub(crate) fn set_fees(
        &mut self,
        instrument: InstrumentId,
        fees: &Fees,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        check_fees(fees)?;
        let units = listed.units.charging(fees);
        let slots = self.resting_in(instrument);
        for &slot in &slots {
            if self.orders.at(slot).status.is_final() {
                continue;
            }
            if self.cannot_pay(slot, &units) {
                self.cancel_working(slot, CancelCause::CannotPay, events);
            } else {
                self.reserve_by(slot, None, &units);
            }
        }
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.units = units;
            listed.instrument.fees = *fees;
        }
        Ok(Event::FeesChanged { instrument, fees: *fees })
    }

    /// Whether the order's account would be short if the order reserved by `units`.
    fn cannot_pay(&mut self, slot: u32, units: &Units) -> bool {
        let holding = self.orders.at(slot).holding;
        self.reserve_by(slot, None, units);
        let at = self.ledger.positions.at(holding).quote;
        let short = self.ledger.balances.at(at).available() < Money::ZERO;
        self.reserve_by(slot, Some(units), units);
        short
    }

    /// Moves the order's reservation from its listing's units to `to`; or back, from `from`.
    fn reserve_by(&mut self, slot: u32, from: Option<&Units>, to: &Units) {
        let (order, left) = (*self.orders.at(slot), self.orders.left(slot));
        let at = (order.side, order.price);
        self.with_listing(order.holding, |listed, _, ledger| {
            let initial = listed.instrument.margin.initial;
            let (old, new) = if from.is_some() { (to, &listed.units) } else { (&listed.units, to) };
            ledger.rereserve(order.holding, old, initial, at, (left, Qty::ZERO));
            ledger.rereserve(order.holding, new, initial, at, (Qty::ZERO, left));
        });
    }
}
