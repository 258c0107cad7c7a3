//! The log: what went wrong beside the answers, one line each, to standard error; and spans of requests to a
//! collector, where one is named.

use super::otlp::Exporter;
use anyhow::Result;
use std::io;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    Text,
    /// One object a line, for programs.
    Json,
    Off,
}

/// From now on; who logs already goes on as before.
pub fn start(form: Form, otlp: Option<&str>) -> Result<()> {
    let spans = otlp.map(Exporter::start).transpose()?;
    let spans =
        spans.map(|spans| spans.with_filter(filter_fn(|of| of.is_span() && of.target().starts_with("api"))));
    let lines = match form {
        Form::Text => Some(fmt::layer().with_writer(io::stderr).with_ansi(false).boxed()),
        Form::Json => Some(fmt::layer().with_writer(io::stderr).with_ansi(false).json().boxed()),
        Form::Off => None,
    };
    let lines = lines.map(|lines| lines.with_filter(LevelFilter::INFO));
    registry().with(spans).with(lines).try_init().unwrap_or_default();
    Ok(())
}
