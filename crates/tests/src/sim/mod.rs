//! The simulator: random work and random faults on the real node, over a disk in memory and a clock that is
//! moved by hand. One seed is one run, the same on every machine; what went wrong is a sentence and a seed.
//!
//! `setup` lays a small market, `work` makes up commands, `special` the less plain ones, `limits` what risk is
//! told, `risky` what operators do about risk, `exchange` is an outside venue that misbehaves, `queue` the promise
//! of the line to it, `house` the node with its disk and everything that was acknowledged, `memory` and `ids` are
//! what the clients know, `aside` is market data and queries, `faults` breaks things, `sabotage` proves that what
//! is broken is found, `naive` is a second, slow engine for a part of the rules, and `versus` holds the two
//! against each other.

mod aside;
mod exchange;
mod faults;
mod history;
mod house;
mod ids;
mod limits;
mod memory;
mod naive;
mod queue;
mod risky;
mod run;
mod sabotage;
pub mod setup;
mod special;
mod versus;
mod work;

pub use history::{History, Synced, commands, commands_outside, fixed_history, options};
pub use run::{Outcome, run, sabotaged};
pub use sabotage::Sabotage;
pub use versus::{Compared, versus};
