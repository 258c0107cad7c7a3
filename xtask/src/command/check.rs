//! `cargo x check`: everything that needs no test to run, cheapest first.

use anyhow::Result;

use super::{Chore, dag, take_no_args, tidy};
use crate::shell;

pub const CHORE: Chore = Chore { name: "check", args: "", help: "format, dag, tidy, clippy", run };

/// In the profile of the tests, which then need not build again what builds.
pub const CLIPPY: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--profile", "ci", "--", "-D", "warnings"];

fn run(args: &[String]) -> Result<()> {
    take_no_args("check", args)?;
    format()?;
    dag::check()?;
    tidy::check()?;
    clippy()
}

pub fn format() -> Result<()> {
    shell::cargo(&["fmt", "--all", "--check"])
}

pub fn clippy() -> Result<()> {
    shell::cargo(CLIPPY)
}
