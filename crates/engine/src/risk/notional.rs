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
    let value = listed.units.value_checked(price, order.qty).ok_or(Reject::TooLargeToCount)?;
    let stock = i128::from(order.qty.0).checked_mul(listed.units.lot);
    stock.filter(|stock| *stock <= crate::amount::ORDER_VALUE_MAX).ok_or(Reject::TooLargeToCount)?;
    let (notional, min) = (Money(value.saturating_abs()), listed.instrument.notional_min);
    let whole = order.filled.is_none() && !order.reduce_only;
    if whole && notional < min {
        return Err(Reject::NotionalTooSmall { notional, min });
    }
    Ok(())
}
