//! A house that is the engine alone.

use super::House;
use engine::Engine;
use model::line::{Answer, Query};
use model::{Command, Event, NewOrder, Stamped, Time, WhatIf};

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

    fn what_if(&mut self, order: &NewOrder) -> Result<WhatIf, String> {
        Ok(self.engine.what_if(order))
    }

    fn check(&mut self) -> Result<(), String> {
        self.engine.check()
    }
}
