//! Can the account pay? A cash buy its cost and worst fee, a cash sell its stock, a margin order its margin.

use super::View;
use crate::ledger::{Demand, reserved};
use crate::order::Look;
use model::{Reject, Side};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    let (order, units) = (view.order, &view.listed.units);
    let ledger = &view.engine.ledger;
    let held = ledger.positions.at(order.holding);
    if order.on_margin {
        let initial = view.listed.instrument.margin.initial;
        return ledger.check_margin(held.exposure, held.quote, initial, &demand(view), order.reduce_only);
    }
    match (order.side, order.price) {
        (Side::Sell, _) => ledger.check_cash(held.base, i128::from(order.qty.0).saturating_mul(units.lot)),
        (Side::Buy, Some(price)) => {
            ledger.check_cash(held.quote, reserved(units, Side::Buy, price, order.qty))
        }
        (Side::Buy, None) => {
            let Look { value, fees, .. } = order.look.ok_or(Reject::TooLargeToCount)?;
            ledger.check_cash(held.quote, value.saturating_add(fees))
        }
    }
}

/// At its limit, or at what it would meet where that is worth more.
fn demand(view: &View<'_>) -> Demand {
    let (order, units) = (view.order, &view.listed.units);
    let look = order.look.unwrap_or_default();
    let at_limit = order.price.map(|price| Demand::of(units, order.side, price, order.qty));
    let at_limit = at_limit.unwrap_or(Demand { side: order.side, qty: look.qty_most.0, value: 0, fees: 0 });
    let fees = at_limit.fees.max(look.fees);
    Demand { value: at_limit.value.max(look.value), fees, ..at_limit }
}
