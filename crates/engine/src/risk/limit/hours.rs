//! Does the instrument trade now? An auction to come does not count as trading.

use super::{Sight, Use};

pub(super) fn measure(sight: &Sight<'_>) -> Use {
    Use::new(0, i128::from(!sight.view.listed.trades()))
}
