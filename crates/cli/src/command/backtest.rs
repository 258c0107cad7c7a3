//! `staysail backtest FILE`: runs what the file says, tells what came of it, and leaves the report in a folder.

use super::{say, write_file};
use anyhow::{Context, Result};
use backtest::config::{Config, Loaded};
use backtest::report::{self, Manifest, Report};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs strategies over the past, as a TOML file says; docs/BACKTEST.md has the words.
#[derive(clap::Args)]
pub struct Backtest {
    /// The file that says what to run.
    file: PathBuf,
    /// Where the report goes: HTML, text, JSON, CSV, and the file it was made from.
    #[arg(long, default_value = "report")]
    out: PathBuf,
    /// Tell the report as JSON in place of text.
    #[arg(long)]
    json: bool,
}

impl Backtest {
    pub fn run(&self) -> Result<()> {
        let (text, config, loaded) = load(&self.file)?;
        let report = report::report(&loaded.plan, manifest(&text, &loaded))
            .with_context(|| format!("{} was not run", self.file.display()))?;
        let catalogue = folder(&self.file).join(&config.catalogue);
        keep(&self.out, &text, &catalogue, &loaded, &report)?;
        if self.json {
            return say(&serde_json::to_string_pretty(&report)?);
        }
        say(&report::text(&report))?;
        say(&format!("report in {}", self.out.join("report.html").display()))
    }
}

/// The file, and what it names.
pub fn load(file: &Path) -> Result<(String, Config, Loaded)> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let config = Config::parse(&text).with_context(|| format!("in {}", file.display()))?;
    let loaded = config.load(folder(file)).with_context(|| format!("in {}", file.display()))?;
    Ok((text, config, loaded))
}

pub fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

pub fn manifest(text: &str, loaded: &Loaded) -> Manifest {
    let data = loaded.data.iter().map(|(symbol, found)| (symbol.clone(), found.hash.clone()));
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Manifest { version, config: report::fingerprint(text), data: data.collect() }
}

/// The report's folder.
pub fn keep(out: &Path, text: &str, catalogue: &Path, loaded: &Loaded, report: &Report) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let files = [
        ("report.html", report::html(&loaded.plan, report)),
        ("report.txt", report::text(report)),
        ("report.json", serde_json::to_string_pretty(report)?),
        ("trades.csv", report::trades_csv(&loaded.plan, report)),
        ("equity.csv", report::equity_csv(report)),
        ("run.toml", text.to_owned()),
        ("catalogue", fs::canonicalize(catalogue).unwrap_or(catalogue.to_owned()).display().to_string()),
    ];
    files.iter().try_for_each(|(name, text)| write_file(&out.join(name), text))
}
