//! The whole house: the rule book in `scenarios/`, and the table of reasons.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails loudly")]

mod auctions;
mod cuts;
mod same;
mod scenarios;
mod simulator;
