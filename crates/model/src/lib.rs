//! The words of the house: prices, quantities, money, ids, instruments, orders, commands, events, rejects,
//! venue messages. Integers only. No behaviour beyond arithmetic and validity; no I/O, clock or thread.
#![deny(
    clippy::float_arithmetic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic
)]

mod id;
mod number;

pub use id::{
    AccountId, AlgoId, AssetId, BookId, GroupId, InstrumentId, OrderId, RuleId, TraceId, TradeId, UserId, VenueId,
};
pub use number::{Money, Price, Qty};
