//! Scenarios: plain text in which a command stands at the margin and everything that must come of it stands
//! indented below, in order and complete. The same file runs against anything that is a [`House`].
//! Besides commands and `show` queries a line may be `at TIME`, `+1s`, or `include setup/spot.txt`.

mod engine;
mod file;
mod node;
mod run;

pub use engine::InEngine;
pub use file::{FileError, Script, Step, What, parse};
pub use node::InNode;
pub use run::{Failure, Outcome, run};

use model::line::{Answer, Query};
use model::{AccountId, Command, Event, NewOrder, OrderId, Time, WhatIf};

/// What a scenario is run against. An error is something that must never be, in words; it counts as broken.
pub trait House {
    /// # Errors
    /// If the command was not taken, or not answered.
    fn apply(&mut self, command: Command, time: Time) -> Result<Vec<Event>, String>;

    /// # Errors
    /// If there was no answer.
    fn show(&mut self, query: &Query) -> Result<Answer, String>;

    /// # Errors
    /// If the order's life could not be read.
    fn history(&mut self, account: AccountId, order: OrderId) -> Result<Vec<model::Step>, String>;
    /// If there was no answer.
    fn what_if(&mut self, order: &NewOrder) -> Result<WhatIf, String>;

    /// What must always be true; asked after every command.
    ///
    /// # Errors
    /// What is not true.
    fn check(&mut self) -> Result<(), String>;
}
