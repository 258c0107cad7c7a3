//! The promises of the node: nothing is told before it is durable, nothing told is ever lost, a start gives
//! back the same state or says why not, and no bound is passed silently.

mod core;
mod recovery;
mod statistics;
mod threads;
mod world;
