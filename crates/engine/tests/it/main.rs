//! What the engine promises, tested from outside.

mod book;
mod guard;
mod pairs;
