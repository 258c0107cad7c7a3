//! The one who decides the order of things: gives a command its number and its time, lets the engine apply
//! it, and keeps both, command and events, in the open batch. Numbers are dense and time never goes back.
//! Absent: bytes, the disk, the clock, and any answer; what happened here is told by nobody before it is
//! durable.

use crate::Config;
use crate::bundle::{Bundle, ClientId};
use crate::inbox::{Answer, Request, Taken};
use crate::market::MarketData;
use engine::{Ahead, Engine};
use model::{Command, Stamped, Time};

/// A batch in the making, and the answers to queries.
#[derive(Default)]
pub(crate) struct Open {
    pub bundle: Bundle,
    /// Given when everything before them is durable.
    pub answers: Vec<Answer>,
    /// It holds what cannot wait: with threads nothing more joins it, so that it is on the disk the sooner.
    pub urgent: bool,
}

impl Open {
    pub fn is_empty(&self) -> bool {
        self.bundle.is_empty() && self.answers.is_empty()
    }

    pub fn clear(&mut self) {
        self.bundle.clear();
        self.answers.clear();
        self.urgent = false;
    }
}

pub struct Sequencer {
    engine: Engine,
    time: Time,
    commands_max: usize,
    events_max: usize,
}

impl Sequencer {
    pub(crate) fn new(mut engine: Engine, config: &Config) -> Self {
        engine.reserve(config.orders_expected, config.client_ids_expected);
        let time = engine.time();
        let commands_max = config.batch_commands_max.max(1);
        Self { engine, time, commands_max, events_max: config.batch_events_max }
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn is_full(&self, open: &Open) -> bool {
        open.bundle.len() + open.answers.len() >= self.commands_max
            || open.bundle.event_count() >= self.events_max
    }

    /// Takes up to `max` of what has arrived into the open batch: what is urgent, for which there is always room,
    /// then nothing else; or market data, then the rest, until the batch is full. Answers how much it took.
    pub(crate) fn work(&mut self, taken: &mut Taken, now: Time, max: usize, open: &mut Open) -> usize {
        if !taken.urgent.is_empty() {
            return self.work_urgent(taken, now, open);
        }
        let mut done = 0;
        while done < max && !self.is_full(open) {
            if let Some(data) = taken.market.pop_front() {
                self.take(now, ClientId::NOBODY, 0, MarketData::into_command(data), open);
            } else {
                self.look_ahead(taken);
                let Some(request) = taken.requests.pop_front() else { break };
                self.request(now, request, open);
            }
            done += 1;
        }
        done
    }

    /// Takes what cannot wait, and closes the batch behind it.
    #[cold]
    fn work_urgent(&mut self, taken: &mut Taken, now: Time, open: &mut Open) -> usize {
        let urgent = std::mem::take(&mut taken.urgent);
        let done = urgent.len();
        urgent.into_iter().for_each(|request| self.request(now, request, open));
        open.urgent = true;
        done
    }

    #[inline]
    fn request(&mut self, now: Time, request: Request, open: &mut Open) {
        match request {
            Request::Command { client, tag, command } => self.take(now, client, tag, command, open),
            Request::Query(query) => open.answers.push(query(&self.engine)),
        }
    }

    /// Names the next commands to the engine, which asks memory for what they will touch.
    #[inline]
    fn look_ahead(&self, taken: &Taken) {
        for (distance, ahead) in Ahead::STEPS {
            if let Some(Request::Command { command, .. }) = taken.requests.get(distance) {
                self.engine.foresee(command, ahead);
            }
        }
    }

    /// Lets time pass if something waits for it. Answers whether it did.
    pub(crate) fn tick(&mut self, now: Time, open: &mut Open) -> bool {
        let due = self.engine.next_due().is_some_and(|due| due <= now) && !self.is_full(open);
        if due {
            self.take(now, ClientId::NOBODY, 0, Command::AdvanceTime, open);
        }
        due
    }

    /// Stamps, applies, keeps.
    #[inline]
    fn take(&mut self, now: Time, client: ClientId, tag: u64, command: Command, open: &mut Open) {
        self.time = self.time.max(now);
        let (seq, time) = (self.engine.seq() + 1, self.time);
        let (stamped, events) = open.bundle.push(client, tag, Stamped { seq, time, command });
        self.engine.apply(stamped, events);
        open.bundle.close();
    }
}
