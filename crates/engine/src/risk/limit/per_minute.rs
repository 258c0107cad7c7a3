//! How many orders came in lately? A bucket of as many as the limit says, that fills again evenly in a minute.

use super::{Sight, Use};
use crate::risk::kept::taken;
use crate::risk::path::Bound;

#[inline]
pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let Some(count) = sight.count(bound) else { return Use::new(0, i128::MAX) };
    let left = count.until.0.saturating_sub(sight.view.engine.time.0);
    if left <= 0 {
        return Use::new(0, 1);
    }
    let taken = i128::from(taken(left, bound.gap_ns()));
    Use::new(taken, taken.saturating_add(1))
}
