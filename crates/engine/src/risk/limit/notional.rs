//! What is the order worth at the most? A buy of something delivered no more than its limit; any other order its
//! limit, its reference price or what it would meet, whichever is the most.

use super::{Sight, Use};
use crate::risk::View;
use crate::risk::path::Bound;
use crate::risk::worth::value;
use model::{Price, Qty, Reject, Side};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let worth = worth(sight.view)?;
    let quote = sight.view.listed.instrument.quote;
    sight.view.engine.convert(worth, quote, bound.asset).map(|worth| Use::new(0, worth))
}

/// In quote, with what has traded of a changed order.
pub(super) fn worth(view: &View<'_>) -> Result<i128, Reject> {
    let (order, listed) = (view.order, view.listed);
    let qty = order.qty.0.saturating_add(order.filled.unwrap_or(Qty::ZERO).0);
    let at_limit = order.price.map(|price| value(&listed.units, price, qty)).transpose()?;
    let bought = order.side == Side::Buy && listed.instrument.class.is_delivered();
    if let Some(worth) = at_limit.filter(|_| bought) {
        return Ok(worth);
    }
    let reference: Price = view.engine.reference_of(listed, order.instrument)?;
    let worth = value(&listed.units, reference, qty)?.max(at_limit.unwrap_or(0));
    Ok(worth.max(order.look.map_or(0, |look| look.value)))
}
