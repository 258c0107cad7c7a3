//! How much of what is displayed would the order take at once? Counted over the best levels that it reaches.

use super::{Sight, Use};
use model::{Input, Reject};

const LEVELS: usize = 10;

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    let (order, engine) = (sight.view.order, sight.view.engine);
    let limit = order.limit();
    let best = engine.best_against(order.instrument, order.side);
    if best.is_none_or(|best| !order.side.reaches(limit, best)) {
        return Ok(Use::new(0, 0));
    }
    let levels = sight.view.listed.book.levels(&engine.orders.nodes, order.side.opposite(), true);
    let reached = levels.take(LEVELS).take_while(|level| order.side.reaches(limit, level.price));
    let depth = reached.map(|level| level.qty.0).fold(0, i64::saturating_add);
    if depth <= 0 {
        return Err(Reject::InputMissing { input: Input::Depth(order.instrument) });
    }
    Ok(Use { before: 0, after: order.qty.0.into(), of: depth.into() })
}
