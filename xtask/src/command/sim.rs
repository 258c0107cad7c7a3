//! `cargo x sim`: the simulator, random work and faults on the real node; it prints the seed that failed.

use anyhow::Result;

use super::{Chore, followed_by};
use crate::shell;

pub const CHORE: Chore = Chore {
    name: "sim",
    args: "[--seeds N] [--seed S]",
    help: "random work and faults on the real node",
    run,
};

/// What CI runs, and what a bare `cargo x sim` runs.
const SEEDS: &str = "200";

const SIMULATOR: &[&str] = &["run", "--profile", "ci", "-p", "tests", "--bin", "sim", "--"];

fn run(args: &[String]) -> Result<()> {
    if args.is_empty() {
        return default_seeds();
    }
    shell::cargo(&followed_by(SIMULATOR, args))
}

pub fn default_seeds() -> Result<()> {
    shell::tested("sim", &["--seeds", SEEDS])
}
