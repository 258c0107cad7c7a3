//! What share of the account's equity is the position in the instrument?

use super::{Sight, Use};
use model::Reject;

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    sight.portfolio().map(|all| Use::share(all.own, all.equity))
}
