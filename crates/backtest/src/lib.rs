//! Then: the same engine and the same strategies as in the present, on the clock of recorded data. Bars, quotes and
//! prints become commands of market data; intents become orders that pass every check; the pretend venue answers.
//! The same inputs give the same report, byte for byte, on any number of threads.
//! Absent: async, the wall clock, and any way for a strategy to see what has not happened yet.

mod acts;
pub mod config;
mod desk;
pub mod detect;
pub mod divergence;
mod error;
mod feed;
mod house;
mod lane;
mod ledger;
mod plan;
pub mod report;
mod run;
pub mod search;
pub mod source;
mod tally;

pub use acts::Act;
pub use error::BacktestError;
pub use feed::{Feed, Span, Stream, Tick, TickChunk, Ticks};
pub use plan::{AccountPlan, Made, Maker, MarketPlan, Plan, StrategyPlan};
pub use run::{Outcome, StrategyOutcome, run, run_slowly};
pub use tally::{AccountOutcome, Sample, Trade};
