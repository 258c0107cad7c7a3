//! `cargo x deny`: licences, advisories, bans and sources of every dependency, by the rules in `deny.toml`.

use anyhow::{Result, bail};

use super::{Chore, take_no_args};
use crate::shell;

pub const CHORE: Chore =
    Chore { name: "deny", args: "", help: "licences and advisories of dependencies", run };

fn run(args: &[String]) -> Result<()> {
    take_no_args("deny", args)?;
    if !shell::has_cargo("deny") {
        bail!("cargo-deny is not installed; install it with: cargo install cargo-deny --locked");
    }
    shell::cargo(&["deny", "check"])
}
