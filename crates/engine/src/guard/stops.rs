//! Where trading is stopped or may only reduce: by a state that was set, a kill switch, or a rule that was
//! broken. The tightest on an order's way wins, and among equally tight ones the nearest to the house is named.
//! Cancels never come here.

use crate::Engine;
use crate::order::Proposal;
use model::{
    Because, BookId, CancelCause, Event, LimitKind, Money, Qty, Reject, RuleId, Scope, Side, TradingState,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Clear;

/// What stops an order at one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stop {
    asked: TradingState,
    killed: bool,
    rules: BTreeMap<Cause, TradingState>,
}

/// The rule that did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cause {
    Loss(LimitKind),
    Breaker(RuleId),
    Silent(BookId),
}

impl Stop {
    pub(super) fn is_killed(&self) -> bool {
        self.killed
    }

    pub(super) fn is_idle(&self) -> bool {
        self.asked == TradingState::Active && !self.killed && self.rules.is_empty()
    }
}

/// An order on its way: refused where trading is stopped, and where it may only reduce kept to that.
#[cold]
pub(crate) fn restrain(engine: &Engine, order: &mut Proposal) -> Result<(), Reject> {
    if order.forced {
        return Ok(());
    }
    let (state, reject) = engine.tightest(order);
    match state {
        TradingState::Halted => return Err(reject),
        TradingState::ReduceOnly if order.on_margin => order_reduces(engine, order, reject)?,
        TradingState::ReduceOnly if order.side == Side::Buy => return Err(reject),
        TradingState::ReduceOnly | TradingState::Active => {}
    }
    let reduces = order.reduce_only || (!order.on_margin && order.side == Side::Sell);
    if !reduces && engine.is_unvalued(order) {
        return Err(Reject::Unvalued { account: order.account });
    }
    Ok(())
}

/// An order that is to wait: what can be said of it before its moment comes.
#[cold]
pub(crate) fn restrain_form(engine: &Engine, order: &Proposal) -> Result<(), Reject> {
    let (state, reject) = engine.tightest(order);
    let reduces = order.reduce_only || (!order.on_margin && order.side == Side::Sell);
    match state {
        TradingState::Active => Ok(()),
        TradingState::ReduceOnly if reduces => Ok(()),
        TradingState::ReduceOnly | TradingState::Halted => Err(reject),
    }
}

/// It takes no more off than there is, all open orders of its side counted, and is held to that from now on.
fn order_reduces(engine: &Engine, order: &mut Proposal, reject: Reject) -> Result<(), Reject> {
    let positions = &engine.ledger.positions;
    let held = positions.at(order.holding);
    let most = engine.ledger.reducible(order.holding, order.side);
    let (exposure, open) = (positions.exposure(held.exposure), positions.margin(held.exposure));
    let against = exposure.qty.0.signum() == order.side.opposite().sign();
    let room = if against { exposure.qty.0.saturating_abs() } else { 0 };
    let room = room.saturating_sub(open.open_qty(order.side));
    let asked = if order.reduce_only { order.qty.min(Qty(most)) } else { order.qty };
    if asked.0 > most || asked.0 > room {
        return Err(reject);
    }
    order.reduce_only = true;
    Ok(())
}

impl Engine {
    fn tightest(&self, order: &Proposal) -> (TradingState, Reject) {
        let mut tightest = (TradingState::Active, Reject::TradingHalted);
        for scope in self.way_of(order) {
            let Some(stop) = self.guard.stops.get(&scope) else { continue };
            for (state, reject) in self.stopped_by(scope, stop) {
                if state > tightest.0 {
                    tightest = (state, reject);
                }
            }
        }
        tightest
    }

    fn stopped_by(&self, scope: Scope, stop: &Stop) -> impl Iterator<Item = (TradingState, Reject)> {
        let killed = stop.killed.then_some((TradingState::Halted, Reject::KilledAt { scope }));
        let asked = match stop.asked {
            TradingState::Active => None,
            TradingState::ReduceOnly => Some((stop.asked, Reject::ReduceOnlyAt { scope })),
            TradingState::Halted => Some((stop.asked, Reject::HaltedAt { scope })),
        };
        let rules = stop.rules.iter().map(move |(cause, state)| (*state, self.why(scope, *cause)));
        killed.into_iter().chain(asked).chain(rules)
    }

    fn why(&self, scope: Scope, cause: Cause) -> Reject {
        match cause {
            Cause::Loss(kind) => {
                let rule = self.guard.losses.get(&(scope, kind));
                let (asset, broken) =
                    rule.map_or((model::AssetId(0), None), |rule| (rule.asset, rule.broken));
                let (loss, limit) = broken.unwrap_or((Money::ZERO, Money::ZERO));
                Reject::LossLimitBroken { scope, kind, asset, loss, limit }
            }
            Cause::Breaker(rule) => Reject::BreakerOpen { rule },
            Cause::Silent(book) => Reject::BookSilent { book },
        }
    }

    /// What a broken rule asks for from now on; `Active` takes it back.
    pub(super) fn stop(&mut self, scope: Scope, cause: Cause, state: TradingState) {
        let stop = self.guard.stops.entry(scope).or_default();
        if state == TradingState::Active {
            stop.rules.remove(&cause);
        } else {
            stop.rules.insert(cause, state);
        }
        self.forget_idle(scope);
    }

    fn forget_idle(&mut self, scope: Scope) {
        if self.guard.stops.get(&scope).is_some_and(Stop::is_idle) {
            self.guard.stops.remove(&scope);
        }
    }

    pub(crate) fn set_trading_state(
        &mut self,
        scope: Scope,
        state: TradingState,
        because: &Because,
    ) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(scope)?;
        self.guard.stops.entry(scope).or_default().asked = state;
        self.forget_idle(scope);
        Ok(Event::TradingStateChanged { scope, state })
    }

    /// New orders are refused from here on; what is open is cancelled, and positions taken off if asked.
    pub(crate) fn throw_kill_switch(
        &mut self,
        scope: Scope,
        flatten: bool,
        because: &Because,
    ) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(scope)?;
        self.guard.stops.entry(scope).or_default().killed = true;
        self.clear(Clear::new(scope, CancelCause::KillSwitch, flatten), true);
        Ok(Event::KillSwitchThrown { scope })
    }

    pub(crate) fn release_kill_switch(&mut self, scope: Scope, because: &Because) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(scope)?;
        let stop = self.guard.stops.get_mut(&scope).filter(|stop| stop.killed);
        stop.ok_or(Reject::BadStateChange)?.killed = false;
        self.forget_idle(scope);
        Ok(Event::KillSwitchReleased { scope })
    }
}
