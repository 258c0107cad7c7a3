//! The simulator: random work and random faults on the real node, over a disk in memory and a clock that is
//! moved by hand. One seed is one run, the same on every machine; what went wrong is a sentence and a seed.
//!
//! `setup` lays a small market, `work` makes up commands, `house` is the node with its disk and everything that
//! was acknowledged, `memory` is what the clients know, `faults` breaks things, `naive` is a second, slow
//! engine for a part of the rules, and `versus` holds the two against each other.

mod faults;
mod history;
mod house;
mod memory;
mod naive;
mod run;
pub mod setup;
mod versus;
mod work;

pub use history::{History, Synced, fixed_history, options};
pub use run::{Outcome, run};
pub use versus::{Compared, versus};
