//! The pretend venue: takes what the engine asks of a venue and answers with what a venue says, by stated models of
//! fills, queues, delays, costs and faults. Pure and seeded: the same requests and the same market give the same
//! answers. It speaks exactly the gateway's messages and knows nothing of accounts' money or risk.
//! Absent: I/O, clock, thread, hash order.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic))]

mod auction;
mod bars;
mod delay;
mod depth;
mod dice;
mod exact;
mod fee;
pub mod market;
mod number;
mod order;
mod path;
mod printed;
mod queue;
mod rules;
pub mod series;
mod slip;
mod split;
mod stall;
pub mod tape;
mod ticks;
mod transit;
mod venue;

pub use auction::Session;
pub use delay::{Delay, Latency};
pub use depth::Impact;
pub use dice::Dice;
pub use fee::{FeeTable, Tier};
pub use number::whole;
pub use path::{Path, Point, points};
pub use queue::Queue;
pub use rules::{BarFill, Faults, Halt, Rules, RulesError};
pub use slip::Slippage;
pub use ticks::OrderDeed;
pub use venue::{Terms, Venue};
