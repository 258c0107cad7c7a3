//! Most orders are far from most limits, and pass them all by a few comparisons with the leave that was found when an
//! order was measured last. It says yes only where every measure would; where it does not, each limit is measured by
//! itself, and that is the answer.

use super::price_collar;
use crate::ledger::{Line, Place, ceil, dearer, times};
use crate::order::Proposal;
use crate::risk::View;
use crate::risk::way::{ANY, Common, Rules, Terms};
use crate::risk::worth::within;
use model::{Rate, Side};

#[inline]
pub(super) fn passes(view: &View<'_>) -> bool {
    let (engine, order) = (view.engine, view.order);
    let (risk, lines) = (&engine.risk, &engine.ledger.lines);
    let Some((way, common)) = risk.whole_way(order.holding) else { return false };
    let Some(place) = lines.place(order.holding) else { return false };
    let Common { rules, terms } = common;
    way.told == risk.told
        && engine.time <= way.until
        && is_within(view, rules, terms)
        && lots_fit(order, rules, &lines.around(order.holding, place))
        && common.counts_pass(way, &lines.tallies(place), &risk.kept.counts, engine.time)
        && (rules.depth == ANY || takes_little(view, rules.depth))
        && (!rules.of_account() || account_may(view, place, common))
}

/// No order raises the worst case of its book by more than itself.
#[inline]
fn lots_fit(order: &Proposal, rules: &Rules, around: &[&Line; 4]) -> bool {
    around.iter().zip(rules.net.iter().zip(&rules.gross)).all(|(line, (net, gross))| {
        line.toward(order.side).saturating_add(order.qty.0) <= *net
            && line.gross.saturating_add(order.qty.0) <= *gross
    })
}

/// What is asked of the order itself.
#[inline]
fn is_within(view: &View<'_>, rules: &Rules, terms: &Terms) -> bool {
    let (order, listed) = (view.order, view.listed);
    let sure = match order.confidence {
        Some(confidence) => confidence.0 >= rules.confidence,
        None => order.filled.is_some() || rules.confidence == i64::MIN,
    };
    let price = order.price.or_else(|| price_collar::worst(view));
    let near = price.is_some_and(|price| match order.side {
        Side::Buy => price.0 >= 0 && price <= terms.high,
        Side::Sell => terms.low <= price && price <= terms.far,
    });
    let qty = order.qty.0.saturating_add(order.filled.unwrap_or_default().0);
    let met = order.look.is_none_or(|look| ceil(look.value) <= times(terms.lot, qty));
    terms.told == view.engine.risk.told
        && view.engine.time <= terms.until
        && sure
        && near
        && met
        && qty <= terms.most
        && (!rules.hours || listed.trades())
}

/// Whether the order takes nothing now, or little enough of the best displayed level alone.
#[inline]
fn takes_little(view: &View<'_>, most: i64) -> bool {
    let (order, engine) = (view.order, view.engine);
    let reaches = |price| order.side.reaches(order.limit(), price);
    if !engine.best_against(order.instrument, order.side).is_some_and(reaches) {
        return true;
    }
    let best = view.listed.book.levels(&engine.orders.nodes, order.side.opposite(), true).next();
    best.is_some_and(|best| reaches(best.price) && within(order.qty.0.into(), best.qty.0.into(), most.into()))
}

/// What the order makes of its account.
#[inline]
fn account_may(view: &View<'_>, place: &Place, Common { rules, terms }: &Common) -> bool {
    let (order, engine) = (view.order, view.engine);
    let (lines, leave) = (&engine.ledger.lines, engine.ledger.lines.leave(order.account));
    let lot = lines.of_exposure(place.exposure).lot;
    let apart = !rules.correlated || leave.alone || leave.beside == Some(order.instrument);
    let qty = order.qty.0.saturating_add(order.filled.unwrap_or_default().0);
    let after = leave.gross.saturating_add(dearer(times(lot, order.qty.0)));
    let share = |part: i64, rate: i64| {
        // The largest number stands for all that are larger.
        part < i64::MAX
            && i128::from(part).wrapping_mul(Rate::ONE.0.into())
                <= i128::from(leave.equity).wrapping_mul(rate.into())
    };
    leave.told == engine.risk.told
        && engine.time <= leave.until
        && lot > 0
        && apart
        && (rules.share == ANY || share(after, rules.share))
        && (terms.moves == ANY || (leave.native && share(times(terms.lot, qty), terms.moves)))
}
