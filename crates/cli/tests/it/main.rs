//! The real binary, driven from outside: through its arguments, its sockets, signals and files.

mod archive;
mod crash;
mod journal;
mod language;
#[path = "../../../store/tests/it/postgres.rs"]
#[allow(dead_code, reason = "a server for two test suites; each needs a part of it")]
mod postgres;
mod serve;
mod server;
