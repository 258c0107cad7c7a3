//! A house that is the engine alone.

use super::House;
use engine::Engine;
use model::line::{Answer, Query};
use model::{AccountId, Command, Event, Life, NewOrder, OrderId, Record, Stamped, Step, Time, WhatIf};

#[derive(Default)]
pub struct InEngine {
    engine: Engine,
    records: Vec<Record>,
}

impl House for InEngine {
    fn apply(&mut self, command: Command, time: Time) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        let stamped = Stamped { seq: self.engine.seq() + 1, time, command };
        self.engine.apply(&stamped, &mut events);
        self.records.push(Record { stamped, events: events.clone() });
        Ok(events)
    }

    fn show(&mut self, query: &Query) -> Result<Answer, String> {
        Ok(node::show(&self.engine, query))
    }

    fn history(&mut self, account: AccountId, order: OrderId) -> Result<Vec<Step>, String> {
        let mut life = Life::of(account, order);
        Ok(self.records.iter().filter_map(|record| life.hear(record)).collect())
    }

    fn what_if(&mut self, order: &NewOrder) -> Result<WhatIf, String> {
        Ok(self.engine.what_if(order))
    }

    fn check(&mut self) -> Result<(), String> {
        self.engine.check()
    }
}
