//! A house that is a whole node: its threads, a journal on a disk in memory, one connected client, and a clock
//! that stands where the scenario says.

use super::House;
use journal::{MemDisk, Options};
use model::line::{Answer, Query};
use model::{AccountId, Command, Event, NewOrder, OrderId, Step, Time, WhatIf};
use node::{Client, Config, Cursor, ManualClock, Node, show};
use std::sync::Arc;

pub struct InNode {
    disk: MemDisk,
    clock: Arc<ManualClock>,
    running: Running,
}

struct Running {
    node: Node<MemDisk>,
    client: Client<MemDisk>,
    records: Cursor<MemDisk>,
}

impl InNode {
    /// # Errors
    /// What the node says if it cannot start.
    pub fn start() -> Result<Self, String> {
        let (disk, clock) = (MemDisk::new(), Arc::new(ManualClock::default()));
        let running = Running::start(&disk, &clock)?;
        Ok(Self { disk, clock, running })
    }

    /// Shuts down, starts again from what is on the disk, and compares.
    ///
    /// # Errors
    /// If another state came back, or none.
    pub fn restart(self) -> Result<Self, String> {
        let Self { disk, clock, running } = self;
        let state = |running: &Running| running.look(|engine| (engine.seq(), engine.digest()));
        let before = state(&running)?;
        running.end()?;
        let running = Running::start(&disk, &clock)?;
        let after = state(&running)?;
        if after != before {
            return Err(format!("after a restart record {} has another state than {}", after.0, before.0));
        }
        Ok(Self { disk, clock, running })
    }
}

impl Running {
    fn start(disk: &MemDisk, clock: &Arc<ManualClock>) -> Result<Self, String> {
        let journal = Options { segment_bytes: 1 << 14, reserve_bytes: 0, ..Options::default() };
        let config = Config { journal, snapshot_every: 0, ..Config::default() };
        let started = Node::start(disk.clone(), config, Arc::clone(clock));
        let (node, report) = started.map_err(|error| error.to_string())?;
        let client = node.connect().map_err(|refused| refused.to_string())?;
        let records = node.subscribe(report.last_seq + 1);
        Ok(Self { node, client, records })
    }

    fn end(self) -> Result<(), String> {
        let Self { node, client, records } = self;
        drop((client, records));
        node.shutdown().map(drop).map_err(|error| error.to_string())
    }

    fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&engine::Engine) -> T + Send + 'static,
    ) -> Result<T, String> {
        self.client.query(look).map_err(|refused| refused.to_string())
    }

    /// All that came since the last command, up to this one's record. Whatever fell due may have come in a
    /// record of the node's own just before, which also says that time passed.
    fn events_to(&mut self, seq: u64) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        while self.records.next_seq() <= seq {
            let record = self.records.try_next().map_err(|error| error.to_string())?;
            let record = record.ok_or_else(|| format!("record {seq} was answered and is not in the feed"))?;
            let own = record.stamped.seq < seq;
            let told = record.events.iter().filter(|event| !(own && matches!(event, Event::TimeAdvanced)));
            events.extend(told.cloned());
        }
        Ok(events)
    }
}

impl House for InNode {
    fn apply(&mut self, command: Command, time: Time) -> Result<Vec<Event>, String> {
        self.clock.set(time);
        let reply = self.running.client.call(command).map_err(|refused| refused.to_string())?;
        if reply.time != time {
            return Err(format!("the node stamped {:?} at {time:?}", reply.time));
        }
        self.running.events_to(reply.seq)
    }

    fn show(&mut self, query: &Query) -> Result<Answer, String> {
        let query = *query;
        self.running.look(move |engine| show(engine, &query))
    }

    fn history(&mut self, account: AccountId, order: OrderId) -> Result<Vec<Step>, String> {
        self.running.client.history(account, order).map_err(|error| error.to_string())
    }

    fn what_if(&mut self, order: &NewOrder) -> Result<WhatIf, String> {
        let order = order.clone();
        self.running.look(move |engine| engine.what_if(&order))
    }

    fn check(&mut self) -> Result<(), String> {
        self.running.look(engine::Engine::check)?
    }
}
