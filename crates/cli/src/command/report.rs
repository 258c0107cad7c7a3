//! `staysail report FOLDER`: shows a report that was kept, or makes it again and says whether it is the same.

use super::backtest::manifest;
use super::say;
use anyhow::{Context, Result, bail};
use backtest::config::Config;
use backtest::report;
use std::fs;
use std::path::{Path, PathBuf};

/// Shows what `backtest` left in a folder.
#[derive(clap::Args)]
pub struct ReportOf {
    /// The folder of the report.
    folder: PathBuf,
    /// Run it again, and compare the digests.
    #[arg(long)]
    check: bool,
}

impl ReportOf {
    pub fn run(&self) -> Result<()> {
        let read = |name: &str| {
            let path = self.folder.join(name);
            fs::read_to_string(&path)
                .with_context(|| format!("{} is no folder of a report", self.folder.display()))
        };
        if !self.check {
            return say(read("report.txt")?.trim_end());
        }
        let kept: serde_json::Value =
            serde_json::from_str(&read("report.json")?).context("the report is torn")?;
        let (text, catalogue) = (read("run.toml")?, read("catalogue")?);
        let mut config = Config::parse(&text)?;
        config.catalogue = PathBuf::from(catalogue.trim());
        let loaded = config.load(Path::new(""))?;
        let again = report::report(&loaded.plan, manifest(&text, &loaded))?;
        let (before, now) = (&kept["outcome"]["digest"], &again.outcome.digest);
        if before.as_str() == Some(now) {
            return say(&format!("the same: {now}"));
        }
        let same_data = kept["manifest"]["data"] == serde_json::to_value(&again.manifest.data)?;
        let why =
            if same_data { "by another version of the program" } else { "because the data has changed" };
        bail!("another outcome, {why}: it was {before}, and now is \"{now}\"")
    }
}
