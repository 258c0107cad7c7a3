//! How many times its equity are the account's positions?

use super::{Sight, Use};
use model::Reject;

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    sight.portfolio().map(|all| Use::share(all.gross, all.equity))
}
