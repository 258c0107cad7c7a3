//! Clearing a scope: its open orders are cancelled, groups and algos with them, and then, where asked, its
//! positions taken off by market orders that pass every check but the stops of trading. A bounded part a command.

use crate::Engine;
use crate::index::place;
use crate::order::{Proposal, Special, Stage};
use model::{CancelCause, Event, NewOrder, OrderId, OrderType, Policy, Price, Qty, Scope, Side, TimeInForce};
use serde::{Deserialize, Serialize};

/// Places looked at for the price of one step.
const LOOKS: usize = 64;

/// A scope that is being cleared, and how far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) scope: Scope,
    pub(crate) cause: CancelCause,
    flatten: bool,
    /// The next slot to look at, and the next holding.
    slot: u32,
    holding: u32,
    cancelled: u32,
    flattened: u32,
}

impl Clear {
    pub(crate) fn new(scope: Scope, cause: CancelCause, flatten: bool) -> Self {
        Self { scope, cause, flatten, slot: 1, holding: 0, cancelled: 0, flattened: 0 }
    }
}

impl Engine {
    /// Puts it in line; what is urgent comes first.
    pub(crate) fn clear(&mut self, clear: Clear, urgent: bool) {
        let same = |other: &Clear| {
            (other.scope, other.cause, other.flatten) == (clear.scope, clear.cause, clear.flatten)
        };
        if self.guard.clears.iter().any(same) {
            // It may have passed what is open by now.
            self.guard.clears.retain(|other| !same(other));
        }
        if urgent {
            self.guard.clears.push_front(clear);
        } else {
            self.guard.clears.push_back(clear);
        }
        self.unsettled = true;
    }

    /// What a policy does at once, beside stopping.
    pub(super) fn act(&mut self, scope: Scope, policy: Policy) {
        let met_by_others = !matches!(scope, Scope::House | Scope::Instrument(_) | Scope::Venue(_));
        let cancels = match policy {
            Policy::Alert | Policy::ReduceOnly => false,
            Policy::CancelOpen | Policy::Flatten => true,
            // Where nobody trades any more nothing can happen to what is open.
            Policy::Halt => met_by_others,
        };
        if cancels {
            self.clear(Clear::new(scope, CancelCause::Risk, policy == Policy::Flatten), false);
        }
    }

    pub(super) fn clear_on(&mut self, most: usize, events: &mut Vec<Event>) -> usize {
        let Some(mut clear) = self.guard.clears.pop_front() else { return 0 };
        let took = if (clear.slot as usize) < self.orders.kept.records.len() {
            self.cancel_some(&mut clear, most, events)
        } else if clear.flatten && (clear.holding as usize) < self.ledger.positions.holdings.len() {
            self.flatten_some(&mut clear, most, events)
        } else {
            let Clear { scope, cancelled, flattened, .. } = clear;
            if clear.cause != CancelCause::Liquidation {
                events.push(Event::ScopeCleared { scope, cancelled, flattened });
            }
            return 1;
        };
        self.guard.clears.push_front(clear);
        took
    }

    /// Cancels what is found of it among the next slots, oldest first.
    fn cancel_some(&mut self, clear: &mut Clear, most: usize, events: &mut Vec<Event>) -> usize {
        let (mut found, mut looked) = (Vec::new(), 0usize);
        let (all, most) = (place(self.orders.kept.records.len()), most.max(1));
        while clear.slot < all && found.len() < most && looked < most.saturating_mul(LOOKS) {
            let order = self.orders.at(clear.slot);
            let covered = self.covers(clear.scope, self.ledger.positions.at(order.holding));
            if !order.status.is_final() && covered {
                found.push(clear.slot);
            }
            clear.slot = clear.slot.saturating_add(1);
            looked = looked.saturating_add(1);
        }
        found.sort_unstable_by_key(|&slot| self.orders.at(slot).id);
        let steps = found.len().saturating_add(looked.checked_div(LOOKS).unwrap_or(0)).max(1);
        for slot in found {
            // The end of one may have been the end of others.
            if !self.orders.at(slot).status.is_final() {
                self.cancel_working(slot, clear.cause, events);
                clear.cancelled = clear.cancelled.saturating_add(1);
            }
        }
        steps
    }

    fn flatten_some(&mut self, clear: &mut Clear, most: usize, events: &mut Vec<Event>) -> usize {
        let (mut sent, mut looked) = (0usize, 0usize);
        let all = place(self.ledger.positions.holdings.len());
        while clear.holding < all && sent < most && looked < most.saturating_mul(LOOKS) {
            let at = clear.holding;
            (clear.holding, looked) = (at.saturating_add(1), looked.saturating_add(1));
            let held = self.ledger.positions.at(at);
            if held.qty.is_zero() || !self.covers(clear.scope, held) {
                continue;
            }
            sent = sent.saturating_add(1);
            let (side, qty) = self.to_flatten(at);
            if qty > Qty::ZERO
                && let Some(order) = self.send_forced(at, side, qty, None, events)
            {
                clear.flattened = clear.flattened.saturating_add(1);
                events.push(Event::FlattenSent { scope: clear.scope, order });
            }
        }
        sent.saturating_add(looked.checked_div(LOOKS).unwrap_or(0)).max(1)
    }

    /// What takes a holding off. A cash account sells what it has of what it bought.
    fn to_flatten(&self, at: u32) -> (Side, Qty) {
        let held = self.ledger.positions.at(at);
        let side = if held.qty > Qty::ZERO { Side::Sell } else { Side::Buy };
        if held.on_margin {
            return (side, Qty(held.qty.0.saturating_abs()));
        }
        let lot = self.listings.get(held.instrument.0 as usize).map_or(1, |listed| listed.units.lot);
        let balance = self.ledger.balances.at(held.base);
        let free = balance.total.0.saturating_sub(balance.locked.0).checked_div(lot).unwrap_or(0);
        let free = i64::try_from(free).unwrap_or(i64::MAX).max(0);
        (side, if side == Side::Sell { Qty(held.qty.0.min(free)) } else { Qty::ZERO })
    }

    /// An order of the house's own making, which passes every check but the stops of trading and pays its fees
    /// from what there is. It takes what is there, up to the price, and never rests.
    pub(super) fn send_forced(
        &mut self,
        at: u32,
        side: Side,
        qty: Qty,
        price: Option<Price>,
        events: &mut Vec<Event>,
    ) -> Option<OrderId> {
        let held = self.ledger.positions.at(at);
        let kind = price.map_or(OrderType::Market, |price| OrderType::Limit { price });
        let mut order = NewOrder::new(held.account, held.instrument, side, qty, kind);
        order.book = Some(held.book);
        order.time_in_force = TimeInForce::Ioc;
        order.reduce_only = held.on_margin;
        let mut proposal = match self.propose(&order) {
            Ok(proposal) => Proposal { forced: true, ..proposal },
            Err(reason) => {
                self.refuse(&order, None, reason, events);
                return None;
            }
        };
        match self.approve_any(&mut proposal) {
            Ok(approved) => {
                let slot = self.open_order(approved.get(), &order, None, events);
                if approved.get().special {
                    self.orders.keep(slot, Special::new(&order, Stage::Working, None));
                }
                let order = self.orders.at(slot).id;
                self.enter_any(approved, slot, events);
                Some(order)
            }
            Err(reason) => {
                self.refuse(&order, None, reason, events);
                None
            }
        }
    }
}
