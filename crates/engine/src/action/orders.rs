//! Open orders around a split. Those that rest here are ended, because one after the other they would trade with each
//! other on the way; those that wait for a price here, and those at outside venues, which adjust them by the same
//! rule, come out in the ratio. What cannot be ordered so, or is sized by its group or algo, is ended.

use super::split::Ratio;
use crate::Engine;
use model::{
    CancelCause, Changes, Event, InstrumentId, ModifyOrder, OrderRef, OrderStatus, OrderType, Price, Qty,
};

const CAUSE: CancelCause = CancelCause::CorporateAction;

impl Engine {
    pub(super) fn end_own_orders(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        for slot in self.resting_in(instrument) {
            self.end_for_action(slot, events);
        }
    }

    pub(super) fn turn_orders(&mut self, instrument: InstrumentId, ratio: Ratio, events: &mut Vec<Event>) {
        for slot in self.working_in(instrument) {
            if self.orders.at(slot).status.is_final() {
                continue;
            }
            let turned = if self.orders.at(slot).status == OrderStatus::Held {
                self.turn_waiting(slot, ratio, events)
            } else {
                self.turn_outside(slot, ratio, events)
            };
            if turned.is_none() {
                self.end_for_action(slot, events);
            }
        }
    }

    /// The end of one may have been the end of others.
    fn end_for_action(&mut self, slot: u32, events: &mut Vec<Event>) {
        if !self.orders.at(slot).status.is_final() {
            self.cancel_working(slot, CAUSE, events);
        }
    }

    /// Whole and open quantity after it; none where nothing is left of them or too much for an order.
    fn turned_qty(&self, slot: u32, ratio: Ratio) -> Option<(i64, i64)> {
        let record = self.orders.at(slot);
        let most = self.listings.get(self.instrument_of(slot).0 as usize)?.instrument.qty_max.0;
        let (all, left) = (ratio.lots(record.qty.0)?, ratio.lots(self.orders.left(slot).0)?);
        (left > 0 && all <= most).then_some((all, left))
    }

    fn turn_waiting(&mut self, slot: u32, ratio: Ratio, events: &mut Vec<Event>) -> Option<()> {
        let (all, _) = self.turned_qty(slot, ratio)?;
        let (id, side) = (self.orders.at(slot).id, self.orders.at(slot).side);
        let account = self.ledger.positions.at(self.orders.at(slot).holding).account;
        let turn = |price: Price| ratio.price(price, side);
        let (trigger, price) = match &self.orders.special(slot)?.order.kind {
            OrderType::Stop { trigger } | OrderType::MarketIfTouched { trigger } => {
                (Some(turn(trigger.price)?), None)
            }
            OrderType::StopLimit { trigger, price } | OrderType::LimitIfTouched { trigger, price } => {
                (Some(turn(trigger.price)?), Some(turn(*price)?))
            }
            _ => return None,
        };
        let changes = Changes { qty: Some(Qty(all)), price, trigger, ..Changes::default() };
        let before = events.len();
        self.modify(&ModifyOrder { account, order: OrderRef::Id(id), changes }, events);
        let refused = matches!(events.get(before), Some(Event::ModifyRejected { .. }));
        if refused {
            events.truncate(before);
            return None;
        }
        Some(())
    }

    fn turn_outside(&mut self, slot: u32, ratio: Ratio, events: &mut Vec<Event>) -> Option<()> {
        let is_sized = self.group_of(slot).is_some()
            || self.orders.special(slot).is_some_and(|special| special.parent.is_some());
        let outside = self.outside(slot)?;
        let busy = outside.change.is_some() || outside.cancel.is_some() || outside.unknown;
        if is_sized || busy || outside.closing.is_some() {
            return None;
        }
        let (_, left) = self.turned_qty(slot, ratio)?;
        let record = self.orders.at(slot);
        let limit = matches!(self.orders.special(slot)?.order.kind, OrderType::Limit { .. });
        let price = ratio.price(record.price, record.side)?;
        let units = self.listings.get(self.instrument_of(slot).0 as usize)?.units;
        if !units.countable(price, Qty(left)) {
            return None;
        }
        self.turn_change(slot, Qty(left), (price, limit), events);
        Some(())
    }
}
