//! What share of its equity has the account put into what it bought?

use super::{Sight, Use};
use model::Reject;

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    sight.portfolio().map(|all| Use::share(all.bought, all.equity))
}
