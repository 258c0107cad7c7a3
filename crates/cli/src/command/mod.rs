//! What can be typed after `staysail`: one file each.

mod backtest;
mod bench;
mod connect;
mod data;
mod demo;
mod divergence;
mod journal;
mod optimise;
mod report;
mod risk;
mod serve;
mod statistics;
mod store;

use anyhow::{Context, Result};
use clap::Subcommand;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

#[derive(Subcommand)]
pub enum Command {
    Serve(serve::Serve),
    Connect(connect::Connect),
    #[command(subcommand)]
    Journal(journal::Journal),
    #[command(subcommand)]
    Risk(risk::Risk),
    Data(Box<data::Data>),
    #[command(subcommand)]
    Store(store::Store),
    Bench(bench::Bench),
    Backtest(backtest::Backtest),
    Optimise(optimise::Optimise),
    WalkForward(optimise::WalkForward),
    Report(report::ReportOf),
    Divergence(divergence::DivergenceOf),
    Demo(demo::Demo),
}

impl Command {
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Connect(connect) => connect.run(),
            Self::Journal(journal) => journal.run(),
            Self::Risk(risk) => risk.run(),
            Self::Data(data) => data.run(),
            Self::Store(store) => store.run(),
            Self::Bench(bench) => bench.run(),
            Self::Backtest(backtest) => backtest.run(),
            Self::Optimise(optimise) => optimise.run(),
            Self::WalkForward(walk) => walk.run(),
            Self::Report(report) => report.run(),
            Self::Divergence(divergence) => divergence.run(),
            Self::Demo(demo) => demo.run(),
        }
    }
}

/// Tells a text and ends its last line.
fn say(text: &str) -> Result<()> {
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A state hash as people compare it.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_two_digits_a_byte() {
        assert_eq!(super::hex(&[0, 10, 255]), "000aff");
    }
}
