//! How much of what is displayed would the order take at once? Counted over the best levels that it reaches.

use super::{Sight, Use};
use crate::risk::path::Bound;
use model::{Input, Rate, Reject};

const LEVELS: usize = 10;

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let (order, engine) = (sight.view.order, sight.view.engine);
    let limit = order.limit();
    let best = engine.best_against(order.instrument, order.side);
    if best.is_none_or(|best| !order.side.reaches(limit, best)) {
        return Ok(Use::new(0, 0));
    }
    let levels = sight.view.listed.book.levels(&engine.orders.nodes, order.side.opposite(), true);
    let reached = levels.take(LEVELS).take_while(|level| order.side.reaches(limit, level.price));
    // So much is enough whatever else there is.
    let qty = i128::from(order.qty.0).saturating_mul(Rate::ONE.0.into());
    let enough = qty.checked_div(bound.most).and_then(|enough| i64::try_from(enough).ok());
    let enough = enough.map_or(i64::MAX, |enough| enough.saturating_add(1));
    let mut depth = 0i64;
    for level in reached {
        depth = depth.saturating_add(level.qty.0);
        if depth >= enough {
            break;
        }
    }
    if depth <= 0 {
        return Err(Reject::InputMissing { input: Input::Depth(order.instrument) });
    }
    Ok(Use { before: 0, after: order.qty.0.into(), of: depth.into() })
}
