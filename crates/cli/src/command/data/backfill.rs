//! `staysail data backfill`: what a range lacks, and filling it from a folder of files.

use super::import::{Shape, file_name, size, tell};
use super::progress::{Shown, Stop};
use super::series::{Series, length_ns};
use anyhow::{Context, Result, bail};
use data::{Catalogue, Shelf, binance_dumps};
use model::Time;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Holes that are told at most.
const TOLD: usize = 20;

/// Says what a range lacks; with --source fills it, no row twice. Ends with 1 while something is missing.
#[derive(clap::Args)]
pub struct Backfill {
    #[command(flatten)]
    series: Series,
    /// A folder whose files may hold what is missing; all of them are read.
    #[arg(long)]
    source: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
    /// How long a silence must be to be a hole, such as 5m; for bars of time their length, else an hour.
    #[arg(long, value_parser = length_ns)]
    silence: Option<i64>,
    /// The name of the instrument at Binance: says which of its public dumps hold what is missing.
    #[arg(long)]
    binance: Option<String>,
}

impl Backfill {
    pub fn run(&self, root: &Path) -> Result<()> {
        let (shelf, range) = (self.series.shelf(), self.series.closed_range()?);
        let mut out = io::stdout().lock();
        if let Some(folder) = &self.source {
            self.fill(&Catalogue::open_to_write(root)?, &shelf, &range, folder, &mut out)?;
        }
        let holes = self.holes(&Catalogue::open(root), &shelf, &range)?;
        if holes.is_empty() {
            writeln!(out, "nothing is missing of {} {}", shelf.instrument, shelf.kind)?;
            return Ok(());
        }
        for hole in holes.iter().take(TOLD) {
            writeln!(out, "missing from {} until {}", hole.start, hole.end)?;
        }
        if holes.len() > TOLD {
            writeln!(out, "and {} stretches more", holes.len() - TOLD)?;
        }
        let dumps = self.binance.as_deref().map(|symbol| binance_dumps(symbol, shelf.kind, &holes));
        for dump in dumps.iter().flatten() {
            writeln!(out, "in the dump {dump}")?;
        }
        bail!(
            "{} stretches are missing: put files that hold them into a folder and name it with --source",
            holes.len()
        )
    }

    fn holes(&self, catalogue: &Catalogue, shelf: &Shelf, range: &Range<Time>) -> Result<Vec<Range<Time>>> {
        let found = catalogue.holes(shelf, range.clone(), self.silence)?;
        found.context("too much is missing to list: take a shorter range, or a longer --silence")
    }

    fn fill(
        &self,
        catalogue: &Catalogue,
        shelf: &Shelf,
        range: &Range<Time>,
        folder: &Path,
        out: &mut impl Write,
    ) -> Result<()> {
        let stop = Stop::new()?;
        let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = listed.with_context(|| format!("cannot list {}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            let holes = self.holes(catalogue, shelf, range)?;
            if holes.is_empty() {
                break;
            }
            let file = self.shape.file(catalogue, &path, *shelf)?;
            let shown = Shown::of_bytes(&file_name(&path), size(&path)?, &stop);
            let done = catalogue.fill(&file, holes, &shown.bytes(), &mut |progress| shown.step(progress))?;
            drop(shown);
            tell(out, &path, &file, &done)?;
        }
        Ok(())
    }
}
