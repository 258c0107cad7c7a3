//! The front desk, driven from outside: over its sockets, with a node, a journal and an archive behind it.

mod client;
mod databases;
mod dice;
mod document;
mod doors;
mod examples;
mod many;
mod markets;
mod orders;
mod people;
#[path = "../../../store/tests/it/postgres.rs"]
#[allow(dead_code, reason = "a server for several test suites; each needs a part of it")]
#[expect(clippy::unwrap_used, clippy::print_stdout, reason = "as the suite allows it that it is from")]
mod postgres;
mod rough;
mod safe;
mod scenarios;
mod sockets;
mod world;
