//! `staysail data`: the past on disk, from the shell. One file a task; each joins arguments to `data` and prints.
//! What is missing is an error that says how to get it. Absent: any knowledge of formats or rows.

mod aggregate;
mod backfill;
mod check;
mod export;
mod import;
mod list;
mod progress;
mod series;
mod show;
mod stats;

use anyhow::Result;
use clap::Subcommand;
use std::path::PathBuf;

/// Imports, looks at and hands out market data.
#[derive(clap::Args)]
pub struct Data {
    /// The folder of the catalogue; made if it is missing.
    #[arg(long, global = true, default_value = "catalogue")]
    catalogue: PathBuf,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Import(import::Import),
    Export(export::Export),
    List(list::List),
    Show(show::Show),
    Check(check::Check),
    Aggregate(aggregate::Aggregate),
    Backfill(backfill::Backfill),
    Stats(stats::Stats),
}

impl Data {
    pub fn run(&self) -> Result<()> {
        let root = self.catalogue.as_path();
        match &self.task {
            Task::Import(import) => import.run(root),
            Task::Export(export) => export.run(root),
            Task::List(list) => list.run(root),
            Task::Show(show) => show.run(root),
            Task::Check(check) => check.run(root),
            Task::Aggregate(aggregate) => aggregate.run(root),
            Task::Backfill(backfill) => backfill.run(root),
            Task::Stats(stats) => stats.run(root),
        }
    }
}
