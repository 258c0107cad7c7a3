//! The front desk, driven from outside: over its sockets, with a node, a journal and an archive behind it.

mod client;
mod document;
mod examples;
mod markets;
mod orders;
mod people;
mod rough;
mod scenarios;
mod sockets;
mod world;
