//! The crate from outside: the catalogue's promises, imports, and figures of others.

mod catalogue;
mod sample;
