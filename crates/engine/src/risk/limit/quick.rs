//! The plain cases of most kinds, told in a few comparisons: most orders are far from most limits. It says yes
//! only where the measure would; whatever is not plain is measured.

use super::{Sight, within};
use crate::risk::path::{Bound, Level};
use crate::risk::portfolio::{Pair, Portfolio};
use model::{InputKind, LimitKind, Unit};

#[inline]
pub(super) fn passes(sight: &Sight<'_>, bound: &Bound) -> bool {
    let order = sight.view.order;
    match bound.kind {
        LimitKind::OrderSize => order.filled.is_none() && i128::from(order.qty.0) <= bound.most,
        LimitKind::OpenOrders => i128::from(sight.tally(bound.level).orders) < bound.most,
        LimitKind::Positions => i128::from(sight.tally(bound.level).positions) < bound.most,
        LimitKind::OrdersPerMinute => {
            bound.most > 0 && sight.count(bound).is_some_and(|count| count.until <= sight.view.engine.time)
        }
        // What was counted on another day only makes this more.
        LimitKind::TradesPerDay => sight.count(bound).is_some_and(|count| {
            let open = i128::from(sight.tally(bound.level).orders);
            open.wrapping_add(count.traded.into()) < bound.most
        }),
        LimitKind::PositionNet if bound.unit == Unit::Lots => {
            let toward = sight.line(bound.level).toward(order.side);
            i128::from(toward).wrapping_add(order.qty.0.into()) <= bound.most
        }
        LimitKind::PositionGross if bound.unit == Unit::Lots => {
            // No order raises the worst case of its book by more than itself.
            let gross = if bound.level == Level::Book {
                sight.line(Level::Book).worst()
            } else {
                sight.line(bound.level).gross
            };
            i128::from(gross).wrapping_add(order.qty.0.into()) <= bound.most
        }
        LimitKind::ValueAtRisk => feared(sight, bound, InputKind::ValueAtRisk),
        LimitKind::ExpectedShortfall => feared(sight, bound, InputKind::ExpectedShortfall),
        LimitKind::Leverage => share(sight, bound, |all| all.gross, |all| all.equity),
        LimitKind::Allocation => share(sight, bound, |all| all.bought, |all| all.equity),
        LimitKind::SymbolExposure => share(sight, bound, |all| all.own, |all| all.equity),
        LimitKind::InstrumentConcentration => share(sight, bound, |all| all.own, Portfolio::size),
        LimitKind::SectorConcentration => share(sight, bound, |all| all.sector, Portfolio::size),
        LimitKind::ClassConcentration => share(sight, bound, |all| all.class, Portfolio::size),
        _ => false,
    }
}

#[inline]
fn feared(sight: &Sight<'_>, bound: &Bound, kind: InputKind) -> bool {
    let engine = sight.view.engine;
    let Some(noted) = engine.risk.kept.statistics.get(bound.input as usize) else { return false };
    let fresh = engine.time.0.saturating_sub(noted.at.0) <= engine.risk.kept.ages.of(kind);
    fresh && noted.asset == bound.asset && noted.value <= bound.most
}

#[inline]
fn share(
    sight: &Sight<'_>,
    bound: &Bound,
    part: impl Fn(&Portfolio) -> Pair,
    of: impl Fn(&Portfolio) -> i128,
) -> bool {
    sight.portfolio.as_ref().is_ok_and(|all| within(part(all).after, of(all), bound.most))
}
