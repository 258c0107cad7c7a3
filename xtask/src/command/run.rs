//! `cargo x run`: builds the release binary and starts the demo, in `./demo` unless the caller names a folder.

use anyhow::Result;

use super::{Chore, followed_by};
use crate::shell;

pub const CHORE: Chore =
    Chore { name: "run", args: "[ARGS]", help: "build all of it and start the demo", run };

fn run(args: &[String]) -> Result<()> {
    let mut fixed = vec!["run", "--release", "-p", "cli", "--bin", "staysail", "--", "demo"];
    let names_dir = args.iter().any(|arg| arg == "--dir" || arg.starts_with("--dir="));
    if !names_dir {
        fixed.extend(["--dir", "./demo"]);
    }
    shell::become_cargo(&followed_by(&fixed, args))
}
