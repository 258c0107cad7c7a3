//! Is the quantity one the instrument trades in? What is left of a changed order may be less than the least.

use super::View;
use model::{Qty, Reject};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    let (qty, listing) = (view.order.qty, &view.listed.instrument);
    if qty <= Qty::ZERO {
        return Err(Reject::QtyNotPositive);
    }
    let total = Qty(qty.0.saturating_add(view.order.filled.unwrap_or_default().0));
    if total > listing.qty_max {
        return Err(Reject::QtyTooLarge { qty: total, max: listing.qty_max });
    }
    let whole = view.order.filled.is_none() && !view.order.reduce_only;
    if whole && qty < listing.qty_min {
        return Err(Reject::QtyTooSmall { qty, min: listing.qty_min });
    }
    Ok(())
}
