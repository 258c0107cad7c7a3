//! Where the archive is, as arguments: a file in the folder of the journal if nothing else is said.

use anyhow::Result;
use std::path::Path;
use store::{Config, Place};

/// The file in the folder of the journal.
const FILE: &str = "archive.db";

#[derive(clap::Args)]
pub struct Database {
    /// Where the archive is: `sqlite:PATH` or `postgres://user@host/name`; else `archive.db` in the folder of the
    /// journal.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Questions go to this one instead; it may be a little behind.
    #[arg(long, value_name = "URL")]
    replica_url: Option<String>,
    /// No archive at all; the journal has everything, and an archive can be made of it later.
    #[arg(long, conflicts_with_all = ["database_url", "replica_url"])]
    no_database: bool,
}

impl Database {
    /// None where there is to be none.
    pub fn config(&self, data: &Path) -> Result<Option<Config>> {
        if self.no_database {
            return Ok(None);
        }
        let place = match &self.database_url {
            Some(url) => Place::parse(url)?,
            None => Place::Sqlite(data.join(FILE)),
        };
        let replica = self.replica_url.as_deref().map(Place::parse).transpose()?;
        Ok(Some(Config { replica, ..Config::new(place) }))
    }
}
