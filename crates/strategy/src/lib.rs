//! The deciders: what a strategy computes from the market before it decides. Floating point is allowed here and
//! rounded to tick and lot before it becomes a command.
//! Absent: I/O, clock, thread, hash order, and randomness without a seed.

pub mod indicator;
