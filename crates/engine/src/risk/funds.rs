//! Can the account pay? A cash buy its cost and worst fee, a cash sell its stock, a margin order its margin.

use super::View;
use crate::ledger::{Demand, Exposure, margin_needed, reserved};
use crate::order::Look;
use model::{Money, Qty, Reject, Side};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    let (order, units) = (view.order, &view.listed.units);
    let ledger = &view.engine.ledger;
    let Some(held) = ledger.positions.holdings.get(order.holding as usize) else {
        return check_first(view);
    };
    if order.on_margin {
        let initial = view.listed.instrument.margin.initial;
        return ledger.check_margin(held.exposure, held.quote, initial, &demand(view), order.reduce_only);
    }
    match (order.side, order.price) {
        (Side::Sell, _) => ledger.check_cash(held.base, i128::from(order.qty.0).saturating_mul(units.lot)),
        (Side::Buy, Some(price)) => {
            ledger.check_cash(held.quote, reserved(units, Side::Buy, price, order.qty))
        }
        (Side::Buy, None) => ledger.check_cash(held.quote, looked(view)?),
    }
}

fn looked(view: &View<'_>) -> Result<i128, Reject> {
    let Look { value, fees, .. } = view.order.look.ok_or(Reject::TooLargeToCount)?;
    Ok(value.saturating_add(fees))
}

/// Of an order that is only asked about, in an instrument that its book has never ordered: there is no position.
#[cold]
fn check_first(view: &View<'_>) -> Result<(), Reject> {
    let (order, listing, ledger) = (view.order, &view.listed.instrument, &view.engine.ledger);
    let free = |asset| {
        let at = ledger.balances.find(order.account, asset);
        at.map_or(Money::ZERO, |at| ledger.balances.at(at).available())
    };
    let needed = needed(view)?;
    if order.on_margin {
        let (asset, free) = (listing.quote, free(listing.quote));
        let short = needed > Money::ZERO && needed > free;
        return if short { Err(Reject::InsufficientMargin { asset, needed, free }) } else { Ok(()) };
    }
    let delivered = listing.base.filter(|_| order.side == Side::Sell);
    let asset = delivered.unwrap_or(listing.quote);
    let free = free(asset);
    if free < needed { Err(Reject::InsufficientFunds { asset, needed, free }) } else { Ok(()) }
}

/// What the account must have free: margin, the cost of a buy, or the stock of a sale.
pub(super) fn needed(view: &View<'_>) -> Result<Money, Reject> {
    let (order, units) = (view.order, &view.listed.units);
    let positions = &view.engine.ledger.positions;
    if order.on_margin {
        let initial = view.listed.instrument.margin.initial;
        let at = positions.find_exposure(order.account, order.instrument);
        let none = Exposure {
            account: order.account,
            instrument: order.instrument,
            qty: Qty::ZERO,
            cost: Money::ZERO,
        };
        let position = at.map_or(none, |at| *positions.exposure(at));
        let margin = at.map(|at| *positions.margin(at)).unwrap_or_default();
        return margin_needed(&position, &margin, initial, &demand(view));
    }
    Ok(Money(match (order.side, order.price) {
        (Side::Sell, _) => i128::from(order.qty.0).saturating_mul(units.lot),
        (Side::Buy, Some(price)) => reserved(units, Side::Buy, price, order.qty),
        (Side::Buy, None) => looked(view)?,
    }))
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
