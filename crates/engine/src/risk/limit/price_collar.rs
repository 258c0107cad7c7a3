//! How far beyond the reference price would the order pay, or sell below it? An order without a price pays the
//! worst displayed price that it needs for its quantity. Standing back from the market harms nobody.

use super::{Sight, Use};
use crate::risk::View;
use model::{Price, Reject};

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    let (order, listed) = (sight.view.order, sight.view.listed);
    let reference = sight.view.engine.reference_of(listed, order.instrument)?;
    let price = order.price.or_else(|| worst(sight.view)).unwrap_or(reference);
    let beyond = i128::from(price.0).saturating_sub(reference.0.into());
    let beyond = beyond.saturating_mul(order.side.sign().into()).max(0);
    Ok(Use { before: 0, after: beyond, of: i128::from(reference.0).saturating_abs().max(1) })
}

pub(super) fn worst(view: &View<'_>) -> Option<Price> {
    let (order, listed) = (view.order, view.listed);
    let mut left = order.qty.0;
    let levels = listed.book.levels(&view.engine.orders.nodes, order.side.opposite(), true);
    let mut worst = None;
    for level in levels {
        worst = Some(level.price);
        left = left.saturating_sub(level.qty.0);
        if left <= 0 {
            break;
        }
    }
    worst
}
