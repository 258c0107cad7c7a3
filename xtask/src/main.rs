//! The chores of the house, behind `cargo x`: build, run, check, test, measure.
//!
//! A developer needs no other tool. Each chore is one file in `command/`, registered in one list there.
//! Absent: any rule of trading, and any dependency that would make `cargo x` slow to build.

mod command;
mod shell;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command::dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::complain(&format!("error: {error:#}"));
            ExitCode::from(if error.is::<command::Misuse>() { 2 } else { 1 })
        }
    }
}
