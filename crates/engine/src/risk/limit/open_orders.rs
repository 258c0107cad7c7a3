//! How many orders rest? One that cannot rest adds none.

use super::{Sight, Use};
use crate::order::Remainder;
use crate::risk::path::Bound;

#[inline]
pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let open = i128::from(sight.tally(bound.level).orders);
    let more = i128::from(sight.view.order.remainder == Remainder::Rests);
    Use::new(open, open.saturating_add(more))
}
