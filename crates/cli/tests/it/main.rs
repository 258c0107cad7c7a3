//! The real binary, driven from outside: through its arguments, its sockets, signals and files.

mod backtest;
mod crash;
mod data;
mod journal;
mod language;
mod serve;
mod server;
