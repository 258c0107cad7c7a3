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
mod rough;
mod safe;
mod scenarios;
mod sockets;
mod world;
