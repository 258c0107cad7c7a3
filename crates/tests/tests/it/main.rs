//! The whole house: the rule book in `scenarios/`, and the table of reasons.
#![expect(clippy::expect_used, reason = "a test fails loudly")]

mod scenarios;
