//! Books that live: one that has sent a heartbeat and then is silent too long gets its policy, until the next.

use super::stops::Cause;
use super::timers::Timer;
use crate::Engine;
use model::{
    AlertCause, BookId, Event, NANOS_PER_SECOND, Policy, Reject, RuleId, Scope, Severity, Time, TradingState,
};
use serde::{Deserialize, Serialize};

/// Where nothing was set.
const SILENCE: (i64, Policy) = (30_i64.saturating_mul(NANOS_PER_SECOND), Policy::CancelOpen);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Beat {
    last: Time,
    silent: Option<RuleId>,
}

impl Engine {
    pub(crate) fn heartbeat(&mut self, book: BookId, events: &mut Vec<Event>) {
        if let Err(reason) = self.check_scope(Scope::Book(book)) {
            return events.push(Event::CommandRejected { reason });
        }
        events.push(Event::HeartbeatTaken { book });
        let before = self.guard.beats.insert(book, Beat { last: self.time, silent: None });
        match before {
            Some(Beat { silent: None, .. }) => {}
            Some(Beat { silent, .. }) => {
                self.stop(Scope::Book(book), Cause::Silent(book), TradingState::Active);
                self.resolve(silent, events);
                self.set_timer(self.silent_at(book, self.time), Timer::Beat(book));
            }
            None => self.set_timer(self.silent_at(book, self.time), Timer::Beat(book)),
        }
    }

    fn silent_at(&self, book: BookId, last: Time) -> Time {
        let (ns, _) = self.guard.silences.get(&book).copied().unwrap_or(SILENCE);
        last.saturating_add_ns(ns)
    }

    /// Of a book that lives, the end of its silence may come sooner now.
    pub(crate) fn set_silence(&mut self, book: BookId, ns: i64, policy: Policy) -> Result<(), Reject> {
        self.check_scope(Scope::Book(book))?;
        if ns <= 0 {
            return Err(Reject::AmountNotPositive);
        }
        self.guard.silences.insert(book, (ns, policy));
        if let Some(Beat { last, silent: None }) = self.guard.beats.get(&book).copied() {
            let next = self.time.saturating_add_ns(1);
            self.set_timer(self.silent_at(book, last).max(next), Timer::Beat(book));
        }
        Ok(())
    }

    pub(super) fn beat_due(&mut self, book: BookId, events: &mut Vec<Event>) {
        let Some(Beat { last, silent: None }) = self.guard.beats.get(&book).copied() else { return };
        let due = self.silent_at(book, last);
        if due > self.time {
            return self.set_timer(due, Timer::Beat(book));
        }
        let (_, policy) = self.guard.silences.get(&book).copied().unwrap_or(SILENCE);
        let scope = Scope::Book(book);
        let alert = self.raise(Severity::Critical, scope, AlertCause::Silent { policy }, events);
        self.guard.beats.insert(book, Beat { last, silent: Some(alert) });
        let state = match policy {
            Policy::Alert => TradingState::Active,
            Policy::Halt => TradingState::Halted,
            Policy::ReduceOnly | Policy::CancelOpen | Policy::Flatten => TradingState::ReduceOnly,
        };
        self.stop(scope, Cause::Silent(book), state);
        self.act(scope, policy);
    }
}
