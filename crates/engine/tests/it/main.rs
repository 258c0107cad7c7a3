//! What the engine promises, tested from outside.

mod actions;
mod book;
mod guard;
mod limits;
mod pairs;
