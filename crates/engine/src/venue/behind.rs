//! What an order at a venue means for others of its account. One that replaces it, as a stop does its target, waits
//! until the venue has let go of it: both at once would ask for the same stock twice. Orders that only reduce
//! follow their position, as in our own market, as fast as the venue answers.

use crate::Engine;
use crate::order::Stage;
use crate::units::Units;
use model::{CancelCause, Changes, Event, InstrumentId, OrderId, OrderStatus, Qty};

impl Engine {
    /// It comes to the market when those of them that are at a venue and on its own side have ended.
    pub(crate) fn stay_behind(&mut self, slot: u32, others: &[OrderId]) {
        let own = self.orders.at(slot);
        let (id, side) = (own.id, own.side);
        let still = |order: &&OrderId| {
            let record = self.orders.find(**order).filter(|record| !record.status.is_final());
            record.is_some_and(|record| record.id != id && record.side == side)
                && self.orders.is_outside(order.slot())
        };
        let ahead: Vec<OrderId> = others.iter().filter(still).copied().collect();
        self.awaited.extend(ahead.iter().map(|order| (order.0, id.0)));
        if let Some(special) = self.orders.special_mut(slot) {
            special.behind = ahead;
        }
    }

    pub(crate) fn waits_for_others(&mut self, slot: u32) -> bool {
        let Some(special) = self.orders.special_mut(slot).filter(|special| !special.behind.is_empty()) else {
            return false;
        };
        special.stage = Stage::Behind;
        true
    }

    /// An order has ended. Whether the other waited behind it; if it was the last, the other comes.
    pub(crate) fn comes_forward(&mut self, ended: OrderId, waiting: OrderId) -> bool {
        let Some(special) = self.orders.special_mut(waiting.slot()) else { return false };
        let before = special.behind.len();
        special.behind.retain(|ahead| *ahead != ended);
        let (was, free) = (special.behind.len() < before, special.behind.is_empty());
        let waits = special.stage == Stage::Behind;
        if was && free && waits {
            self.put_in_line(waiting, None);
        }
        was
    }

    /// What fills of an order is not there any more for those that wait behind it.
    pub(super) fn lower_those_behind(&mut self, order: OrderId, qty: Qty, events: &mut Vec<Event>) {
        let waiting = self.awaited.range((order.0, 0)..=(order.0, u64::MAX)).map(|pair| OrderId(pair.1));
        let waiting: Vec<OrderId> = waiting.collect();
        for other in waiting {
            let slot = other.slot();
            let behind = self.orders.special(slot).is_some_and(|special| special.behind.contains(&order));
            if !behind || self.orders.at(slot).status != OrderStatus::Held {
                continue;
            }
            let left = Qty(self.orders.left(slot).0.saturating_sub(qty.0));
            if left <= Qty::ZERO {
                self.cancel_working(slot, CancelCause::Group, events);
            } else {
                let record = self.orders.at_mut(slot);
                record.qty = Qty(record.qty.0.saturating_sub(qty.0));
                let changes = Changes { qty: Some(record.qty), ..Changes::default() };
                self.orders.set_reserve(slot, left);
                events.push(Event::OrderModified { order: other, changes, left, kept_place: true });
            }
        }
    }

    /// Orders of a holding claim no more than there is to reduce: the newest give way, now in the books, and at the
    /// venue as soon as it has answered.
    pub(crate) fn trim_outside(&mut self, holding: u32, events: &mut Vec<Event>) {
        loop {
            let held = self.ledger.positions.at(holding);
            let newest = self.newest_claim(holding);
            let Some(slot) = newest else { return };
            let against = held.qty.0.signum() == self.orders.at(slot).side.opposite().sign();
            let excess = if against {
                held.reducing.saturating_sub(held.qty.0.saturating_abs())
            } else {
                held.reducing
            };
            if excess <= 0 {
                return;
            }
            let claimed = self.outside(slot).map_or(0, |known| known.claimed.0);
            let less = excess.min(claimed);
            self.claim_outside(slot, Qty(claimed.saturating_sub(less)));
            let target = Qty(self.target_outside(slot).0.saturating_sub(less));
            self.resize_outside(slot, target, CancelCause::NothingToReduce, events);
        }
    }

    fn newest_claim(&self, holding: u32) -> Option<u32> {
        let orders = self.desks.all.values().flat_map(|desk| desk.orders.live());
        let claims = orders.filter(|(_, known)| known.holding == holding && known.claimed > Qty::ZERO);
        claims.map(|(order, _)| order).max().map(|order| OrderId(order).slot())
    }

    /// Orders of a market at a venue reserve by other fees from now on.
    pub(crate) fn reserve_outside_by(&mut self, instrument: InstrumentId, before: &Units) {
        let here = self.working_in(instrument).into_iter().filter(|slot| self.orders.is_outside(*slot));
        let slots: Vec<u32> = here.collect();
        for slot in slots {
            let Some((price, open)) = self.outside(slot).map(|known| known.reserved) else { continue };
            let (holding, side) = (self.orders.at(slot).holding, self.orders.at(slot).side);
            self.with_listing(holding, |listed, _, ledger| {
                let initial = listed.instrument.margin.initial;
                ledger.rereserve(holding, before, initial, (side, price), (open, Qty::ZERO));
                ledger.rereserve(holding, &listed.units, initial, (side, price), (Qty::ZERO, open));
            });
            self.note_owing(self.ledger.positions.at(holding).quote);
        }
    }

    /// The bookkeeping of its end.
    pub(crate) fn retire_outside(&mut self, order: OrderId) {
        let now = self.time;
        if self.orders.is_outside(order.slot())
            && let Some(desk) = self.desk_mut(order.slot())
        {
            desk.retire(order, now);
        }
    }
}
