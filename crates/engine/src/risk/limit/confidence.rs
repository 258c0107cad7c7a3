//! How sure is the signal behind the order? An order that names no confidence is refused; a change of one that
//! was let in is no new signal.

use super::{Sight, Use};
use crate::risk::path::Bound;
use model::{Input, Reject};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let order = sight.view.order;
    match order.confidence {
        Some(confidence) => Ok(Use::new(0, confidence.0.into())),
        None if order.filled.is_some() => Ok(Use::new(0, bound.most)),
        None => Err(Reject::InputMissing { input: Input::Confidence }),
    }
}
