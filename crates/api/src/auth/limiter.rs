//! How often somebody may ask: a budget each that refills evenly. Told in the headers of every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Whose budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    User(u32),
    Key(i64),
    Address(IpAddr),
}

type Budgets = RateLimiter<Who, HashMapStateStore<Who>, DefaultClock, StateInformationMiddleware>;

pub(super) struct Limiter {
    budgets: Budgets,
    per_minute: NonZeroU32,
    since_cleaning: AtomicU32,
}

/// Those who were quiet are forgotten after so many requests.
const CLEAN_EVERY: u32 = 1 << 16;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What is left of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    of: u32,
    left: u32,
}

impl Left {
    /// As the headers of an answer tell it.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.of));
        headers.insert(REMAINING, HeaderValue::from(self.left));
        // How long until the budget is whole again.
        let used = u64::from(self.of.saturating_sub(self.left));
        let reset = used.saturating_mul(60).div_ceil(u64::from(self.of.max(1)));
        headers.insert(RESET, HeaderValue::from(reset));
    }
}

impl Limiter {
    pub(super) fn new(per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let budgets = RateLimiter::hashmap(Quota::per_minute(per_minute)).with_middleware();
        Self { budgets, per_minute, since_cleaning: AtomicU32::new(0) }
    }

    /// Takes one; an error is how many seconds until there is one again. What is left is told either way.
    pub(super) fn take(&self, who: Who, told: &mut Option<Left>) -> Result<(), u64> {
        if self.since_cleaning.fetch_add(1, Ordering::Relaxed) == CLEAN_EVERY {
            self.since_cleaning.store(0, Ordering::Relaxed);
            self.budgets.retain_recent();
        }
        let (left, wait) = match self.budgets.check_key(&who) {
            Ok(state) => (state.remaining_burst_capacity(), 0),
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                (0, wait.as_secs().saturating_add(1))
            }
        };
        *told = Some(Left { of: self.per_minute.get(), left });
        if wait == 0 { Ok(()) } else { Err(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_one_s_own_and_is_told() {
        let limiter = Limiter::new(3);
        let take = |who| {
            let (mut headers, mut left) = (HeaderMap::new(), None);
            let taken = limiter.take(who, &mut left);
            left.into_iter().for_each(|left| left.tell(&mut headers));
            (taken.is_ok(), headers.get(REMAINING).and_then(|left| left.to_str().ok()?.parse::<u32>().ok()))
        };
        for left in [2, 1, 0] {
            assert_eq!(take(Who::User(1)), (true, Some(left)));
        }
        assert_eq!(take(Who::User(1)), (false, Some(0)));
        assert_eq!(take(Who::User(2)), (true, Some(2)));
        assert_eq!(take(Who::Key(1)), (true, Some(2)));
    }
}
