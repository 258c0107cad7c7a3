//! `staysail data aggregate`: bars of any kind out of trades or smaller bars.

use super::progress::{Shown, Stop};
use super::series::{Series, time};
use anyhow::Result;
use data::{Align, BarSpec, Catalogue, Imported, Session};
use model::Time;
use std::io::{self, Write};
use std::path::Path;

/// Makes bars and keeps them. Run again after a stop or a kill, it goes on where it was.
#[derive(clap::Args)]
pub struct Aggregate {
    #[command(flatten)]
    series: Series,
    /// What ends a bar, one or more: 1m, 4h, 1d, 100t (trades), volume5000 (lots), value1000000 (quote asset),
    /// renko10 or range4 (ticks).
    #[arg(long = "into", required = true, value_parser = spec)]
    specs: Vec<BarSpec>,
    /// Bars of time begin anew with each session: a zone for its days, or `America/New_York 09:30-16:00`.
    #[arg(long, value_parser = session)]
    session: Option<Session>,
    /// Bars of time count from this moment.
    #[arg(long, value_parser = time, conflicts_with = "session")]
    origin: Option<Time>,
}

impl Aggregate {
    pub fn run(&self, root: &Path) -> Result<()> {
        let (catalogue, stop) = (Catalogue::open_to_write(root)?, Stop::new()?);
        let (from, range) = (self.series.shelf(), self.series.range()?);
        let mut out = io::stdout().lock();
        for spec in &self.specs {
            let align = match &self.session {
                Some(session) => Align::Session(session.clone()),
                None => Align::From(self.origin.unwrap_or(Time(0))),
            };
            let shown = Shown::of_rows(&format!("bars-{spec}"), &stop);
            let step = &mut |progress| shown.step(progress);
            let Imported { rows_new, rows_known, .. } =
                catalogue.aggregate(&from, *spec, align, range.clone(), step)?;
            drop(shown);
            writeln!(out, "bars-{spec}: {rows_new} new bars of {}, {rows_known} known", from.instrument)?;
        }
        Ok(())
    }
}

fn spec(text: &str) -> Result<BarSpec> {
    Ok(text.trim_start_matches("bars-").parse()?)
}

fn session(text: &str) -> Result<Session> {
    Ok(Session::parse(text)?)
}
