//! The words as bytes and as lines: golden records, round trips of everything, damaged input.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod any;
mod directory;
mod line;
mod record;
