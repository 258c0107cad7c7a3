//! `cargo x release`: the binary we ship, built from the committed lock file.

use anyhow::{Context, Result};

use super::{Chore, take_no_args};
use crate::shell::{self, say};

pub const CHORE: Chore = Chore { name: "release", args: "", help: "build the release binary", run };

fn run(args: &[String]) -> Result<()> {
    take_no_args("release", args)?;
    shell::cargo(&["build", "--release", "--locked", "-p", "cli", "--bin", "staysail"])?;
    let metadata = shell::cargo_output(&["metadata", "--no-deps", "--format-version", "1"])?;
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    say(&format!("{target}/release/staysail"));
    Ok(())
}
