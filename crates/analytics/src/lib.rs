//! The judge: figures about what was done and what may come. Pure functions over data that is handed in.
//!
//! And the drawer of schedules that the engine follows: exact rates, made before they become a command.
//! Every figure is finite and means what `docs/ANALYTICS.md` says, or there is a typed error instead of it.
//! Absent: I/O, clock, thread, and any decision; limits that act on a figure live in the engine.

mod day;
mod error;
pub mod evidence;
pub mod execution;
pub mod number;
pub mod options;
pub mod performance;
pub mod risk;
pub mod schedule;

pub use day::Day;
pub use error::{AnalyticsError, Result};
