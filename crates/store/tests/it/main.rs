//! The archive against the engine, and one database against the other.

mod archives;
mod doors;
mod equal;
mod figure;
mod people;
mod postgres;
mod story;
mod trouble;
