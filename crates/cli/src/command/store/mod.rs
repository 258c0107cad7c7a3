//! `staysail store …`: looks after the archive: how far it is, whether it is right, and all of it anew.

mod check;
mod rebuild;
mod status;

use super::journal::Place;
use crate::archive::Database;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use journal::{Check, FileDisk, Reach, scan_within};
use store::Config;

/// Looks after the archive.
#[derive(Subcommand)]
pub enum Store {
    Status(status::Status),
    Check(check::CheckStore),
    Rebuild(rebuild::Rebuild),
}

impl Store {
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Status(status) => status.run(),
            Self::Check(check) => check.run(),
            Self::Rebuild(rebuild) => rebuild.run(),
        }
    }
}

#[derive(clap::Args)]
struct Where {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    database: Database,
}

impl Where {
    fn config(&self) -> Result<Config> {
        self.database.config(&self.place.data)?.context("leave out --no-database: this is about the archive")
    }

    /// One that is there: looking must not make an empty one.
    fn existing(&self) -> Result<Config> {
        let config = self.config()?;
        if let ::store::Place::Sqlite(path) = &config.place
            && !path.exists()
        {
            bail!("there is no archive in {}; `serve` makes it, and so does `store rebuild`", path.display());
        }
        Ok(config)
    }
}

/// The last record that is in the journal, from one that is known to be.
fn last_seq(disk: &FileDisk, known: u64) -> Result<u64> {
    let mut reader = scan_within(disk, Reach::Archive, known.max(1), Check::Crc)?;
    let mut last = known;
    while let Some(record) = reader.next()? {
        last = record.seq;
    }
    Ok(last)
}
