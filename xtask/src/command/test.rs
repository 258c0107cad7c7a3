//! `cargo x test`: every test of the workspace, optimised but with all assertions on; one closing line.
//!
//! Plain `cargo test`, so that a machine with nothing but the toolchain runs it, doc examples included.

use anyhow::Result;

use super::{Chore, Misuse};
use crate::shell::{self, say};

pub const CHORE: Chore =
    Chore { name: "test", args: "[quick]", help: "every test; `quick`: the pure crates only", run };

const ALL: &[&str] = &["test", "--workspace", "--profile", "ci", "--no-fail-fast"];
const QUICK: &[&str] = &[
    "test",
    "-p",
    "model",
    "-p",
    "journal",
    "-p",
    "engine",
    "-p",
    "analytics",
    "--profile",
    "ci",
    "--no-fail-fast",
];
/// As a developer builds: not optimised. `ALL` comes to the same digest in an optimised build, or fails.
const GOLDEN: &[&str] = &["test", "-p", "tests", "--test", "it", "the_golden_digest"];

fn run(args: &[String]) -> Result<()> {
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => all(),
        ["quick"] => counted(QUICK),
        other => Err(Misuse(format!("`cargo x test` knows only `quick`, not `{}`", other.join(" "))).into()),
    }
}

pub fn all() -> Result<()> {
    counted(ALL)
}

pub fn golden_unoptimised() -> Result<()> {
    counted(GOLDEN)
}

fn counted(args: &[&str]) -> Result<()> {
    let mut tally = Tally::default();
    let outcome = shell::cargo_lines(args, |line| tally.read(line));
    if outcome.is_err() {
        // A build that fails, or a test process that dies, prints no result line.
        tally.failed = tally.failed.max(1);
    }
    say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    outcome
}

/// The sum of the result lines that each test binary prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn read(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let count = pair[0].parse().unwrap_or(0);
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up_and_other_lines_do_not_count() {
        let mut tally = Tally::default();
        tally.read("test book::sweeps ... ok");
        tally.read("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; in 0.01s");
        tally
            .read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; in 0.01s");
        assert_eq!(tally, Tally { passed: 15, failed: 2 });
    }
}
