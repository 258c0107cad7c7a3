//! In how many instruments is there a position, or an order that may make one?

use super::{Sight, Use};
use crate::risk::path::{Bound, Level};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Use {
    let place = if bound.level == Level::Book { Level::Book } else { Level::Account };
    let opens = !sight.line(place).is_live();
    let count = i128::from(sight.tally(bound.level).positions);
    Use::new(count, count.saturating_add(opens.into()))
}
