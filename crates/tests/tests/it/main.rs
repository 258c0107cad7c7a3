//! The whole house: the rule book in `scenarios/`, and and every promise about orders.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails loudly")]

mod auctions;
mod cuts;
mod outside;
mod pairs;
mod promises;
mod routes;
mod same;
mod scenarios;
mod simulator;
mod special;
