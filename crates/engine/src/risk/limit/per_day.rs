//! How many orders traded today? Those that rest may, so they count with those that ended.

use super::{Sight, Use};
use crate::risk::path::Bound;

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let Some(kept) = sight.count(bound) else { return Use::new(0, i128::MAX) };
    let [house, own] = sight.days;
    let today = if bound.level.is_of_account() { own } else { house };
    let traded = if kept.day == today { kept.traded } else { 0 };
    let count = i128::from(traded).saturating_add(sight.tally(bound.level).orders.into());
    Use::new(count, count.saturating_add(1))
}
