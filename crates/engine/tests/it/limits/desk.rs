//! A small house that is spoken to in lines and answers in lines.

use engine::Engine;
use model::line::{Line, OrderNames, parse, render_event, render_what_if};
use model::{Directory, NewOrder, Stamped, Time};

pub struct Desk {
    pub engine: Engine,
    directory: Directory,
    names: OrderNames,
    pub time: Time,
}

/// Two futures, two users with a margin account each, and a mark of 100.
const SETUP: &[&str] = &[
    "asset USD",
    "asset OIL",
    "asset EUR",
    "list OIL-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 sector energy expiry 2026-12-21T00:00:00Z",
    "list GAS-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 sector energy expiry 2026-12-21T00:00:00Z",
    "user ann",
    "user ben",
    "account mary of ann margin USD",
    "account mike of ben margin USD",
    "deposit mary 10000 USD",
    "deposit mike 10000 USD",
    "mark OIL-F 100",
    "mark GAS-F 100",
];

impl Desk {
    pub fn new() -> Self {
        let mut desk = Self {
            engine: Engine::new(),
            directory: Directory::default(),
            names: OrderNames::default(),
            time: Time(1_767_261_600_000_000_000),
        };
        desk.all(SETUP);
        desk
    }

    /// Says lines, none of which may be refused.
    pub fn all(&mut self, lines: &[&str]) {
        for line in lines {
            let said = self.say(line);
            assert!(!said.iter().any(|event| is_refusal(event)), "{line}: {said:?}");
        }
    }

    pub fn say(&mut self, line: &str) -> Vec<String> {
        match parse(line, &self.directory, &self.names).unwrap_or_else(|error| panic!("{line}: {error}")) {
            Some(Line::Command(command)) => {
                self.names.hear(&command);
                let (seq, mut events) = (self.engine.seq() + 1, Vec::new());
                self.engine.apply(&Stamped { seq, time: self.time, command }, &mut events);
                self.engine.check().unwrap_or_else(|broken| panic!("{line}: {broken}"));
                let hear = |event| {
                    self.directory.learn(event);
                    self.names.learn(event);
                    render_event(event, &self.directory, &self.names)
                };
                events.iter().map(hear).collect()
            }
            Some(Line::WhatIf(order)) => {
                let answer = self.engine.what_if(&order);
                render_what_if(&order, &answer, &self.directory, &self.names)
            }
            other => panic!("{line} is {other:?}"),
        }
    }

    /// The first line of what came.
    pub fn first(&mut self, line: &str) -> String {
        self.say(line).into_iter().next().unwrap_or_default()
    }

    pub fn order(&self, line: &str) -> NewOrder {
        match parse(&format!("what_if {line}"), &self.directory, &self.names) {
            Ok(Some(Line::WhatIf(order))) => *order,
            other => panic!("{line} is {other:?}"),
        }
    }

    pub fn pass_seconds(&mut self, seconds: i64) {
        self.time = self.time.saturating_add_ns(seconds * 1_000_000_000);
    }

    /// The engine as it comes back from its snapshot.
    pub fn restart(&mut self) {
        let (mut bytes, digest) = (Vec::new(), self.engine.digest());
        self.engine.snapshot(&mut bytes);
        self.engine = Engine::restore(&bytes).expect("the test says what is sound");
        assert_eq!(self.engine.digest(), digest);
        self.engine.check().expect("the test says what is sound");
    }
}

pub fn is_refusal(event: &str) -> bool {
    event.contains("rejected ") || event.starts_with("refused ")
}
