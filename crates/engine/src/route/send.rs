//! One part of a routed order: said where it goes and why, sent as a child, and what came of it taken in. A market
//! that refuses it or does less than it showed is left alone for the rest of the pass. What self-trade prevention
//! does to a child it does to the whole.

use super::Routed;
use super::choose::{Slice, Why};
use crate::Engine;
use crate::algo::Run;
use model::{
    AlgoId, CancelCause, Changes, Event, InstrumentId, NewOrder, OrderId, OrderType, Qty, Reject, Route,
    SelfTrade, TimeInForce,
};

impl Engine {
    pub(super) fn routed(&self, id: AlgoId) -> Option<(&Run, &Routed)> {
        let run = self.algos.get(&id.0)?;
        run.routed().map(|routed| (run, routed))
    }

    pub(super) fn routed_mut(&mut self, id: AlgoId) -> Option<&mut Routed> {
        self.algos.get_mut(&id.0)?.routed_mut()
    }

    /// The routed order as it was asked for, changed since, and triggered.
    pub(super) fn routed_order(&self, id: AlgoId) -> Option<NewOrder> {
        let (run, _) = self.routed(id)?;
        self.orders.special(run.parent.slot()).map(|special| special.order.clone())
    }

    /// What is left to do of it.
    pub(super) fn routed_left(&self, id: AlgoId) -> Qty {
        self.routed(id).map_or(Qty::ZERO, |(run, _)| self.uncut(run))
    }

    /// Takes what is there at once, up to the slice's price.
    pub(super) fn take_slice(
        &mut self,
        id: AlgoId,
        slice: &Slice,
        least: Option<Qty>,
        events: &mut Vec<Event>,
    ) {
        let Some(order) = self.routed_order(id) else { return };
        let child = NewOrder { qty_min: least, ..taking(&order, slice) };
        let (done, mark) = (self.routed_done(id), events.len());
        self.say_route(id, slice, events);
        let sent = self.send_child(id, &child, None, events);
        let came = Qty(self.routed_done(id).0.saturating_sub(done.0));
        let short = match sent {
            Ok(sent) => {
                let lost = self.take_in_self_trade(id, sent, came, mark, events);
                lost.is_some_and(|lost| came.0.saturating_add(lost.0) < slice.qty.0)
            }
            Err(reason) => {
                self.note_refusal(id, reason);
                true
            }
        };
        let blind = matches!(slice.why, Why::Dark | Why::Hidden) && sent.is_ok();
        if short && !blind {
            self.shut(id, slice.market);
        }
    }

    /// Has what is left stand in a market. False if there is still something to be done about it.
    pub(super) fn stand(&mut self, id: AlgoId, slice: &Slice, events: &mut Vec<Event>) -> bool {
        let (Some(order), Some((run, _))) = (self.routed_order(id), self.routed(id)) else { return true };
        let done = run.done;
        let child = NewOrder { time_in_force: TimeInForce::Gtc, ..taking(&order, slice) };
        let mark = events.len();
        self.say_route(id, slice, events);
        // What is left of an order may be less than the least.
        let sent = match self.send_child(id, &child, Some(done).filter(|done| !done.is_zero()), events) {
            Ok(sent) => sent,
            Err(reason) => {
                self.note_refusal(id, reason);
                self.shut(id, slice.market);
                return false;
            }
        };
        let came = Qty(self.routed_done(id).0.saturating_sub(done.0));
        self.take_in_self_trade(id, sent, came, mark, events);
        if self.is_live(sent.0) {
            if let Some(routed) = self.routed_mut(id) {
                routed.resting = Some((sent.0, slice.market));
            }
            // A reduce-only order may be able to stand with less.
            let uncut = self.routed_left(id);
            self.lose(id, uncut, events);
        }
        self.routed_left(id).is_zero()
    }

    fn say_route(&mut self, id: AlgoId, slice: &Slice, events: &mut Vec<Event>) {
        let Some(routed) = self.routed_mut(id) else { return };
        let why = if std::mem::take(&mut routed.rerouted) { Why::Reroute } else { slice.why };
        let Some((run, _)) = self.routed(id) else { return };
        let Slice { venue, qty, .. } = *slice;
        events.push(Event::RouteChosen { order: run.parent, venue, qty, why: why.word() });
    }

    fn routed_done(&self, id: AlgoId) -> Qty {
        self.routed(id).map_or(Qty::ZERO, |(run, _)| run.done)
    }

    pub(super) fn is_live(&self, order: OrderId) -> bool {
        self.orders.find(order).is_some_and(|record| !record.status.is_final())
    }

    fn note_refusal(&mut self, id: AlgoId, reason: Reject) {
        if let Some(routed) = self.routed_mut(id) {
            routed.refused = Some(reason);
        }
    }

    /// Nothing more is asked of a market in this pass.
    fn shut(&mut self, id: AlgoId, market: InstrumentId) {
        if let Some(routed) = self.routed_mut(id) {
            routed.shut.push(market);
            routed.rerouted = true;
        }
    }

    /// Own orders stood in the way: what the child was lowered by the whole is lowered by, and where the newest is
    /// to go the whole goes. Gives by how much; none where only the oldest went, and the child can be sent again.
    fn take_in_self_trade(
        &mut self,
        id: AlgoId,
        (child, asked): (OrderId, Qty),
        came: Qty,
        mark: usize,
        events: &mut Vec<Event>,
    ) -> Option<Qty> {
        let Some(mode) = self.routed_order(id).and_then(|order| order.self_trade) else {
            return Some(Qty::ZERO);
        };
        let (mut lost, mut stopped, mut cleared) = (0i64, false, false);
        for event in events.get(mark..).unwrap_or_default() {
            match event {
                Event::OrderModified { order, changes: Changes { qty: Some(qty), .. }, .. }
                    if *order == child =>
                {
                    lost = asked.0.saturating_sub(qty.0);
                }
                Event::OrderCancelled { order, cause: CancelCause::SelfTrade, .. } => {
                    (stopped, cleared) = (stopped || *order == child, cleared || *order != child);
                }
                _ => {}
            }
        }
        let open = Qty(asked.0.saturating_sub(came.0));
        if stopped && mode != SelfTrade::Decrement {
            self.give_up(id, CancelCause::SelfTrade, events);
            return Some(open);
        }
        let lost = if stopped { open } else { Qty(lost) };
        self.lose(id, lost, events);
        (mode != SelfTrade::CancelOldest || !cleared).then_some(lost)
    }

    /// The whole is lowered by what a part of it has lost.
    pub(crate) fn lose(&mut self, id: AlgoId, lost: Qty, events: &mut Vec<Event>) {
        let Some((run, _)) = self.routed(id).filter(|_| lost > Qty::ZERO) else { return };
        let slot = run.parent.slot();
        let left = Qty(self.orders.left(slot).0.saturating_sub(lost.0));
        if left <= Qty::ZERO {
            return self.give_up(id, CancelCause::SelfTrade, events);
        }
        self.shrink_resting(slot, left, events);
    }

    pub(super) fn give_up(&mut self, id: AlgoId, cause: CancelCause, events: &mut Vec<Event>) {
        if let Some((run, _)) = self.routed(id) {
            self.cancel_working(run.parent.slot(), cause, events);
        }
    }
}

/// The part of an order that a slice is, as an order for the market there.
pub(super) fn taking(order: &NewOrder, slice: &Slice) -> NewOrder {
    let kind = slice.price.map_or(OrderType::Market, |price| OrderType::Limit { price });
    NewOrder {
        instrument: slice.market,
        qty: slice.qty,
        kind,
        time_in_force: TimeInForce::Ioc,
        client_order_id: None,
        qty_min: None,
        route: Route::Listing,
        condition: None,
        ..order.clone()
    }
}
