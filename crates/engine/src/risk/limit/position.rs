//! How large is the position in the instrument, net and gross, with the order and all that is open on its side?

use super::{Sight, Use};
use crate::ledger::Line;
use crate::risk::path::{Bound, Level};
use crate::risk::worth::value;
use model::{Reject, Unit};

/// On the order's side, so that what takes off the other side uses nothing.
#[inline]
pub(super) fn measure_net(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let order = sight.view.order;
    let before = sight.line(bound.level).toward(order.side);
    let after = before.saturating_add(order.qty.0);
    counted(sight, bound, before.max(0), after.max(0))
}

/// The worst cases of all books, whatever their side.
#[inline]
pub(super) fn measure_gross(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let order = sight.view.order;
    let book: Line = *sight.line(Level::Book);
    let more = book.with(order.side, order.qty.0).worst().saturating_sub(book.worst());
    let before = sight.line(bound.level).gross;
    counted(sight, bound, before, before.saturating_add(more))
}

/// In lots, or worth so much at the reference price.
fn counted(sight: &Sight<'_>, bound: &Bound, before: i64, after: i64) -> Result<Use, Reject> {
    if bound.unit != Unit::Amount {
        return Ok(Use::new(before.into(), after.into()));
    }
    if after == 0 {
        return Ok(Use::new(0, 0));
    }
    let (engine, listed) = (sight.view.engine, sight.view.listed);
    let price = engine.reference_of(listed, sight.view.order.instrument)?;
    let worth =
        |lots| engine.convert(value(&listed.units, price, lots)?, listed.instrument.quote, bound.asset);
    Ok(Use::new(worth(before)?, worth(after)?))
}
