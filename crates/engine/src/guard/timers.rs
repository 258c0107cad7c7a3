//! Moments at which the watch looks by itself: the end of a day or week, of a cool-down, of a silence, and
//! another try at a liquidation.

use crate::Engine;
use model::{BookId, Event, LimitKind, Scope, Time};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    Window(Scope, LimitKind),
    Breaker(u32),
    Beat(BookId),
    /// By the place of the balance.
    Reduce(u32),
}

impl Engine {
    pub(super) fn set_timer(&mut self, time: Time, timer: Timer) {
        if time != Time::MAX {
            self.guard.timers.insert((time, timer));
            self.next_end = self.next_end.min(time);
        }
    }

    /// What is due by now, in the order it was due.
    pub(crate) fn timers_due(&mut self, events: &mut Vec<Event>) {
        while let Some(&(time, timer)) = self.guard.timers.first() {
            if time > self.time {
                break;
            }
            self.guard.timers.pop_first();
            match timer {
                Timer::Window(scope, kind) => self.evaluate_loss(scope, kind, events),
                Timer::Breaker(rule) => self.breaker_due(rule, events),
                Timer::Beat(book) => self.beat_due(book, events),
                Timer::Reduce(balance) => self.touch_balance(balance),
            }
        }
        self.find_next_end();
    }
}
