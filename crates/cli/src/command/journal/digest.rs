//! `staysail journal digest`: the hash of the state, now or after any record that can still be reached.

use super::{Place, newest_engine};
use crate::command::hex;
use anyhow::Result;
use node::Replayer;
use std::io::{self, Write};

/// Prints the hash of the state after the last record.
#[derive(clap::Args)]
pub struct Digest {
    #[command(flatten)]
    place: Place,
    /// After this record instead.
    #[arg(long)]
    at: Option<u64>,
}

impl Digest {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let engine = newest_engine(&disk, self.at.unwrap_or(u64::MAX))?;
        let mut replayer = Replayer::new(disk, engine).with_archive();
        match self.at {
            None => replayer.advance_to_end()?,
            Some(at) => replayer.advance(at)?,
        };
        writeln!(io::stdout(), "{} after record {}", hex(&replayer.engine().digest()), replayer.seq())?;
        Ok(())
    }
}
