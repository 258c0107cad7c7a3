//! `staysail bench`: the figures we claim, on the machine at hand.

use anyhow::Result;
use std::io;

/// Measures what we claim, beside naive and recorded peers.
#[derive(clap::Args)]
pub struct Bench {
    #[command(flatten)]
    options: bench::Options,
}

impl Bench {
    pub fn run(&self) -> Result<()> {
        bench::run(&self.options, &mut io::stdout().lock())?;
        Ok(())
    }
}
