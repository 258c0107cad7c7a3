//! The log: what went wrong beside the answers, one line each, to standard error.

use std::io;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    Text,
    /// One object a line, for programs.
    Json,
    Off,
}

/// From now on; who logs already goes on as before.
pub fn start(form: Form) {
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false);
    match form {
        Form::Text => log.try_init().unwrap_or_default(),
        Form::Json => log.json().try_init().unwrap_or_default(),
        Form::Off => {}
    }
}
