//! The parts that indicators are made of: windows, averages, and moves from one value to the next.
//! Each takes one finite number and gives one once it has seen enough; a number that is not finite is passed over.

mod change;
mod smooth;
mod window;

pub use change::{Lag, Move, TrueRange};
pub use smooth::{Chain, Smooth, WilderSum};
pub use window::{Regression, Window};
