//! How a chore talks to the terminal and starts other programs.
//!
//! Every program starts in the workspace root, whatever folder the developer stands in.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};

#[expect(
    clippy::print_stdout,
    reason = "a chore's report is its output; this is the one place that prints it"
)]
pub fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the one place that prints a chore's failure")]
pub fn complain(line: &str) {
    eprintln!("{line}");
}

/// The workspace root: the folder above this package.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("invariant: xtask stands in the workspace root").to_path_buf()
}

/// Runs cargo with its output straight through; a non-zero end is an error that names the command.
pub fn cargo(args: &[&str]) -> Result<()> {
    let status = cargo_command(args).status().with_context(|| cannot_start(args))?;
    ensure!(status.success(), "`{}` failed ({status})", shown(args));
    Ok(())
}

/// Becomes cargo, so that signals reach the program it starts and its exit code is ours.
pub fn become_cargo(args: &[&str]) -> Result<()> {
    Err(anyhow!(cargo_command(args).exec()).context(cannot_start(args)))
}

/// Runs a program of the workspace as the tests built it.
pub fn tested(program: &str, args: &[&str]) -> Result<()> {
    let path = built()?.join("ci").join(program);
    let status = Command::new(&path).args(args).current_dir(root()).status();
    let status = status.with_context(|| format!("cannot start {}", path.display()))?;
    ensure!(status.success(), "`{program} {}` failed ({status})", args.join(" "));
    Ok(())
}

/// Builds all programs at once and as the tests do, so that nothing is built again; gives the folder they are in.
pub fn built() -> Result<PathBuf> {
    cargo(&["build", "--workspace", "--bins", "--profile", "ci"])?;
    let told = cargo_output(&["metadata", "--format-version", "1", "--no-deps"])?;
    let told: serde_json::Value = serde_json::from_str(&told).context("cargo metadata is not JSON")?;
    told["target_directory"].as_str().map(PathBuf::from).context("cargo metadata names no target folder")
}

/// Runs cargo and returns what it printed.
pub fn cargo_output(args: &[&str]) -> Result<String> {
    let output = cargo_command(args).stderr(Stdio::inherit()).output().with_context(|| cannot_start(args))?;
    ensure!(output.status.success(), "`{}` failed ({})", shown(args), output.status);
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed bytes that are not text", shown(args)))
}

/// Runs cargo, passes each line of its output through, and shows it to `reader` too.
pub fn cargo_lines(args: &[&str], mut reader: impl FnMut(&str)) -> Result<()> {
    let mut child = cargo_command(args).stdout(Stdio::piped()).spawn().with_context(|| cannot_start(args))?;
    let pipe = child.stdout.take().expect("invariant: stdout was piped");
    for line in BufReader::new(pipe).lines() {
        let line = line.with_context(|| format!("cannot read the output of `{}`", shown(args)))?;
        say(&line);
        reader(&line);
    }
    let status = child.wait().with_context(|| format!("`{}` was lost", shown(args)))?;
    ensure!(status.success(), "`{}` failed ({status})", shown(args));
    Ok(())
}

/// True when `cargo NAME` is an installed subcommand.
pub fn has_cargo(name: &str) -> bool {
    let quiet = cargo_command(&[name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn cargo_command(args: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(args).current_dir(root());
    command
}

fn shown(args: &[&str]) -> String {
    format!("cargo {}", args.join(" "))
}

fn cannot_start(args: &[&str]) -> String {
    format!("cannot start `{}`; is the Rust toolchain on the path?", shown(args))
}
