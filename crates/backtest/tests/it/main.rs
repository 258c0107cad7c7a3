//! Runs over the past, held against what other engines give on the same bars and against each other.

mod books;
mod bounds;
mod divergence;
mod errors;
mod evidence;
mod golden;
mod holders;
mod report;
mod same;
mod ticks;
mod world;
