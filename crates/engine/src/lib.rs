//! The rules: `apply(stamped command) → events`. Order lifecycle, risk, book, ledger; deterministic to the bit.
//! Absent: I/O, clock, thread, float, randomness, hash order, log, and a panic on any input.
//!
//! The book of a market takes approved orders only, and outside of the checks nobody can make an approval:
//!
//! ```compile_fail,E0603
//! use engine::risk::Approved;
//! ```
//!
//! ```compile_fail,E0603
//! use engine::order::Proposal;
//! ```
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

mod action;
mod admin;
mod algo;
mod amount;
mod auction;
pub mod book;
mod check;
mod clients;
mod engine;
mod foresee;
mod guard;
mod index;
mod ledger;
mod listing;
mod market;
mod order;
mod orders;
mod outlook;
mod quiet;
mod registry;
mod risk;
mod route;
mod slab;
mod snapshot;
mod units;
mod venue;
mod view;
mod watch;

pub use auction::Indication;
pub use engine::Engine;
pub use foresee::Ahead;
pub use guard::LossUse;
pub use ledger::{Balance, Exposure, Holding, House, Margin};
pub use listing::Listed;
pub use order::pairs;
pub use registry::{Account, BookOf};
pub use risk::{Sized, Sizing};
pub use snapshot::RestoreError;
pub use view::{LevelView, OrderView};
