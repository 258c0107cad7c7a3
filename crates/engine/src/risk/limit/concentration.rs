//! What share of the account's size is in one instrument, one sector, one class? The size is its equity, or its
//! positions where those are more, so that a first position is not all there is.

use super::{Sight, Use};
use crate::risk::portfolio::{Pair, Portfolio};
use model::Reject;

pub(super) fn measure(sight: &Sight<'_>, part: fn(&Portfolio) -> Pair) -> Result<Use, Reject> {
    sight.portfolio().map(|all| Use::share(part(all), all.size()))
}
