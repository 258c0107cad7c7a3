//! Runs over the past, held against what other engines give on the same bars and against each other.

mod golden;
mod same;
mod world;
