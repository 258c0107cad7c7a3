//! Limits on what may be lost in a day, in a week, and below the highest ever. Each keeps what it measures from,
//! which money that comes in or goes out moves with it. Once broken, what does not reduce is refused until its
//! window ends or the limit is set anew, and its policy is done in the command that broke it.

use super::RULES_MAX;
use super::pools::LOSSES;
use super::stops::Cause;
use super::timers::Timer;
use super::window::{day_end, week_end};
use crate::Engine;
use crate::amount::rated;
use crate::order::Proposal;
use model::{
    AccountId, AlertCause, AssetId, Bound, Event, Limit, LimitKind, LimitValue, Money, NANOS_PER_SECOND,
    Policy, Rate, Reject, RuleFault, RuleId, Scope, Severity, Time, TradingState,
};
use serde::{Deserialize, Serialize};

/// How a loss limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossUse {
    pub asset: AssetId,
    /// What is lost in its window so far; none where it cannot be valued.
    pub lost: Option<Money>,
    pub most: Money,
    pub broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LossRule {
    pub(crate) asset: AssetId,
    value: LimitValue,
    policy: Policy,
    /// What it was worth when the window began, or at its highest; none until it is known.
    from: Option<i128>,
    /// The end of the window.
    pub(super) until: Time,
    /// The loss that broke it, and what was allowed.
    pub(crate) broken: Option<(Money, Money)>,
    alert: Option<RuleId>,
    /// What was raised because it cannot be valued.
    blind: Option<RuleId>,
}

impl LossRule {
    fn limit(&self) -> i128 {
        match self.value {
            LimitValue::Amount { amount, .. } => amount.0,
            LimitValue::Ratio(rate) => rated(self.from.unwrap_or(0).max(0), rate),
            _ => 0,
        }
    }
}

/// Whether a kind of limit is watched here.
impl LossRule {
    /// The limit that it holds.
    pub(crate) fn as_limit(&self, (scope, kind): (Scope, LimitKind)) -> Limit {
        Limit { scope, kind, value: self.value, policy: self.policy }
    }
}

pub(crate) fn is_loss(kind: LimitKind) -> bool {
    LOSSES.contains(&kind)
}

impl Engine {
    /// How a loss limit stands; none where there is none.
    #[must_use]
    pub fn loss(&self, scope: Scope, kind: LimitKind) -> Option<LossUse> {
        let rule = self.guard.losses.get(&(scope, kind))?;
        let now = self.worth_of(scope, rule.asset);
        let lost = now.zip(rule.from).map(|(now, from)| Money(from.saturating_sub(now).max(0)));
        Some(LossUse { asset: rule.asset, lost, most: Money(rule.limit()), broken: rule.broken.is_some() })
    }

    pub(crate) fn set_loss_limit(&mut self, limit: &Limit, events: &mut Vec<Event>) -> Result<Event, Reject> {
        let asset = self.asset_of(limit)?;
        let key = (limit.scope, limit.kind);
        if !self.guard.losses.contains_key(&key) && self.guard.losses.len() >= RULES_MAX {
            return Err(Reject::BoundReached { what: Bound::Rules });
        }
        self.forget_loss(key, events);
        let until = self.window_end(limit.scope, limit.kind);
        let (value, policy) = (limit.value, limit.policy);
        let rule =
            LossRule { asset, value, policy, from: None, until, broken: None, alert: None, blind: None };
        self.guard.losses.insert(key, rule);
        self.feel_all();
        self.keep_pool(limit.scope);
        self.set_timer(until, Timer::Window(limit.scope, limit.kind));
        self.touch_scope(limit.scope);
        Ok(Event::LimitSet { limit: Box::new(*limit) })
    }

    pub(crate) fn remove_loss_limit(
        &mut self,
        scope: Scope,
        kind: LimitKind,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        if !self.guard.losses.contains_key(&(scope, kind)) {
            return Err(Reject::UnknownLimit { at: scope, kind });
        }
        self.forget_loss((scope, kind), events);
        self.drop_pool(scope);
        Ok(Event::LimitRemoved { scope, kind })
    }

    fn forget_loss(&mut self, key: (Scope, LimitKind), events: &mut Vec<Event>) {
        let Some(rule) = self.guard.losses.remove(&key) else { return };
        self.guard.timers.remove(&(rule.until, Timer::Window(key.0, key.1)));
        self.stop(key.0, Cause::Loss(key.1), TradingState::Active);
        self.resolve(rule.alert, events);
        self.resolve(rule.blind, events);
        self.find_next_end();
    }

    /// The asset that a limit is measured in, if it can stand where it is to.
    fn asset_of(&self, limit: &Limit) -> Result<AssetId, Reject> {
        let bad = |what| Err(Reject::BadRule { what });
        match (limit.scope, limit.value) {
            (Scope::Instrument(_) | Scope::AccountInstrument(..) | Scope::Venue(_), _) => {
                bad(RuleFault::Scope)
            }
            (_, LimitValue::Amount { asset, .. }) if asset.0 as usize >= self.registry.kept.assets.len() => {
                Err(Reject::UnknownAsset { asset })
            }
            (_, LimitValue::Amount { asset, amount }) if amount > Money::ZERO => Ok(asset),
            (Scope::Account(account), LimitValue::Ratio(rate)) if rate > Rate::ZERO && rate <= Rate::ONE => {
                self.registry.account(account).map(|account| account.currency)
            }
            _ => bad(RuleFault::Value),
        }
    }

    fn day_start(&self, scope: Scope) -> i64 {
        let account = match scope {
            Scope::Account(account) => Some(account),
            Scope::Book(book) => self.registry.kept.books.get(book.0 as usize).map(|book| book.account),
            _ => None,
        };
        let kept = &self.risk.kept;
        let own = account.and_then(|account| kept.days.get(&account).copied());
        own.unwrap_or(kept.day_start).saturating_mul(NANOS_PER_SECOND)
    }

    fn window_end(&self, scope: Scope, kind: LimitKind) -> Time {
        match kind {
            LimitKind::DailyLoss => day_end(self.time, self.day_start(scope)),
            LimitKind::WeeklyLoss => week_end(self.time, self.day_start(scope)),
            _ => Time::MAX,
        }
    }

    /// Days begin at another time, of an account or of all that have no time of their own: the present windows end
    /// when the new day would.
    pub(crate) fn renew_windows(&mut self) {
        let keys: Vec<_> = self.guard.losses.keys().copied().collect();
        for (scope, kind) in keys {
            self.renew_window(scope, kind);
        }
    }

    fn renew_window(&mut self, scope: Scope, kind: LimitKind) {
        let until = self.window_end(scope, kind);
        let Some(rule) = self.guard.losses.get_mut(&(scope, kind)) else { return };
        let before = std::mem::replace(&mut rule.until, until);
        self.guard.timers.remove(&(before, Timer::Window(scope, kind)));
        self.set_timer(until, Timer::Window(scope, kind));
        self.find_next_end();
    }

    /// Looks at all rules of a scope.
    pub(super) fn evaluate_scope(&mut self, scope: Scope, events: &mut Vec<Event>) {
        for kind in LOSSES {
            self.evaluate_loss(scope, kind, events);
        }
        self.breakers_measure(scope, events);
    }

    pub(super) fn evaluate_loss(&mut self, scope: Scope, kind: LimitKind, events: &mut Vec<Event>) {
        let Some(rule) = self.guard.losses.get(&(scope, kind)).copied() else { return };
        let now = self.worth_of(scope, rule.asset);
        if rule.until <= self.time {
            self.begin_window((scope, kind), now, events);
        }
        match now {
            Some(now) => self.measure((scope, kind), now, events),
            None => self.cannot_see((scope, kind), events),
        }
    }

    fn begin_window(&mut self, key: (Scope, LimitKind), now: Option<i128>, events: &mut Vec<Event>) {
        let Some(rule) = self.guard.losses.get_mut(&key) else { return };
        (rule.from, rule.broken) = (now, None);
        let alert = rule.alert.take();
        self.resolve(alert, events);
        self.stop(key.0, Cause::Loss(key.1), TradingState::Active);
        self.renew_window(key.0, key.1);
    }

    fn cannot_see(&mut self, key: (Scope, LimitKind), events: &mut Vec<Event>) {
        if self.guard.losses.get(&key).is_some_and(|rule| rule.blind.is_none()) {
            let alert = self.raise(Severity::Warning, key.0, AlertCause::Unvalued { kind: key.1 }, events);
            if let Some(rule) = self.guard.losses.get_mut(&key) {
                rule.blind = Some(alert);
            }
        }
    }

    fn measure(&mut self, key: (Scope, LimitKind), now: i128, events: &mut Vec<Event>) {
        let Some(rule) = self.guard.losses.get_mut(&key) else { return };
        let seen = rule.blind.take();
        let from = rule.from.unwrap_or(now);
        let highest = key.1 == LimitKind::Drawdown && rule.broken.is_none();
        let from = if highest { from.max(now) } else { from };
        rule.from = Some(from);
        let (loss, rule) = (from.saturating_sub(now), *rule);
        self.resolve(seen, events);
        if rule.broken.is_none() && loss > rule.limit() {
            self.break_loss(key, &rule, Money(loss), events);
        }
    }

    fn break_loss(
        &mut self,
        (scope, kind): (Scope, LimitKind),
        rule: &LossRule,
        loss: Money,
        events: &mut Vec<Event>,
    ) {
        let (asset, limit, policy) = (rule.asset, Money(rule.limit()), rule.policy);
        let cause = AlertCause::Loss { kind, asset, loss, limit, policy };
        let alert = self.raise(Severity::Critical, scope, cause, events);
        if let Some(rule) = self.guard.losses.get_mut(&(scope, kind)) {
            (rule.broken, rule.alert) = (Some((loss, limit)), Some(alert));
        }
        let halts = policy == Policy::Halt;
        let state = if halts { TradingState::Halted } else { TradingState::ReduceOnly };
        self.stop(scope, Cause::Loss(kind), state);
        self.act(scope, policy);
    }

    /// Money came in or went out: no loss and no gain.
    pub(crate) fn move_from(&mut self, account: AccountId, asset: AssetId, amount: i128) {
        if !self.guard.watches() {
            return;
        }
        self.breakers_move(account, asset, amount);
        for scope in [Scope::Account(account), Scope::User(self.user_of(account)), Scope::House] {
            for kind in LOSSES {
                let Some(rule) = self.guard.losses.get(&(scope, kind)) else { continue };
                let moved = self.exchange(amount, asset, rule.asset);
                if let Some(rule) = self.guard.losses.get_mut(&(scope, kind)) {
                    rule.from = rule.from.and_then(|from| from.checked_add(moved?));
                }
            }
        }
        self.touch_account(account);
    }

    /// Whether a loss limit on the order's way cannot see what its account is worth.
    pub(super) fn is_unvalued(&self, order: &Proposal) -> bool {
        let (account, user) = (order.account, self.user_of(order.account));
        let scopes = [Scope::Account(account), Scope::User(user), Scope::House];
        let blind = |scope| {
            LOSSES.into_iter().any(|kind| {
                let rule = self.guard.losses.get(&(scope, kind));
                rule.is_some_and(|rule| self.equity_of(account, rule.asset).is_none())
            })
        };
        !self.guard.losses.is_empty() && scopes.into_iter().any(blind)
    }

    /// Has the scope looked at before the command ends.
    pub(super) fn touch_scope(&mut self, scope: Scope) {
        match scope {
            Scope::Account(account) => self.touch_account(account),
            Scope::Book(book) => {
                self.guard.touched_books.insert(book);
                self.unsettled = true;
            }
            Scope::User(user) => {
                let own = self.registry.kept.accounts.iter().position(|account| account.user == user);
                if let Some(account) = own {
                    self.touch_account(AccountId(crate::index::place(account)));
                }
            }
            Scope::House if !self.registry.kept.accounts.is_empty() => self.touch_account(AccountId(0)),
            _ => {}
        }
    }

    /// From now on every trade and every price is looked at.
    pub(super) fn feel_all(&mut self) {
        self.listings.iter_mut().for_each(crate::listing::Listed::feel);
    }
}
