//! The archive against the engine, and one database against the other.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod archives;
mod doors;
mod equal;
mod figure;
mod people;
mod story;
mod trouble;
