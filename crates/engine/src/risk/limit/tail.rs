//! How large is the loss that is to be feared where the limit stands: value at risk, expected shortfall? It
//! comes from outside; what one order adds to it is known when it comes next.

use super::{Sight, Use};
use crate::risk::path::Bound;
use model::{Input, LimitKind, Reject, Scope};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let engine = sight.view.engine;
    let noted = match engine.input_at(bound.input, Input::Confidence) {
        Err(Reject::InputMissing { .. }) => {
            return Err(Reject::InputMissing { input: named(sight, bound) });
        }
        other => other?,
    };
    engine.convert(noted.value, noted.asset, bound.asset).map(|feared| Use::new(feared, feared))
}

#[cold]
fn named(sight: &Sight<'_>, bound: &Bound) -> Input {
    let scope = sight.standing(bound).map_or(Scope::House, |standing| standing.limit.scope);
    match bound.kind {
        LimitKind::ValueAtRisk => Input::ValueAtRisk(scope),
        _ => Input::ExpectedShortfall(scope),
    }
}
