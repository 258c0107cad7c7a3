//! What share of a day's average volume is the order?

use super::{Sight, Use};
use crate::risk::path::Bound;
use model::{Input, Reject};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let order = sight.view.order;
    let average = sight.view.engine.input_at(bound.input, Input::AverageVolume(order.instrument))?.value;
    Ok(Use { before: 0, after: order.qty.0.into(), of: average.max(1) })
}
