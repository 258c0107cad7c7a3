//! `staysail risk …`: how risk stands, read from the journal. It takes no lock, so it runs beside a server.

mod csv;
mod html;
mod json;
mod report;
mod tables;

use anyhow::Result;
use clap::Subcommand;

/// Looks at risk; may run beside a server.
#[derive(Subcommand)]
pub enum Risk {
    Report(report::Report),
}

impl Risk {
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Report(report) => report.run(),
        }
    }
}
