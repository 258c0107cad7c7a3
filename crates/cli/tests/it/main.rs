//! The real binary, driven from outside: through its arguments, its sockets, signals and files.

mod archive;
mod backtest;
mod crash;
mod data;
mod journal;
mod kill;
mod language;
mod risk;
mod serve;
mod server;
