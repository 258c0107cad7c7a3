//! The end of an instrument: its orders end, and where the holders get a price for what they hold, their positions
//! are paid out at it. Without a price what is held stays as it is, and nothing trades any more.

use super::split::Turned;
use crate::Engine;
use crate::amount::POSITION_VALUE_MAX;
use model::{Event, InstrumentId, InstrumentState, Price, Reject};

impl Engine {
    pub(super) fn delist(
        &mut self,
        instrument: InstrumentId,
        price: Option<Price>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let turned = price.map(|price| self.paid_out(instrument, price)).transpose()?;
        let event = self.set_state(instrument, InstrumentState::Expired, events)?;
        events.push(event);
        for turn in turned.iter().flatten() {
            self.turn(instrument, turn, events);
            self.feel_holding(turn.holding);
        }
        Ok(())
    }

    /// What each position comes to when nothing is held of it and its value was paid.
    fn paid_out(&self, instrument: InstrumentId, price: Price) -> Result<Vec<Turned>, Reject> {
        let units = self.listings.get(instrument.0 as usize).map(|listed| listed.units);
        let turn = |holding: u32| {
            let held = self.ledger.positions.at(holding);
            let paid = units.and_then(|units| units.worth(price, held.qty));
            let paid = paid.filter(|paid| paid.unsigned_abs() < POSITION_VALUE_MAX.unsigned_abs());
            let paid = paid.ok_or(Reject::TooLargeToCount)?;
            Ok(Turned { holding, qty: 0, cost: held.cost.0, paid })
        };
        self.holders_of(instrument).into_iter().map(turn).collect()
    }
}
