//! How many orders traded today? Those that rest may, so they count with those that ended.

use super::{Sight, Use};
use crate::risk::path::Bound;

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let Some(standing) = sight.standing(bound) else { return Use::new(0, i128::MAX) };
    let today = sight.view.engine.day_at(standing.limit.scope);
    let traded = if standing.day == today { standing.traded } else { 0 };
    let count = i128::from(traded).saturating_add(sight.tally(bound.level).orders.into());
    Use::new(count, count.saturating_add(1))
}
