//! An engine under test. After every command its auditor is asked; a twin that was restored from a snapshot
//! takes the same commands and must say and be the same.

use super::draw::{Draw, Mix};
use engine::Engine;
use model::{Command, Event, Stamped, Time};
use tests::sim::setup::{self, START};

pub struct Floor {
    pub engine: Engine,
    twin: Option<Engine>,
    pub time: Time,
    pub events: Vec<Event>,
    told: Vec<Event>,
}

/// Looks on, and says what is not as promised.
pub trait Watcher {
    fn see(&mut self, floor: &Floor, command: &Command) -> Result<(), String>;
}

impl Floor {
    /// The small market of the simulator.
    pub fn new() -> Self {
        let (engine, events, told) = (Engine::new(), Vec::new(), Vec::new());
        let mut floor = Self { engine, twin: None, time: START, events, told };
        for command in setup::commands() {
            floor.apply(command);
        }
        floor
    }

    pub fn apply(&mut self, command: Command) -> &[Event] {
        self.events.clear();
        let stamped = Stamped { seq: self.engine.seq() + 1, time: self.time, command };
        self.engine.apply(&stamped, &mut self.events);
        if let Some(twin) = &mut self.twin {
            self.told.clear();
            twin.apply(&stamped, &mut self.told);
        }
        &self.events
    }

    /// Goes on with what a snapshot brings back; what made it becomes the twin.
    pub fn restart(&mut self) -> Result<(), String> {
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        let restored = Engine::restore(&bytes).map_err(|error| error.to_string())?;
        self.twin = Some(std::mem::replace(&mut self.engine, restored));
        self.check_twin()
    }

    pub fn check(&self) -> Result<(), String> {
        self.engine.check()?;
        let same = self.twin.is_none() || self.events == self.told;
        if same {
            Ok(())
        } else {
            Err(format!("the restored engine says {:?}, not {:?}", self.events, self.told))
        }
    }

    pub fn check_twin(&self) -> Result<(), String> {
        let same = self.twin.as_ref().is_none_or(|twin| twin.digest() == self.engine.digest());
        if same { Ok(()) } else { Err("the restored engine is in another state".to_owned()) }
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub trades: usize,
    pub triggered: usize,
    pub groups: usize,
}

impl Tally {
    fn count(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Traded(_) => self.trades += 1,
                Event::OrderTriggered { .. } => self.triggered += 1,
                Event::GroupPlaced { .. } => self.groups += 1,
                _ => {}
            }
        }
    }
}

/// So many random commands from a seed, with restarts in between.
pub fn run(
    seed: u64,
    commands: usize,
    mix: Mix,
    watcher: &mut dyn Watcher,
    tally: &mut Tally,
) -> Result<(), String> {
    let (mut floor, mut draw) = (Floor::new(), Draw::new(seed, mix));
    for at in 0..commands {
        let failed = |wrong: String, command: &Command| {
            format!("command {at} of seed {seed}: {wrong}\nafter {command:?}")
        };
        if draw.rng.below(40) == 0 {
            floor
                .restart()
                .map_err(|wrong| format!("restart before command {at} of seed {seed}: {wrong}"))?;
        }
        floor.time = draw.pass(floor.time);
        let command = draw.command(floor.time);
        let events = floor.apply(command.clone());
        draw.learn(events);
        tally.count(events);
        let watched = floor.check().and_then(|()| watcher.see(&floor, &command));
        watched.map_err(|wrong| format!("{}\nevents {:#?}", failed(wrong, &command), floor.events))?;
        if at % 16 == 0 {
            floor.check_twin().map_err(|wrong| failed(wrong, &command))?;
        }
    }
    floor.check_twin()
}

/// `SEEDS=2000` asks for more than a quick look.
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("SEEDS").ok().and_then(|count| count.parse().ok());
    0..asked.unwrap_or(usual)
}
