//! Now: commands come in, are stamped, the engine turns each into facts, the facts are kept, and only then
//! told. `Core` is that path in steps, for one thread and any disk; `Node` is the same with threads around
//! it. The only writer of the journal. Absent: any rule of trading, any protocol.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::panic))]

mod ahead;
mod bell;
mod bundle;
mod client;
mod clock;
mod config;
mod core;
mod durable;
mod error;
mod feed;
mod gate;
mod history;
mod inbox;
mod mailbox;
mod market;
mod metrics;
mod names;
mod node;
mod pace;
mod pages;
mod query;
mod recovery;
mod release;
mod replay;
pub mod report;
mod sequencer;
mod shadow;
mod shared;
mod show;
pub mod statistics;
mod threads;

pub use crate::core::{Core, Ended};
pub use bundle::{Answered, Bundle, ClientId};
pub use client::{Client, MarketDoor, Reply, Sender};
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::Config;
pub use durable::Held;
pub use error::{NodeError, Refused, Result};
pub use feed::Cursor;
pub use history::history;
/// The disk that a node in production stands on.
pub use journal::FileDisk;
pub use mailbox::Replies;
pub use market::{MarketData, Passed};
pub use metrics::{Count, Metrics};
pub use names::{Names, defining};
pub use node::Node;
pub use pages::LargePages;
pub use query::Pending;
pub use recovery::Report;
pub use replay::Replayer;
pub use show::show;
pub use statistics::Statistics;
