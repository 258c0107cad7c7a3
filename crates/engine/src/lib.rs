//! engine

pub mod book;
