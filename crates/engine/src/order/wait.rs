//! Orders on their way to the market: each waits for its group, its condition, its price, in this order, and
//! then works like any other; one for an auction waits for that. A waiting order locks nothing: it was checked for form when it came, and passes
//! every check when its moment comes, with the account as it is then.

use super::Proposal;
use super::cancel::ended;
use super::signal::{away, signal_of, stop_of};
use super::special::{Special, Stage};
use crate::Engine;
use crate::risk;
use crate::watch::{Purpose, Signal, Toward, Watch};
use model::{
    CancelCause, Changes, Combination, Condition, Event, InstrumentId, NewOrder, OrderId, OrderStatus,
    OrderType, Price, Qty, Reject, Route, Side, Time, Trigger,
};

impl Engine {
    /// Takes an order that waits; it was checked for form.
    pub(crate) fn hold(&mut self, slot: u32, special: Special) {
        let order = self.orders.at_mut(slot);
        order.status = OrderStatus::Held;
        let (id, qty, ends) = (order.id, order.qty, order.ends);
        self.orders.keep(slot, Special { reserve: qty, ..special });
        self.due_at(id, ends);
    }

    /// Comes to a stage, and goes on from it if there is nothing to wait for.
    pub(crate) fn enter(&mut self, slot: u32, stage: Stage, events: &mut Vec<Event>) {
        let order = self.orders.at(slot).id;
        if let Some(special) = self.orders.special_mut(slot) {
            special.stage = stage;
        }
        match stage {
            Stage::Grouped | Stage::Parent | Stage::Outside | Stage::Behind => {}
            Stage::Conditional if self.waits_for_condition(slot) => {
                events.push(Event::OrderHeld { order });
            }
            Stage::Conditional => self.enter(slot, Stage::Armed, events),
            Stage::Armed if self.waits_for_price(slot, events) => events.push(Event::OrderHeld { order }),
            Stage::Armed => self.enter(slot, Stage::Unpriced, events),
            Stage::Unpriced if self.waits_for_others(slot) => events.push(Event::OrderHeld { order }),
            Stage::Unpriced if self.waits_for_call(slot) || self.waits_for_peg(slot) => {
                events.push(Event::OrderHeld { order });
            }
            Stage::Unpriced | Stage::Working => match self.orders.special_mut(slot) {
                Some(Special { stage, algo: Some(algo), .. }) => {
                    *stage = Stage::Parent;
                    let algo = *algo;
                    self.step_algo(algo, events);
                }
                _ => self.work(slot, events),
            },
        }
    }

    /// Its moment has come.
    pub(crate) fn come(&mut self, order: OrderId, price: Option<Price>, events: &mut Vec<Event>) {
        let slot = order.slot();
        let held = self.orders.find(order).is_some_and(|record| record.status == OrderStatus::Held);
        let Some(special) = self.orders.special_mut(slot).filter(|_| held) else { return };
        let (stage, algo) = (special.stage, special.algo);
        if let Some(price) = price {
            events.push(Event::OrderTriggered { order, price });
        }
        match stage {
            Stage::Grouped => self.enter(slot, Stage::Conditional, events),
            Stage::Conditional => self.enter(slot, Stage::Armed, events),
            Stage::Armed => self.set_off(slot, events),
            Stage::Parent => algo.into_iter().for_each(|algo| self.step_algo(algo, events)),
            Stage::Behind => self.enter(slot, Stage::Unpriced, events),
            Stage::Unpriced | Stage::Working | Stage::Outside => {}
        }
    }

    /// Its price was reached: now it is the order that it becomes.
    fn set_off(&mut self, slot: u32, events: &mut Vec<Event>) {
        let side = self.orders.at(slot).side;
        if let Some(special) = self.orders.special_mut(slot) {
            special.order.kind = becomes(&special.order.kind, side, special.peak);
        }
        self.withdraw_others(slot, events);
        self.enter(slot, Stage::Unpriced, events);
    }

    /// To the market, through every check.
    pub(crate) fn work(&mut self, slot: u32, events: &mut Vec<Event>) {
        let mut proposal = match self.propose_held(slot) {
            Ok(proposal) => proposal,
            Err(reason) => return self.cancel_working(slot, CancelCause::Refused { reason }, events),
        };
        match self.approve_any(&mut proposal) {
            Ok(approved) => {
                if self.goes_outside(approved.get())
                    && let Some(special) = self.orders.special_mut(slot)
                {
                    special.stage = Stage::Outside;
                }
                self.let_go(slot, approved.get(), events);
                self.enter_any(approved, slot, events);
            }
            Err(reason) => self.cancel_working(slot, CancelCause::Refused { reason }, events),
        }
    }

    /// What an order that waits proposes now.
    pub(crate) fn propose_held(&mut self, slot: u32) -> Result<Proposal, Reject> {
        let special = self.orders.special_mut(slot).ok_or(Reject::UnknownOrder)?;
        special.stage = Stage::Working;
        let order = NewOrder { qty: special.reserve, ..special.order.clone() };
        self.propose(&order).map(|proposal| self.as_held(slot, proposal))
    }

    /// It has passed the checks and waits no more.
    pub(crate) fn let_go(&mut self, slot: u32, proposal: &Proposal, events: &mut Vec<Event>) {
        let reserve = self.orders.reserve_of(slot);
        let record = self.orders.at_mut(slot);
        let filled = record.qty.0.wrapping_sub(reserve.0);
        record.qty = Qty(filled.wrapping_add(proposal.qty.0));
        (record.price, record.status) = (proposal.limit(), OrderStatus::Accepted);
        record.reduce_only = proposal.reduce_only;
        if proposal.qty < reserve {
            // There is less to reduce by now than it was accepted for.
            let changes = Changes { qty: Some(record.qty), ..Changes::default() };
            let (order, left) = (record.id, proposal.qty);
            events.push(Event::OrderModified { order, changes, left, kept_place: false });
        }
        self.orders.set_reserve(slot, Qty::ZERO);
        if self.orders.special(slot).is_some_and(|special| !special.stays_special()) {
            self.orders.forget_special(slot);
        }
    }

    /// The proposal of an order that came long ago: its end is the one it had then, and whatever its type is
    /// now, it may be of a group.
    fn as_held(&self, slot: u32, proposal: Proposal) -> Proposal {
        let order = self.orders.at(slot);
        let filled = Qty(order.qty.0.saturating_sub(proposal.qty.0));
        let filled = (!filled.is_zero()).then_some(filled);
        Proposal { ends: order.ends, filled, special: true, ..proposal }
    }

    /// Registers what the order's condition needs; false when it holds already.
    fn waits_for_condition(&mut self, slot: u32) -> bool {
        let Some(condition) = self.orders.special(slot).and_then(|special| special.order.condition) else {
            return false;
        };
        match condition {
            Condition::Above { instrument, price, source } => {
                // The side that has to pay to be there.
                self.waits_for(slot, instrument, signal_of(source, Side::Sell), Toward::Rise, price)
            }
            Condition::Below { instrument, price, source } => {
                self.waits_for(slot, instrument, signal_of(source, Side::Buy), Toward::Fall, price)
            }
            Condition::At { time } if time <= self.time => false,
            Condition::At { time } => {
                self.due_at(self.orders.at(slot).id, time);
                true
            }
            Condition::Order { order, status } => {
                if self.orders.find(order).is_some_and(|record| record.status == status) {
                    return false;
                }
                self.awaited.insert((order.0, self.orders.at(slot).id.0));
                true
            }
        }
    }

    fn waits_for_price(&mut self, slot: u32, events: &mut Vec<Event>) -> bool {
        let Some(special) = self.orders.special(slot) else { return false };
        let (side, instrument) = (self.orders.at(slot).side, self.instrument_of(slot));
        let (Trigger { price, source }, toward) = match &special.order.kind {
            OrderType::Stop { trigger } | OrderType::StopLimit { trigger, .. } => (*trigger, with(side)),
            OrderType::MarketIfTouched { trigger } | OrderType::LimitIfTouched { trigger, .. } => {
                (*trigger, with(side.opposite()))
            }
            OrderType::TrailingStop { .. } | OrderType::TrailingStopLimit { .. } => {
                self.trail(slot);
                return true;
            }
            _ => return false,
        };
        if self.waits_for(slot, instrument, signal_of(source, side), toward, price) {
            return true;
        }
        let said = self.says(instrument, signal_of(source, side), toward).unwrap_or(price);
        events.push(Event::OrderTriggered { order: self.orders.at(slot).id, price: said });
        self.withdraw_others(slot, events);
        if let Some(special) = self.orders.special_mut(slot) {
            special.order.kind = becomes(&special.order.kind, side, None);
        }
        false
    }

    /// Waits for a price, unless the market is there.
    fn waits_for(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        signal: Signal,
        toward: Toward,
        price: Price,
    ) -> bool {
        let watch = Watch::new(signal, toward, price, self.orders.at(slot).id.0, Purpose::Fire);
        if self.says(instrument, signal, toward).is_some_and(|now| watch.is_reached(now)) {
            return false;
        }
        self.watch(instrument, slot, watch);
        true
    }

    /// The moment that an order's condition waits for.
    pub(crate) fn moment_of(&self, slot: u32) -> Option<Time> {
        let special = self.orders.special(slot).filter(|special| special.stage == Stage::Conditional)?;
        match special.order.condition {
            Some(Condition::At { time }) => Some(time),
            _ => None,
        }
    }

    /// A moment at which to look at the order again.
    pub(crate) fn due_at(&mut self, order: OrderId, time: Time) {
        if time != Time::MAX {
            self.ends.insert((time, order.0));
            self.next_end = self.next_end.min(time);
        }
    }

    /// An order has come to a state that others may wait for.
    #[cold]
    pub(crate) fn tell_waiting(&mut self, order: OrderId, status: OrderStatus, events: &mut Vec<Event>) {
        let waiting = self.awaited.range((order.0, 0)..=(order.0, u64::MAX)).copied().collect::<Vec<_>>();
        for pair in waiting {
            self.awaited.remove(&pair);
            let waiting = OrderId(pair.1);
            if self.comes_forward(order, waiting) {
                continue;
            }
            let wanted = self.orders.special(waiting.slot()).and_then(|special| special.order.condition);
            match wanted {
                Some(Condition::Order { status: wanted, .. }) if wanted == status => {
                    self.put_in_line(waiting, None);
                }
                _ => self.cancel_working(waiting.slot(), CancelCause::ConditionFailed, events),
            }
        }
    }

    /// The form of an order that will wait: everything that can be said before its moment comes.
    pub(crate) fn check_waiting(&self, order: &NewOrder, proposal: &Proposal) -> Result<(), Reject> {
        self.check_condition(order, proposal)?;
        if matches!(order.route, Route::Smart(_)) {
            return self.check_form_anywhere(proposal);
        }
        risk::check_form(self, proposal)
    }

    /// Whether what it waits for can come.
    fn check_condition(&self, order: &NewOrder, proposal: &Proposal) -> Result<(), Reject> {
        self.orders.check_room()?;
        if let Some(Condition::Order { order, status }) = order.condition {
            let known = self.orders.find(order).ok_or(Reject::UnknownOrder)?;
            if self.ledger.positions.at(known.holding).account != proposal.account {
                return Err(Reject::UnknownOrder);
            }
            if !status.is_final() {
                return Err(Reject::IllegalCombination { what: Combination::ConditionState });
            }
            if let Some(reason) = ended(order, known.status).filter(|_| known.status != status) {
                return Err(reason);
            }
        }
        if let Some(Condition::Above { instrument, .. } | Condition::Below { instrument, .. }) =
            order.condition
            && instrument.0 as usize >= self.listings.len()
        {
            return Err(Reject::UnknownInstrument { instrument });
        }
        Ok(())
    }
}

/// The way the market goes to set off a stop of this side.
fn with(side: Side) -> Toward {
    match side {
        Side::Buy => Toward::Rise,
        Side::Sell => Toward::Fall,
    }
}

/// The order that a triggered order is.
fn becomes(kind: &OrderType, side: Side, peak: Option<Price>) -> OrderType {
    match kind {
        OrderType::Stop { .. } | OrderType::MarketIfTouched { .. } | OrderType::TrailingStop { .. } => {
            OrderType::Market
        }
        OrderType::StopLimit { price, .. } | OrderType::LimitIfTouched { price, .. } => {
            OrderType::Limit { price: *price }
        }
        OrderType::TrailingStopLimit { trail, limit_offset } => {
            let stop = peak.map(|peak| stop_of(trail, side, peak));
            stop.map_or(OrderType::Market, |stop| OrderType::Limit {
                price: away(stop, side, limit_offset.saturating_abs()),
            })
        }
        other => other.clone(),
    }
}
