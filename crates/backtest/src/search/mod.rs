//! Looking for parameters: what to try, in which order, on how many threads, and what to make of the best of many.
//! Trials are numbered before they run and results are kept by their number, so that the number of threads changes
//! nothing but the time it takes.

mod evidence;
mod ledger;
mod noise;
mod space;
mod sweep;
mod tpe;
mod walk;

pub use evidence::{Evidence, MonteCarlo, evidence, monte_carlo};
pub use ledger::{note_trials, trials_before};
pub use noise::{Noisy, noisy};
pub use space::{Axis, Space};
pub use sweep::{Objective, Trial, sweep};
pub use tpe::{Method, search};
pub(crate) use walk::all;
pub use walk::{Fold, Split, WalkForward, splits, walk_forward};
