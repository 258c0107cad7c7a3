//! What every indicator promises, tested over the whole list; and the values of other tools.

mod data;
mod examples;
mod golden;
mod laws;
mod library;
mod reference;
mod refusals;
mod third_party;
