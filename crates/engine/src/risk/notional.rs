//! Can the order's value be counted, and is it worth a trade?

use super::View;
use model::{Money, Reject};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    let (order, listed) = (view.order, view.listed);
    if let Some(look) = &order.look {
        look.countable()?;
    }
    let Some(price) = order.price else { return Ok(()) };
    if !listed.units.countable(price, order.qty) {
        return Err(Reject::TooLargeToCount);
    }
    let min = listed.instrument.notional_min;
    let whole = order.filled.is_none() && !order.reduce_only;
    if min == Money::ZERO || !whole {
        return Ok(());
    }
    let notional = Money(listed.units.value(price, order.qty).wrapping_abs());
    if notional < min {
        return Err(Reject::NotionalTooSmall { notional, min });
    }
    Ok(())
}
