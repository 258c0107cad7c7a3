//! Scenarios: plain text in which a command stands at the margin and everything that must come of it stands
//! indented below, in order and complete. The same file runs against anything that is a [`House`].
//! Besides commands and `show` queries a line may be `at TIME`, `+1s`, or `include setup/spot.txt`.

mod engine;
mod file;
mod run;

pub use engine::InEngine;
pub use file::{FileError, Script, Step, What, parse};
pub use run::{Failure, Outcome, run};

use model::line::{Answer, Query};
use model::{Command, Event, Time};

/// What a scenario is run against.
pub trait House {
    fn apply(&mut self, command: Command, time: Time) -> Vec<Event>;

    fn show(&self, query: &Query) -> Answer;

    /// What must always be true; asked after every command.
    ///
    /// # Errors
    /// What is not true, in words.
    fn check(&self) -> Result<(), String>;
}
