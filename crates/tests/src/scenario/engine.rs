//! A house that is the engine alone.

use super::House;
use engine::Engine;
use model::line::{Answer, Query};
use model::{Command, Event, Stamped, Time};

#[derive(Default)]
pub struct InEngine {
    engine: Engine,
}

impl House for InEngine {
    fn apply(&mut self, command: Command, time: Time) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        self.engine.apply(&Stamped { seq: self.engine.seq() + 1, time, command }, &mut events);
        Ok(events)
    }

    fn show(&mut self, query: &Query) -> Result<Answer, String> {
        Ok(node::show(&self.engine, query))
    }

    fn check(&mut self) -> Result<(), String> {
        self.engine.check()
    }
}
