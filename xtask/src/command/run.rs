//! `cargo x run`: builds the release binary and serves, with `./data` unless the caller names a folder.

use anyhow::Result;

use super::{Chore, followed_by};
use crate::shell;

pub const CHORE: Chore =
    Chore { name: "run", args: "[ARGS]", help: "build all of it and serve from ./data", run };

fn run(args: &[String]) -> Result<()> {
    let mut fixed = vec!["run", "--release", "-p", "cli", "--bin", "staysail", "--", "serve"];
    let names_data = args.iter().any(|arg| arg == "--data" || arg.starts_with("--data="));
    if !names_data {
        fixed.extend(["--data", "./data"]);
    }
    shell::become_cargo(&followed_by(&fixed, args))
}
