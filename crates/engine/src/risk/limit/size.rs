//! How many lots does the order ask for? What has traded of a changed order counts too.

use super::{Sight, Use};

#[inline]
pub(super) fn measure(sight: &Sight<'_>) -> Use {
    let order = sight.view.order;
    let total = order.qty.0.saturating_add(order.filled.unwrap_or_default().0);
    Use::new(0, total.into())
}
