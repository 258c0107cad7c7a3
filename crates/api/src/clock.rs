//! What time it is at the front desk: for the ends of tokens and keys. Commands are stamped by the node.

use model::Time;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

fn nanos(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}
