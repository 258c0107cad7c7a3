//! The door: one binary, `staysail`. Each command is one file in `command/` that joins pipes: arguments to the
//! node, lines to commands, events to lines. Absent: any rule of trading, any format, any decision.

mod archive;
mod command;
mod demo;
mod doors;
mod front;
mod server;

use clap::Parser;
use command::Command;
use std::io::{self, Write};
use std::process::ExitCode;

#[global_allocator]
static MEMORY: node::LargePages = node::LargePages;

/// A trading engine: orders in, checked, matched, booked, kept on disk, and only then answered.
#[derive(Parser)]
#[command(name = "staysail", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the exit code still says it.
            writeln!(io::stderr(), "error: {}", sentence(&error)).unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, each said once.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said {
        said if said.is_empty() => cause,
        said if said.contains(&cause) => said,
        said => format!("{said}: {cause}"),
    })
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, sentence};
    use clap::{CommandFactory, Parser, error::ErrorKind};

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_said_once() {
        let error =
            anyhow::anyhow!("the disk is full").context("writing failed: the disk is full").context("a");
        assert_eq!(sentence(&error), "a: writing failed: the disk is full");
    }

    #[test]
    fn what_is_no_command_is_misuse() {
        let check = |line: &str, expected: ErrorKind| {
            let found = Arguments::try_parse_from(line.split_whitespace());
            assert_eq!(found.err().map(|error| error.kind()), Some(expected), "{line}");
        };
        check("staysail", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
        check("staysail trade", ErrorKind::InvalidSubcommand);
        check("staysail journal verify", ErrorKind::MissingRequiredArgument);
        check("staysail serve --http nowhere", ErrorKind::ValueValidation);
        check("staysail serve --data d --listen nowhere", ErrorKind::ValueValidation);
        check("staysail journal digest --data d --at last", ErrorKind::ValueValidation);
        check("staysail --version", ErrorKind::DisplayVersion);
    }
}
