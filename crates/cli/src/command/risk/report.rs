//! `staysail risk report`: replays the journal and writes equity, exposures, limits, margin, losses to be feared,
//! stress and alerts, as JSON, as CSV, or as one page that needs nothing beside it.

use super::{csv, html, json, tables};
use crate::command::journal::{Place, first_seq, newest_engine};
use crate::command::statistics::Arguments;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use engine::Engine;
use journal::{Check, FileDisk, Reach, scan_within};
use model::{AssetId, Directory, decode};
use node::report::RiskReport;
use node::statistics::{History, Statistics};
use node::{Replayer, defining};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// Writes how risk stands after the last record.
#[derive(clap::Args)]
pub struct Report {
    #[command(flatten)]
    place: Place,
    /// After this record instead.
    #[arg(long)]
    at: Option<u64>,
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// The file to write in place of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// What the house is counted in; the currency of the first account when not given.
    #[arg(long)]
    currency: Option<String>,
    #[command(flatten)]
    statistics: Arguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Csv,
    Html,
}

impl Report {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let settings = self.statistics.settings()?.unwrap_or_default();
        let engine = self.engine(&disk)?;
        let history = history(&disk, &settings, engine.seq())?;
        let mut directory = Directory::default();
        defining(&engine).iter().for_each(|event| directory.learn(event));
        let report = RiskReport::of(&engine, &history, &settings, self.currency(&engine)?);
        let tables = tables::of(&report, &directory, &settings);
        let text = match self.format {
            Format::Json => json::render(&tables)?,
            Format::Csv => csv::render(&tables),
            Format::Html => html::render(&tables),
        };
        match &self.out {
            None => io::stdout().lock().write_all(text.as_bytes())?,
            Some(path) => {
                fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
            }
        }
        Ok(())
    }

    fn engine(&self, disk: &FileDisk) -> Result<Engine> {
        let engine = newest_engine(disk, self.at.unwrap_or(u64::MAX))?;
        let mut replayer = Replayer::new(disk.clone(), engine).with_archive();
        match self.at {
            None => replayer.advance_to_end()?,
            Some(at) => replayer.advance(at)?,
        };
        Ok(replayer.into_engine())
    }

    fn currency(&self, engine: &Engine) -> Result<AssetId> {
        let Some(code) = &self.currency else {
            let first = engine.accounts().first();
            return Ok(first.map_or(AssetId(0), |account| account.currency));
        };
        let known = (0..).map(AssetId).zip(engine.assets()).find(|(_, name)| name.as_str() == code);
        ensure!(known.is_some(), "there is no asset {code} in the journal; name one that is defined");
        Ok(known.map_or(AssetId(0), |(asset, _)| asset))
    }
}

/// What prices did, from as many records as a server would read back.
fn history(disk: &FileDisk, settings: &Statistics, up_to: u64) -> Result<History> {
    let mut history = History::new(settings);
    let from = up_to.saturating_sub(settings.records_back).saturating_add(1);
    let from = from.max(first_seq(disk, Reach::Archive)?);
    if from > up_to {
        return Ok(history);
    }
    let mut reader = scan_within(disk, Reach::Archive, from, Check::Crc)?;
    while let Some(found) = reader.next()?.filter(|found| found.seq <= up_to) {
        let seq = found.seq;
        let record = decode(seq, found.payload).with_context(|| format!("record {seq} cannot be read"))?;
        history.hear(&record);
    }
    Ok(history)
}
