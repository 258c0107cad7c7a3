//! The real binary, driven from outside: through its arguments, its sockets, signals and files.

mod archive;
mod backtest;
mod crash;
mod data;
mod journal;
mod kill;
mod language;
#[path = "../../../store/tests/it/postgres.rs"]
#[allow(dead_code, reason = "a server for two test suites; each needs a part of it")]
#[expect(clippy::unwrap_used, clippy::print_stdout, reason = "as the suite allows it that it is from")]
mod postgres;
mod risk;
mod serve;
mod server;
