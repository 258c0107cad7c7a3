//! Is the place restricted? Nothing is let in where it is, what reduces neither.

use super::Use;

pub(super) fn measure() -> Use {
    Use::new(0, 1)
}
