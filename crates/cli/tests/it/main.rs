//! The real binary, driven from outside: through its arguments, its sockets, signals and files.

mod crash;
mod journal;
mod kill;
mod language;
mod risk;
mod serve;
mod server;
