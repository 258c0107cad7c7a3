//! The deciders: indicators, the contract that every strategy keeps, and the strategies. Floating point is allowed
//! here and rounded to tick and lot before it becomes a command.
//! Absent: I/O, clock, thread, hash order, and randomness without a seed.

pub mod contract;
pub mod indicator;
pub mod strategies;

pub use contract::{
    Args, Bracket, Ended, Fill, Intent, Intents, Look, Market, Order, Param, Reads, Row, Strategy,
    StrategyError, Tag, View,
};
