//! Pegged orders follow the best displayed prices of their market, hidden and always short of the other side.
//! Two of them may meet halfway, and then they trade. Without a price to follow, and while the
//! instrument does not trade, they wait outside of the book.

use super::signal::{away, middle};
use super::special::Stage;
use crate::Engine;
use crate::watch::Toward;
use model::{
    CancelCause, Event, InstrumentId, NewOrder, OrderId, OrderStatus, OrderType, PegTo, Price, Side,
};

impl Engine {
    /// Where the order belongs now.
    pub(crate) fn peg_price(&self, order: &NewOrder) -> Option<Price> {
        let OrderType::Pegged { to, offset, limit } = order.kind else { return None };
        let (bid, ask) = self.listings.get(order.instrument.0 as usize)?.best();
        let (own, other, toward) = match order.side {
            Side::Buy => (bid, ask, Toward::Rise),
            Side::Sell => (ask, bid, Toward::Fall),
        };
        let reference = match to {
            PegTo::OwnSide => own?,
            PegTo::Opposite => other?,
            PegTo::Mid => middle((bid, ask), toward)?,
        };
        let price = Price(reference.0.saturating_add(offset));
        let at_most = [limit, other.map(|other| away(other, order.side.opposite(), 1))];
        Some(at_most.into_iter().flatten().fold(price, |price, bound| match order.side {
            Side::Buy => price.min(bound),
            Side::Sell => price.max(bound),
        }))
    }

    pub(crate) fn waits_for_peg(&mut self, slot: u32) -> bool {
        let Some(special) = self.orders.special(slot).filter(|special| special.is_pegged()) else {
            return false;
        };
        let waits = self.peg_price(&special.order).is_none();
        let (instrument, id) = (self.instrument_of(slot), self.orders.at(slot).id.0);
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.watchers.pegged.insert(id);
            listed.mind();
        }
        waits
    }

    /// Moves the pegged orders of a market to where they belong, oldest first.
    pub(crate) fn peg_again(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        listed.mind();
        let mut pegged: Vec<u64> = listed.watchers.pegged.iter().copied().collect();
        pegged.sort_unstable();
        for id in pegged {
            self.peg(OrderId(id), events);
        }
    }

    fn peg(&mut self, order: OrderId, events: &mut Vec<Event>) {
        let slot = order.slot();
        let Some(record) = self.orders.find(order).filter(|record| !record.status.is_final()) else { return };
        let (held, now) = (record.status == OrderStatus::Held, record.price);
        let Some(special) = self.orders.special(slot) else { return };
        match self.peg_price(&special.order) {
            Some(_) if held => self.work(slot, events),
            None if !held => self.wait_unpriced(slot, events),
            Some(price) if price != now => {
                if let Err(reason) = self.move_to(slot, price, events) {
                    self.cancel_working(slot, CancelCause::Refused { reason }, events);
                }
            }
            _ => {}
        }
    }

    /// What it follows is gone.
    fn wait_unpriced(&mut self, slot: u32, events: &mut Vec<Event>) {
        let left = self.take_out(slot);
        self.orders.set_reserve(slot, left);
        self.orders.at_mut(slot).status = OrderStatus::Held;
        if let Some(special) = self.orders.special_mut(slot) {
            special.stage = Stage::Unpriced;
        }
        events.push(Event::OrderHeld { order: self.orders.at(slot).id });
    }
}
