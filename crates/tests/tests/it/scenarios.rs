//! Runs every scenario against the engine and against a whole node. `UPDATE=1` writes what came in place of what
//! was expected; read the difference then, rule by rule: a scenario is the rule book, not a recording.

use std::path::{Path, PathBuf};
use tests::scenario::{House, InEngine, InNode, run};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the scenarios are there");
    let paths = entries.map(|entry| entry.expect("the folder can be listed").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ext| ext == "txt")).collect();
    files.sort();
    files
}

/// Runs every file against a house of its own, and says what came out otherwise; or writes that down.
fn check<H: House>(update: bool, start: impl Fn() -> H, end: impl Fn(H) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a scenario can be read");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let load = |included: &str| std::fs::read_to_string(folder().join(included)).ok();
        let mut house = start();
        match run(&text, &mut house, &load) {
            Err(error) => wrong.push(format!("scenarios/{name}: {error}")),
            Ok(outcome) if update => {
                if outcome.rewritten != text {
                    std::fs::write(&path, outcome.rewritten).expect("a scenario can be written");
                }
            }
            Ok(outcome) => {
                wrong.extend(outcome.failures.iter().map(|failure| format!("scenarios/{name}:{failure}")));
            }
        }
        wrong.extend(end(house).err().map(|error| format!("scenarios/{name}, at its end: {error}")));
    }
    assert!(
        wrong.is_empty(),
        "{} steps came out otherwise (- expected, + came):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_holds_in_the_engine() {
    check(std::env::var_os("UPDATE").is_some(), InEngine::default, |_house| Ok(()));
}

#[test]
fn every_rule_holds_in_a_node_and_after_its_restart() {
    check(false, || InNode::start().expect("a node starts"), |house| house.restart().map(|_again| ()));
}

#[test]
fn every_scenario_states_its_rule_first() {
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a scenario can be read");
        assert!(text.starts_with("# "), "{} does not begin with its rule", path.display());
    }
}
