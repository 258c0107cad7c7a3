//! The crate from outside: the catalogue's promises, imports, and figures of others.

mod books;
mod catalogue;
mod figures;
mod import;
mod sample;
mod work;
