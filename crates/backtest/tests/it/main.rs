//! Runs over the past, held against what other engines give on the same bars and against each other.

mod bounds;
mod errors;
mod evidence;
mod golden;
mod report;
mod same;
mod ticks;
mod world;
