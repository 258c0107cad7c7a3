//! The words as bytes and as lines: golden records, round trips of everything, damaged input, the table of reasons.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod any;
mod directory;
mod golden;
mod language;
mod line;
mod reasons;
mod record;
mod samples;
mod shape;
