//! Is the price one the instrument can have?

use super::View;
use model::{PriceBand, Reject};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    let Some(price) = view.order.price else { return Ok(()) };
    let listing = &view.listed.instrument;
    if price.0 <= 0 && listing.class.is_delivered() {
        return Err(Reject::PriceNotPositive);
    }
    match listing.band {
        Some(PriceBand { low, high }) if price < low || price > high => {
            Err(Reject::PriceOutsideBand { price, low, high })
        }
        _ => Ok(()),
    }
}
