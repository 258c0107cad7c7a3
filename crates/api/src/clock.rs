//! What time it is at the front desk: for the ends of tokens and keys. Commands are stamped by the node.

use model::Time;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Interval, MissedTickBehavior};

pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(nanos(since))
}

pub(crate) fn after(time: Time, span: Duration) -> Time {
    time.saturating_add_ns(nanos(span))
}

pub(crate) fn seconds(time: Time) -> i64 {
    time.0.div_euclid(1_000_000_000)
}

/// A timer whose turns do not pile up behind one that took long.
pub(crate) fn every(span: Duration) -> Interval {
    let mut timer = tokio::time::interval(span);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}
