//! `staysail store status`: where the archive is and how far behind the journal. May run beside a server.

use super::{Where, last_seq};
use anyhow::Result;
use std::io::{self, Write};

/// Says how far the archive is.
#[derive(clap::Args)]
pub struct Status {
    #[command(flatten)]
    place: Where,
}

impl Status {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.place.open()?;
        let config = self.place.existing()?;
        let mut out = io::stdout().lock();
        writeln!(out, "archive in {}", config.place)?;
        writeln!(out, "schema {}", ::store::schema_version(&config)?)?;
        let (seq, time) = ::store::Store::open(config)?.projected()?;
        let last = last_seq(&disk, seq)?;
        let lag = last.saturating_sub(seq);
        if seq > 0 {
            writeln!(out, "record {seq} of {last}, {time}")?;
        } else {
            writeln!(out, "record 0 of {last}")?;
        }
        writeln!(out, "{lag} records behind")?;
        Ok(())
    }
}
