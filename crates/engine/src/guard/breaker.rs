//! Circuit breakers. What each watches is kept for its window in sixteen parts of it, the oldest falling out as
//! time goes on. One that trips stops trading as its policy says until it has cooled down; then it watches anew.

use super::RULES_MAX;
use super::stops::Cause;
use super::timers::Timer;
use crate::Engine;
use model::{
    AccountId, AlertCause, AssetId, Because, Bound, Breaker, BreakerWatch, Event, Feature, InstrumentId,
    Money, NewOrder, Policy, Price, Rate, Reject, RuleFault, RuleId, Scope, Severity, Time, TradingState,
    UserId,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

const BUCKETS: i64 = 16;
/// Fewer orders than this are no rate.
const ORDERS_MIN: u32 = 10;
/// Sixteen parts of a nanosecond are no parts.
const WINDOW_MIN: i64 = BUCKETS;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Watched {
    breaker: Breaker,
    setter: UserId,
    buckets: VecDeque<Bucket>,
    /// What was seen last, which holds until something else is.
    last: Option<i128>,
    /// Until when it has tripped, and what was raised.
    tripped: Option<(Time, RuleId)>,
}

/// A part of the window: the lowest and highest of what was seen, and how many of how many were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket {
    index: i64,
    low: i128,
    high: i128,
    bad: u32,
    all: u32,
}

impl Watched {
    pub(super) fn loses_at(&self, scope: Scope) -> bool {
        self.breaker.scope == scope && matches!(self.breaker.watch, BreakerWatch::Loss { .. })
    }

    /// The part of the window that now is in; what is too old is gone.
    fn bucket(&mut self, now: Time, value: i128) -> Option<&mut Bucket> {
        let width = self.breaker.window_ns.checked_div(BUCKETS).unwrap_or(1).max(1);
        let index = now.0.div_euclid(width);
        let oldest = index.saturating_sub(BUCKETS);
        while self.buckets.front().is_some_and(|bucket| bucket.index <= oldest) {
            self.buckets.pop_front();
        }
        if self.buckets.back().is_none_or(|bucket| bucket.index < index) {
            let from = self.last.unwrap_or(value);
            self.buckets.push_back(Bucket { index, low: from, high: from, bad: 0, all: 0 });
        }
        self.buckets.back_mut()
    }

    fn see(&mut self, now: Time, value: i128) {
        if let Some(bucket) = self.bucket(now, value) {
            bucket.low = bucket.low.min(value);
            bucket.high = bucket.high.max(value);
        }
        self.last = Some(value);
    }

    fn shift(&mut self, by: i128) {
        for bucket in &mut self.buckets {
            bucket.low = bucket.low.saturating_add(by);
            bucket.high = bucket.high.saturating_add(by);
        }
        self.last = self.last.map(|last| last.saturating_add(by));
    }

    fn forget(&mut self) {
        self.buckets.clear();
        self.last = None;
    }

    fn highest(&self) -> Option<i128> {
        self.buckets.iter().map(|bucket| bucket.high).max()
    }

    fn lowest(&self) -> Option<i128> {
        self.buckets.iter().map(|bucket| bucket.low).min()
    }

    /// How far a price is from the farthest that was seen, as a share of that.
    fn moved(&self, price: i128) -> Option<Rate> {
        let from = [self.lowest()?, self.highest()?];
        let share = |from: i128| {
            let moved = price.saturating_sub(from).saturating_abs();
            if moved == 0 {
                return 0;
            }
            let parts = moved.saturating_mul(i128::from(Rate::ONE.0));
            // From nothing any move is all of it.
            parts.checked_div(from.saturating_abs()).unwrap_or(i128::from(i64::MAX))
        };
        let farthest = from.into_iter().map(share).max()?;
        Some(Rate(i64::try_from(farthest).unwrap_or(i64::MAX)))
    }

    fn refused(&self) -> Option<Rate> {
        let (bad, all) = self.buckets.iter().fold((0u32, 0u32), |(bad, all), bucket| {
            (bad.saturating_add(bucket.bad), all.saturating_add(bucket.all))
        });
        if all < ORDERS_MIN {
            return None;
        }
        let share = i64::from(bad).saturating_mul(Rate::ONE.0).checked_div(i64::from(all))?;
        Some(Rate(share))
    }
}

impl Engine {
    pub(crate) fn set_breaker(&mut self, breaker: &Breaker, because: &Because) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(breaker.scope)?;
        self.check_breaker(breaker)?;
        if self.guard.breakers.len() >= RULES_MAX {
            return Err(Reject::BoundReached { what: Bound::Rules });
        }
        let rule = self.next_rule();
        let watched = Watched {
            breaker: *breaker,
            setter: because.user,
            buckets: VecDeque::new(),
            last: None,
            tripped: None,
        };
        self.guard.breakers.insert(rule.0, watched);
        self.feel_all();
        match (breaker.watch, breaker.scope) {
            (BreakerWatch::StaleData, _) => self.watch_staleness(rule.0),
            (BreakerWatch::Loss { .. }, scope) => {
                self.keep_pool(scope);
                self.touch_scope(scope);
            }
            (BreakerWatch::PriceMove(_), Scope::Instrument(instrument)) => self.see_price(instrument, rule.0),
            _ => {}
        }
        Ok(Event::BreakerSet { rule, breaker: Box::new(*breaker) })
    }

    fn check_breaker(&self, breaker: &Breaker) -> Result<(), Reject> {
        let sound = match breaker.watch {
            BreakerWatch::PriceMove(rate) => {
                self.check_breaker_scope(matches!(breaker.scope, Scope::Instrument(_)))?;
                rate > Rate::ZERO
            }
            BreakerWatch::StaleData => {
                self.check_breaker_scope(matches!(breaker.scope, Scope::Instrument(_)))?;
                true
            }
            BreakerWatch::Loss { asset, .. } if asset.0 as usize >= self.registry.kept.assets.len() => {
                return Err(Reject::UnknownAsset { asset });
            }
            BreakerWatch::Loss { amount, .. } => {
                let pooled = matches!(
                    breaker.scope,
                    Scope::House | Scope::User(_) | Scope::Account(_) | Scope::Book(_)
                );
                self.check_breaker_scope(pooled)?;
                amount > Money::ZERO
            }
            BreakerWatch::RejectRate(rate) => {
                self.check_breaker_scope(!matches!(breaker.scope, Scope::Venue(_)))?;
                rate > Rate::ZERO && rate <= Rate::ONE
            }
            BreakerWatch::VenueFailures(_) => return Err(Reject::NotSupported { what: Feature::Venue }),
        };
        if !sound {
            return Err(Reject::BadRule { what: RuleFault::Value });
        }
        if breaker.window_ns < WINDOW_MIN || breaker.cool_down_ns <= 0 {
            return Err(Reject::BadRule { what: RuleFault::Window });
        }
        Ok(())
    }

    #[expect(clippy::unused_self, reason = "reads as the other checks do")]
    fn check_breaker_scope(&self, fits: bool) -> Result<(), Reject> {
        if fits { Ok(()) } else { Err(Reject::BadRule { what: RuleFault::Scope }) }
    }

    /// Before it has cooled down only who set it may.
    pub(crate) fn reset_breaker(
        &mut self,
        rule: RuleId,
        because: &Because,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        let watched = self.guard.breakers.get(&rule.0).ok_or(Reject::UnknownRule { rule })?;
        let (until, _) = watched.tripped.ok_or(Reject::BadStateChange)?;
        if watched.setter != because.user {
            return Err(Reject::NotTheSetter);
        }
        self.guard.timers.remove(&(until, Timer::Breaker(rule.0)));
        self.re_arm(rule.0, events);
        self.find_next_end();
        Ok(Event::BreakerReset { rule })
    }

    fn re_arm(&mut self, rule: u32, events: &mut Vec<Event>) {
        let Some(watched) = self.guard.breakers.get_mut(&rule) else { return };
        watched.forget();
        let (tripped, breaker) = (watched.tripped.take(), watched.breaker);
        self.stop(breaker.scope, Cause::Breaker(RuleId(rule)), TradingState::Active);
        self.resolve(tripped.map(|(_, alert)| alert), events);
        match (breaker.watch, breaker.scope) {
            (BreakerWatch::StaleData, _) => self.watch_staleness(rule),
            (BreakerWatch::Loss { .. }, scope) => self.touch_scope(scope),
            (_, Scope::Instrument(instrument)) => self.see_price(instrument, rule),
            _ => {}
        }
    }

    pub(super) fn breaker_due(&mut self, rule: u32, events: &mut Vec<Event>) {
        let Some(watched) = self.guard.breakers.get(&rule) else { return };
        let (breaker, tripped) = (watched.breaker, watched.tripped);
        let stale = breaker.watch == BreakerWatch::StaleData && self.is_stale(&breaker);
        match tripped {
            // What is stale still is no reason to go on.
            Some((until, alert)) if stale => {
                let until = until.max(self.time).saturating_add_ns(breaker.cool_down_ns);
                if let Some(watched) = self.guard.breakers.get_mut(&rule) {
                    watched.tripped = Some((until, alert));
                }
                self.set_timer(until, Timer::Breaker(rule));
            }
            Some(_) => {
                self.re_arm(rule, events);
                events.push(Event::BreakerReset { rule: RuleId(rule) });
            }
            None if stale => self.trip(rule, BreakerWatch::StaleData, events),
            None => self.watch_staleness(rule),
        }
    }

    fn heard(&self, breaker: &Breaker) -> Time {
        let Scope::Instrument(instrument) = breaker.scope else { return Time::MIN };
        self.listings.get(instrument.0 as usize).map_or(Time::MIN, |listed| listed.heard)
    }

    fn is_stale(&self, breaker: &Breaker) -> bool {
        self.heard(breaker).saturating_add_ns(breaker.window_ns) <= self.time
    }

    /// Looks again when it would be stale; what is so from the beginning has one window to come.
    fn watch_staleness(&mut self, rule: u32) {
        let Some(watched) = self.guard.breakers.get(&rule) else { return };
        let from = if self.is_stale(&watched.breaker) { self.time } else { self.heard(&watched.breaker) };
        let due = from.saturating_add_ns(watched.breaker.window_ns);
        self.set_timer(due, Timer::Breaker(rule));
    }

    fn trip(&mut self, rule: u32, found: BreakerWatch, events: &mut Vec<Event>) {
        let Some(watched) = self.guard.breakers.get(&rule).filter(|watched| watched.tripped.is_none()) else {
            return;
        };
        let Breaker { scope, policy, cool_down_ns, .. } = watched.breaker;
        events.push(Event::BreakerTripped { rule: RuleId(rule), scope });
        let cause = AlertCause::Breaker { breaker: RuleId(rule), found, policy };
        let severity = if policy == Policy::Alert { Severity::Warning } else { Severity::Critical };
        let alert = self.raise(severity, scope, cause, events);
        let until = self.time.saturating_add_ns(cool_down_ns);
        if let Some(watched) = self.guard.breakers.get_mut(&rule) {
            watched.tripped = Some((until, alert));
            watched.forget();
        }
        self.set_timer(until, Timer::Breaker(rule));
        let state = match policy {
            Policy::Alert => TradingState::Active,
            Policy::Halt => TradingState::Halted,
            Policy::ReduceOnly | Policy::CancelOpen | Policy::Flatten => TradingState::ReduceOnly,
        };
        self.stop(scope, Cause::Breaker(RuleId(rule)), state);
        self.act(scope, policy);
    }

    /// The rules that watch, of those that have not tripped.
    fn watching(&self, which: impl Fn(&Breaker) -> bool) -> Vec<u32> {
        let armed = self.guard.breakers.iter().filter(|(_, watched)| watched.tripped.is_none());
        armed.filter(|(_, watched)| which(&watched.breaker)).map(|(rule, _)| *rule).collect()
    }

    /// The last trade and the mark of an instrument.
    pub(crate) fn breakers_feel(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        if self.guard.breakers.is_empty() {
            return;
        }
        let scope = Scope::Instrument(instrument);
        let moves =
            |breaker: &Breaker| breaker.scope == scope && matches!(breaker.watch, BreakerWatch::PriceMove(_));
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return };
        let prices = [listed.last, listed.mark];
        for rule in self.watching(moves) {
            for price in prices.into_iter().flatten() {
                self.price_seen(rule, price, events);
            }
        }
    }

    fn price_seen(&mut self, rule: u32, price: Price, events: &mut Vec<Event>) {
        let now = self.time;
        let Some(watched) = self.guard.breakers.get_mut(&rule) else { return };
        watched.see(now, i128::from(price.0));
        let found = watched.moved(i128::from(price.0));
        if let (BreakerWatch::PriceMove(most), Some(found)) = (watched.breaker.watch, found)
            && found >= most
        {
            self.trip(rule, BreakerWatch::PriceMove(found), events);
        }
    }

    /// Begins with the price of now.
    fn see_price(&mut self, instrument: InstrumentId, rule: u32) {
        let price = self.listings.get(instrument.0 as usize).and_then(|listed| listed.mark.or(listed.last));
        let now = self.time;
        if let (Some(price), Some(watched)) = (price, self.guard.breakers.get_mut(&rule))
            && matches!(watched.breaker.watch, BreakerWatch::PriceMove(_))
        {
            watched.see(now, i128::from(price.0));
        }
    }

    /// What a scope is worth now, for those that watch its losses.
    pub(super) fn breakers_measure(&mut self, scope: Scope, events: &mut Vec<Event>) {
        if self.guard.breakers.is_empty() {
            return;
        }
        let loses =
            |breaker: &Breaker| breaker.scope == scope && matches!(breaker.watch, BreakerWatch::Loss { .. });
        for rule in self.watching(loses) {
            let Some(watched) = self.guard.breakers.get(&rule) else { continue };
            let BreakerWatch::Loss { asset, amount } = watched.breaker.watch else { continue };
            let (worth, now) = (self.worth_of(scope, asset), self.time);
            let Some(worth) = worth else { continue };
            let Some(watched) = self.guard.breakers.get_mut(&rule) else { continue };
            watched.see(now, worth);
            let loss = Money(watched.highest().unwrap_or(worth).saturating_sub(worth));
            if loss > amount {
                self.trip(rule, BreakerWatch::Loss { asset, amount: loss }, events);
            }
        }
    }

    /// Money that comes or goes is no gain and no loss.
    pub(super) fn breakers_move(&mut self, account: AccountId, asset: AssetId, amount: i128) {
        let scopes = [Scope::Account(account), Scope::User(self.user_of(account)), Scope::House];
        let loses = |breaker: &Breaker| {
            scopes.contains(&breaker.scope) && matches!(breaker.watch, BreakerWatch::Loss { .. })
        };
        for rule in self.watching(loses) {
            let Some(watched) = self.guard.breakers.get(&rule) else { continue };
            let BreakerWatch::Loss { asset: of, .. } = watched.breaker.watch else { continue };
            let moved = self.exchange(amount, asset, of);
            let Some(watched) = self.guard.breakers.get_mut(&rule) else { continue };
            match moved {
                Some(moved) => watched.shift(moved),
                None => watched.forget(),
            }
        }
    }

    /// An order was taken or refused.
    #[cold]
    pub(crate) fn count_order(&mut self, order: &NewOrder, refused: bool, events: &mut Vec<Event>) {
        let Ok(book) = self.registry.book(order.account, order.book) else { return };
        let (account, instrument) = (order.account, order.instrument);
        let scopes = [
            Scope::House,
            Scope::User(self.user_of(account)),
            Scope::Account(account),
            Scope::Book(book),
            Scope::Instrument(instrument),
            Scope::AccountInstrument(account, instrument),
        ];
        let counts = |breaker: &Breaker| {
            scopes.contains(&breaker.scope) && matches!(breaker.watch, BreakerWatch::RejectRate(_))
        };
        let now = self.time;
        for rule in self.watching(counts) {
            let Some(watched) = self.guard.breakers.get_mut(&rule) else { continue };
            if let Some(bucket) = watched.bucket(now, 0) {
                bucket.all = bucket.all.saturating_add(1);
                bucket.bad = bucket.bad.saturating_add(u32::from(refused));
            }
            if let (BreakerWatch::RejectRate(most), Some(found)) = (watched.breaker.watch, watched.refused())
                && found >= most
            {
                self.trip(rule, BreakerWatch::RejectRate(found), events);
            }
        }
    }
}
