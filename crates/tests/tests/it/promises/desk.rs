//! A whole node that is spoken to in lines, with a clock that stands where the test puts it.

use journal::{MemDisk, Options};
use model::line::{Line, OrderNames, parse, render_event};
use model::{Command, Directory, Event, Record, Time};
use node::{Client, Config, Cursor, ManualClock, Node};
use std::sync::Arc;

pub const START: Time = Time(1_767_261_600_000_000_000);

pub struct Desk {
    pub node: Node<MemDisk>,
    pub clock: Arc<ManualClock>,
    pub client: Client<MemDisk>,
    records: Cursor<MemDisk>,
    directory: Directory,
    orders: OrderNames,
}

impl Desk {
    pub fn new(lines: &str) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let journal = Options { segment_bytes: 1 << 16, reserve_bytes: 0, ..Options::default() };
        let config = Config { journal, snapshot_every: 0, ..Config::default() };
        let (node, _) = Node::start(MemDisk::new(), config, Arc::clone(&clock)).unwrap();
        let (client, records) = (node.connect().unwrap(), node.subscribe(1));
        let (directory, orders) = (Directory::default(), OrderNames::new(1 << 12));
        let mut desk = Self { node, clock, client, records, directory, orders };
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let told = desk.say(line);
            assert!(!told.iter().any(|line| is_refusal(line)), "{line}: {told:?}");
        }
        desk
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds * 1_000_000_000);
    }

    /// Nothing if the words mean nothing.
    pub fn command(&self, line: &str) -> Option<Command> {
        match parse(line, &self.directory, &self.orders) {
            Ok(Some(Line::Command(command))) => Some(command),
            _ => None,
        }
    }

    /// What comes of a line, in words.
    pub fn say(&mut self, line: &str) -> Vec<String> {
        match self.command(line) {
            None => vec![format!("error: {line}")],
            Some(command) => self.tell(command),
        }
    }

    pub fn tell(&mut self, command: Command) -> Vec<String> {
        let seq = self.client.call(command).unwrap().seq;
        self.heard(seq).iter().map(|event| render_event(event, &self.directory, &self.orders)).collect()
    }

    /// What comes of a command, and of what fell due before it.
    pub fn events(&mut self, command: Command) -> Vec<Event> {
        let seq = self.client.call(command).unwrap().seq;
        self.heard(seq)
    }

    fn heard(&mut self, seq: u64) -> Vec<Event> {
        let mut events = Vec::new();
        while self.records.next_seq() <= seq {
            let Record { stamped, events: made } = self.records.try_next().unwrap().expect("it was answered");
            self.orders.hear(&stamped.command);
            for event in &made {
                self.directory.learn(event);
                self.orders.learn(event);
            }
            events.extend(made);
        }
        events
    }
}

pub fn is_refusal(line: &str) -> bool {
    ["refused ", "rejected ", "error: ", "cancel_rejected "].iter().any(|word| line.starts_with(word))
}
