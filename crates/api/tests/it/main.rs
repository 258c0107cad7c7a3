//! The front desk, driven from outside: over its sockets, with a node, a journal and an archive behind it.

mod client;
mod document;
mod markets;
mod orders;
mod people;
mod rough;
mod sockets;
mod world;
