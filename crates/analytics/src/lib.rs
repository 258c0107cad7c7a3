//! The mathematics outside the engine: what needs floating point is done here, before it becomes a command.
//! What leaves is exact: rates in parts of 10⁻⁹ that the engine only follows. Absent: I/O, clock, randomness.

pub mod schedule;
