//! The rule book over HTTP and over a WebSocket: every scenario, as it is, line by line.

use crate::client::Client;
use crate::sockets::Socket;
use crate::world::{World, config};
use model::{Event, Time};
use node::{Clock, Cursor, FileDisk, ManualClock, Names};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tests::scenario::{Step, What, parse};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios")
}

/// One way to say a line: gives the lines of the answer and the record it is about.
enum Door {
    Http(Client),
    Socket(Socket),
}

impl Door {
    fn say(&mut self, line: &str) -> (Vec<String>, u64) {
        let told = match self {
            Self::Http(client) => client.post("/api/v1/lines", json!({ "line": line })).json(),
            Self::Socket(socket) => {
                socket.say(json!({ "op": "line", "id": "l", "line": line }));
                let told = socket.hear();
                told.get("problem").cloned().unwrap_or(told)
            }
        };
        if let Some(why) = told["errors"][0]["why"].as_str() {
            return (vec![format!("error {why}")], 0);
        }
        let lines = told["lines"].as_array().unwrap_or_else(|| panic!("{line}: {told}"));
        let text = |line: &Value| line.as_str().expect("a line").to_owned();
        (lines.iter().map(text).collect(), told["seq"].as_u64().expect("a number"))
    }
}

/// Stands where the scenario says, and wakes nobody when it is moved: the next command does.
#[derive(Default)]
struct Patient(ManualClock);

impl Clock for Patient {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn until(&self, due: Time) -> Duration {
        if due <= self.now() { Duration::ZERO } else { Duration::from_secs(60) }
    }
}

struct Stage {
    door: Door,
    clock: Arc<Patient>,
    time: Time,
    /// What fell due by itself comes in records of the node's own, which are no answer to anybody; neither are those
    /// that say who asked.
    records: Cursor<FileDisk>,
    names: Names<FileDisk>,
}

impl Stage {
    fn say(&mut self, line: &str) -> Vec<String> {
        self.clock.0.set(self.time);
        let (mut lines, seq) = self.door.say(line);
        let mut due = Vec::new();
        while self.records.next_seq() <= seq {
            let Some(record) = self.records.try_next().expect("a journal") else { break };
            let own = self.names.events(&record.stamped, &record.events);
            if record.stamped.seq < seq {
                let told = own.into_iter().zip(&record.events);
                due.extend(
                    told.filter(|(_, event)| !matches!(event, Event::TimeAdvanced | Event::AccessNoted))
                        .map(|(line, _)| line),
                );
            }
        }
        due.append(&mut lines);
        due
    }

    fn play(&mut self, name: &str, steps: &[Step], wrong: &mut Vec<String>, is_setup: bool) {
        for step in steps {
            match &step.what {
                What::Remark => {}
                What::Include(path) => {
                    let text = std::fs::read_to_string(folder().join(path)).expect("a setup");
                    self.play(path, &parse(&text).expect("a setup").steps, wrong, true);
                }
                What::At(time) => self.time = *time,
                What::After(nanos) => self.time = self.time.saturating_add_ns(*nanos),
                What::Line(said) => {
                    let got = self.say(said);
                    if !is_setup && comparable(&got) != comparable(&step.expected) {
                        wrong.push(format!(
                            "{name}:{}: {said}\n  - {:?}\n  + {got:?}",
                            step.line, step.expected
                        ));
                    }
                }
            }
        }
    }
}

/// What is due may come in a record of the node's own or with the next command, whichever is sooner; so it is left
/// open when time is said to have advanced, and how records are numbered.
fn comparable(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().filter(|line| *line != "time_advanced");
    let without_number =
        |line: &String| match line.strip_prefix("because ").and_then(|rest| rest.split_once(' ')) {
            Some((_, rest)) => format!("because {rest}"),
            None => line.clone(),
        };
    lines.map(without_number).collect()
}

/// Where a scenario's clock stands that says nothing of it.
const START: Time = Time(1_767_261_600_000_000_000);

fn play_all(over_socket: bool) {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("scenarios")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    files.sort();
    assert!(files.len() > 20);
    let mut wrong = Vec::new();
    for path in files {
        let clock = Arc::new(Patient::default());
        let world = World::start_on(config(), Arc::clone(&clock));
        let client = world.silent_admin();
        let door = if over_socket {
            Door::Socket(Socket::open(&world, "/ws/v1", Some(&client)))
        } else {
            Door::Http(client)
        };
        let node = world.node.as_ref().expect("it runs");
        let names = Names::learn(node, 0).expect("names");
        let mut stage = Stage { door, clock, time: START, records: node.subscribe(1), names };
        let text = std::fs::read_to_string(&path).expect("a scenario");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        stage.play(&name, &parse(&text).expect("a scenario").steps, &mut wrong, false);
    }
    assert!(
        wrong.is_empty(),
        "{} steps came out otherwise (- expected, + came):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_scenario_holds_over_http() {
    play_all(false);
}

#[test]
fn every_scenario_holds_over_a_socket() {
    play_all(true);
}
