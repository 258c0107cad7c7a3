//! A reduce-only order takes no more than there is to reduce, counting the reduce-only orders before it.

use super::View;
use crate::Engine;
use crate::order::Proposal;
use model::{Qty, Reject};

/// Lowers the quantity to what can be reduced.
#[inline]
pub(super) fn cap(engine: &Engine, order: &mut Proposal) {
    if order.reduce_only && order.qty > Qty::ZERO {
        let held = (order.holding as usize) < engine.ledger.positions.holdings.len();
        let most = if held { engine.ledger.reducible(order.holding, order.side) } else { 0 };
        order.qty = order.qty.min(Qty(most));
    }
}

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    if view.order.reduce_only && view.order.qty.is_zero() {
        return Err(Reject::NothingToReduce);
    }
    Ok(())
}
