//! The crate from outside: the catalogue's promises, imports, and figures of others.

mod books;
mod catalogue;
mod feeds;
mod figures;
mod formats;
mod import;
mod sample;
mod work;
