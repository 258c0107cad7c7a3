//! `cargo x bench`: the figures we claim, measured on this machine next to the naive book.

use anyhow::Result;

use super::{Chore, followed_by};
use crate::shell;

pub const CHORE: Chore =
    Chore { name: "bench", args: "[GROUP] [--json]", help: "measure the figures we claim", run };

const BENCH: &[&str] = &["run", "--release", "-p", "bench", "--"];

fn run(args: &[String]) -> Result<()> {
    shell::cargo(&followed_by(BENCH, args))
}

/// A short run that proves the benches still work and their checksums still hold; its times mean nothing.
pub fn smoke() -> Result<()> {
    for group in ["heart", "algos", "backtest"] {
        shell::tested("bench", &[group, "--smoke"])?;
    }
    Ok(())
}
