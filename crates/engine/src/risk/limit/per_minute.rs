//! How many orders came in lately? A bucket of as many as the limit says, that fills again evenly in a minute.

use super::{Sight, Use};
use crate::risk::kept::{gap_ns, taken};
use crate::risk::path::Bound;
use model::LimitValue;

#[inline]
pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let Some(count) = sight.count(bound) else { return Use::new(0, i128::MAX) };
    let left = count.until.0.saturating_sub(sight.view.engine.time.0);
    if left <= 0 {
        return Use::new(0, 1);
    }
    let gap = gap_ns(LimitValue::Count(u32::try_from(bound.most).unwrap_or(u32::MAX)));
    let taken = i128::from(taken(left, gap));
    Use::new(taken, taken.saturating_add(1))
}
