//! `staysail data list`: what the catalogue holds, a line a series.

use super::series::symbol;
use anyhow::{Result, bail};
use data::Catalogue;
use model::Symbol;
use std::io::{self, Write};
use std::path::Path;

/// Says what the catalogue holds: rows, from when to when, and their size on disk.
#[derive(clap::Args)]
pub struct List {
    /// Only what there is of this instrument.
    #[arg(value_parser = symbol)]
    instrument: Option<Symbol>,
}

impl List {
    pub fn run(&self, root: &Path) -> Result<()> {
        let catalogue = Catalogue::open(root);
        let mut shelves: Vec<_> =
            catalogue.list(self.instrument.as_ref())?.into_iter().map(|listing| listing.shelf).collect();
        shelves.dedup();
        if shelves.is_empty() {
            let what = self.instrument.map_or("the catalogue".to_owned(), |name| name.to_string());
            let root = root.display();
            bail!(
                "{what} has no rows in {root}: `staysail data import --sample all` brings some to begin with"
            );
        }
        let mut out = io::stdout().lock();
        for shelf in shelves {
            let stats = catalogue.stats(&shelf)?;
            let Some((first, last)) = stats.times else { continue };
            let (name, kind) = (shelf.instrument.to_string(), shelf.kind.to_string());
            let size = format!("{} parts, {} bytes", stats.parts, stats.bytes);
            writeln!(out, "{name:12} {kind:12} {:>10} rows  {first} to {last}  {size}", stats.rows)?;
        }
        Ok(())
    }
}
