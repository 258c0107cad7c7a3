//! Where time comes from: the one place that reads the wall. Commands are stamped from here at the door, and
//! nothing behind it asks for the time again. Absent: time that goes back.

use model::Time;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Time;

    /// How long to wait before asking again whether `due` has come.
    fn until(&self, due: Time) -> Duration;
}

/// The wall's time at the start, and from then on a clock that no one sets.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    wall_ns: i64,
    start: Instant,
}

impl SystemClock {
    #[must_use]
    pub fn new() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_ns: nanos(wall), start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time(self.wall_ns.saturating_add(nanos(self.start.elapsed())))
    }

    fn until(&self, due: Time) -> Duration {
        let left = due.0.saturating_sub(self.now().0).max(0);
        Duration::from_nanos(left.unsigned_abs())
    }
}

/// Stands still until it is moved; for tests and the simulator.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    #[must_use]
    pub fn new(time: Time) -> Self {
        Self(AtomicI64::new(time.0))
    }

    pub fn set(&self, time: Time) {
        self.0.store(time.0, Ordering::Release);
    }

    pub fn advance(&self, ns: i64) {
        self.0.fetch_add(ns, Ordering::AcqRel);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Acquire))
    }

    /// Nobody knows when it is moved next, so: soon.
    fn until(&self, due: Time) -> Duration {
        if due <= self.now() { Duration::ZERO } else { Duration::from_millis(1) }
    }
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now(&self) -> Time {
        C::now(self)
    }

    fn until(&self, due: Time) -> Duration {
        C::until(self, due)
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Clock, ManualClock, SystemClock};
    use model::Time;
    use std::time::Duration;

    #[test]
    fn the_system_clock_never_goes_back() {
        let clock = SystemClock::new();
        let first = clock.now();
        assert!(clock.now() >= first && first > Time(0));
        assert_eq!(clock.until(first), Duration::ZERO);
    }

    #[test]
    fn a_manual_clock_stands_still() {
        let clock = ManualClock::new(Time(5));
        assert_eq!((clock.now(), clock.until(Time(5))), (Time(5), Duration::ZERO));
        clock.advance(2);
        assert_eq!(clock.now(), Time(7));
        clock.set(Time(100));
        assert!(clock.until(Time(101)) > Duration::ZERO);
    }
}
