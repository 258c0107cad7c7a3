//! How large is the loss that is to be feared where the limit stands: value at risk, expected shortfall? It
//! comes from outside; what one order adds to it is known when it comes next.

use super::{Sight, Use};
use crate::risk::path::Bound;
use model::{Input, LimitKind, LimitValue, Reject, Scope};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let Some(standing) = sight.standing(bound) else { return Ok(Use::new(0, i128::MAX)) };
    let scope: Scope = standing.limit.scope;
    let input = match bound.kind {
        LimitKind::ValueAtRisk => Input::ValueAtRisk(scope),
        _ => Input::ExpectedShortfall(scope),
    };
    let engine = sight.view.engine;
    let noted = engine.input(input)?;
    let LimitValue::Amount { asset, .. } = standing.limit.value else {
        return Ok(Use::new(0, i128::MAX));
    };
    engine.convert(noted.value, noted.asset, asset).map(|feared| Use::new(feared, feared))
}
