//! What the engine promises, tested from outside.

mod book;
mod guard;
mod limits;
mod pairs;
