//! What the engine promises, tested from outside.

mod book;
mod limits;
mod pairs;
