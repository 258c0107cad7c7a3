//! How accounts stand with their margin, one asset that positions are settled in at a time: sound, called below
//! initial margin, liquidated below maintenance margin until it is at its initial margin again. Equity is cash
//! and unrealised profit in that asset; what the account owns of others is not counted. An account whose
//! positions are gone owes nothing: what it cannot pay the house pays, and says so.

use crate::Engine;
use crate::amount::{add, sub};
use model::{
    AccountId, AlertCause, AssetId, CancelCause, Event, MarginMode, MarginStage, MarginState, Money, RuleId,
    Scope, Severity,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Clear;

/// An account below its initial margin in one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Called {
    pub(crate) stage: MarginStage,
    alert: RuleId,
    /// By exposure: the lots that one step takes off.
    pub(crate) parts: BTreeMap<u32, i64>,
}

impl Engine {
    /// How the account stands in the asset of a balance; none where a position cannot be valued.
    pub(crate) fn margin_state(&self, at: u32) -> Option<MarginState> {
        let balance = self.ledger.balances.at(at);
        let (worth, equity) = (self.ledger.balances.worth(at), self.ledger.equity_in(at)?);
        let stage = self.guard.called.get(&at).map_or(MarginStage::Sound, |called| called.stage);
        Some(MarginState {
            account: balance.account,
            asset: balance.asset,
            stage,
            equity: Money(equity),
            initial: Money(worth.initial),
            maintenance: Money(worth.maintenance),
        })
    }

    pub(super) fn stage_account(&mut self, account: AccountId, events: &mut Vec<Event>) {
        let balances = self.ledger.balances.of_account(account).to_vec();
        for at in balances {
            self.stage_balance(at, events);
        }
    }

    fn stage_balance(&mut self, at: u32, events: &mut Vec<Event>) {
        let Some(state) = self.margin_state(at) else { return };
        let next = match state.stage {
            _ if state.equity >= state.initial => MarginStage::Sound,
            // Once begun it goes on until the account is sound.
            MarginStage::Liquidating => MarginStage::Liquidating,
            _ if state.equity < state.maintenance || state.equity.is_negative() => MarginStage::Liquidating,
            _ => MarginStage::Called,
        };
        if state.equity.is_negative() && !self.has_positions(at) {
            return self.cover_shortfall(at, state.stage, events);
        }
        if next != state.stage {
            self.enter_stage(at, MarginState { stage: next, ..state }, events);
        }
        if next == MarginStage::Liquidating {
            self.guard.reduces.insert(at);
        }
    }

    fn enter_stage(&mut self, at: u32, state: MarginState, events: &mut Vec<Event>) {
        let before = self.guard.called.remove(&at);
        let staged = Box::new(state);
        events.push(match self.ledger.balances.at(at).behind {
            Some(instrument) => Event::PositionStaged { instrument, state: staged },
            None => Event::MarginStaged(staged),
        });
        self.resolve(before.map(|called| called.alert), events);
        let MarginState { account: _, asset, stage, equity, initial, maintenance } = state;
        let scope = self.scope_of_balance(at);
        let (severity, cause) = match stage {
            MarginStage::Sound => return,
            MarginStage::Called => (Severity::Warning, AlertCause::MarginCall { asset, equity, initial }),
            MarginStage::Liquidating => {
                (Severity::Critical, AlertCause::Liquidation { asset, equity, maintenance })
            }
        };
        let alert = self.raise(severity, scope, cause, events);
        self.guard.called.insert(at, Called { stage, alert, parts: BTreeMap::new() });
        if stage == MarginStage::Liquidating {
            self.clear(Clear::new(scope, CancelCause::Liquidation, false), false);
        }
    }

    /// The exposures that are settled in a balance and not empty.
    pub(super) fn positions_of(&self, at: u32) -> Vec<u32> {
        let balance = self.ledger.balances.at(at);
        let (positions, asset) = (&self.ledger.positions, balance.asset);
        let isolated = self.registry.account(balance.account).map(|of| of.margin) == Ok(MarginMode::Isolated);
        let settled = |exposure: &u32| {
            let position = positions.exposure(*exposure);
            if isolated && balance.behind != Some(position.instrument) {
                return false;
            }
            let listed = self.listings.get(position.instrument.0 as usize);
            !position.qty.is_zero() && listed.is_some_and(|listed| listed.instrument.quote == asset)
        };
        positions.of_account(balance.account).iter().copied().filter(settled).collect()
    }

    fn has_positions(&self, at: u32) -> bool {
        !self.positions_of(at).is_empty()
    }

    /// What a balance stands behind: the account, or one position of it.
    pub(super) fn scope_of_balance(&self, at: u32) -> Scope {
        let balance = self.ledger.balances.at(at);
        balance.behind.map_or(Scope::Account(balance.account), |instrument| {
            Scope::AccountInstrument(balance.account, instrument)
        })
    }

    /// The house pays what the account cannot. What an isolated position lost by its own orders, and not by a
    /// liquidation, its account pays as far as it can.
    fn cover_shortfall(&mut self, at: u32, stage: MarginStage, events: &mut Vec<Event>) {
        if let Some(own) = self.ledger.balances.beside(at).filter(|_| stage != MarginStage::Liquidating) {
            let short = self.ledger.balances.at(at).total.0.saturating_neg();
            let paid = short.min(self.ledger.balances.at(own).available().0).max(0);
            self.ledger.balances.shift(own, at, paid);
        }
        let balance = self.ledger.balances.at_mut(at);
        let (account, asset) = (balance.account, balance.asset);
        let amount = Money(balance.total.0.saturating_neg());
        if amount <= Money::ZERO {
            return self.settle_stage(at, account, asset, events);
        }
        add(&mut balance.total.0, amount.0);
        sub(&mut self.ledger.house_mut(asset).insurance.0, amount.0);
        events.push(Event::ShortfallCovered { account, asset, amount });
        let scope = self.scope_of_balance(at);
        self.raise(Severity::Critical, scope, AlertCause::Shortfall { asset, amount }, events);
        self.settle_stage(at, account, asset, events);
    }

    /// Nothing is owed and nothing is held: sound, whatever it was.
    fn settle_stage(&mut self, at: u32, account: AccountId, asset: AssetId, events: &mut Vec<Event>) {
        if self.guard.called.contains_key(&at) {
            let (stage, zero) = (MarginStage::Sound, Money::ZERO);
            let state = MarginState { account, asset, stage, equity: zero, initial: zero, maintenance: zero };
            self.enter_stage(at, state, events);
        }
    }
}
