//! How many orders came in lately? A bucket of as many as the limit says, that fills again evenly in a minute.

use super::{Sight, Use};
use crate::risk::kept::{gap_ns, taken};
use crate::risk::path::Bound;

#[inline]
pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let Some(standing) = sight.standing(bound) else { return Use::new(0, i128::MAX) };
    let gap = gap_ns(standing.limit.value);
    let taken = i128::from(taken(standing.until, sight.view.engine.time, gap));
    Use::new(taken, taken.saturating_add(1))
}
