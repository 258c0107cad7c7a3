//! `staysail data check`: what is wrong with rows, or with the bytes of the whole catalogue.

use super::series::{Within, kind, length_ns, symbol};
use anyhow::{Context, Result, bail};
use data::{BarSpec, Catalogue, CheckLimits, CheckReport, Checked, DataError, Kind, Mapped, RowWork, Shelf};
use model::{Rate, Symbol, Time};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// Looks for gaps, stale and crossed prices, spikes, duplicates, rows out of order, clock skew and bad bars;
/// without an instrument it reads every byte of the catalogue. Ends with 1 if something is wrong.
#[derive(clap::Args)]
pub struct Check {
    /// The instrument; all bytes of the catalogue if absent.
    #[arg(value_parser = symbol, requires = "kind")]
    instrument: Option<Symbol>,
    /// The kind of rows.
    #[arg(value_parser = kind)]
    kind: Option<Kind>,
    #[command(flatten)]
    within: Within,
    /// The longest time without a row, such as 5m.
    #[arg(long, value_parser = length_ns)]
    silence: Option<i64>,
    /// The longest time that rows come and the price stays.
    #[arg(long, value_parser = length_ns)]
    stale: Option<i64>,
    /// The largest move from row to row, such as 0.2 for a fifth.
    #[arg(long, value_parser = share)]
    spike: Option<Rate>,
    /// The largest difference of our time and the venue's.
    #[arg(long, value_parser = length_ns)]
    skew: Option<i64>,
    /// Clears away what a crash left, and makes torn manifests again.
    #[arg(long, conflicts_with = "instrument")]
    repair: bool,
}

struct Look<'a> {
    catalogue: &'a Catalogue,
    shelf: Shelf,
    range: Range<Time>,
    limits: CheckLimits,
}

impl RowWork for Look<'_> {
    type Out = Result<CheckReport, DataError>;

    fn with<R: Mapped + Checked>(self) -> Self::Out {
        self.catalogue.need::<R>(&self.shelf, &self.range)?;
        self.catalogue.check::<R>(&self.shelf, self.range, self.limits)
    }
}

impl Check {
    pub fn run(&self, root: &Path) -> Result<()> {
        let mut out = io::stdout().lock();
        let Some(instrument) = self.instrument else { return self.bytes(root, &mut out) };
        let kind = self.kind.context("name the kind of rows after the instrument")?;
        let catalogue = Catalogue::open(root);
        let interval_ns = match kind {
            Kind::Bars(BarSpec::Time(ns)) => Some(ns),
            _ => None,
        };
        let limits = CheckLimits {
            interval_ns,
            silence_ns_max: self.silence,
            stale_ns_max: self.stale,
            spike_max: self.spike,
            skew_ns_max: self.skew,
        };
        let (shelf, range) = (Shelf { instrument, kind }, self.within.range()?);
        let report = kind.with_rows(Look { catalogue: &catalogue, shelf, range, limits })?;
        tell(&mut out, &report)?;
        let faults: u64 = report.counts.values().sum();
        if faults > 0 {
            bail!("{faults} faults in {kind} of {instrument}");
        }
        Ok(())
    }

    fn bytes(&self, root: &Path, out: &mut impl Write) -> Result<()> {
        let flaws = if self.repair {
            Catalogue::open_to_write(root)?.repair()?
        } else {
            Catalogue::open(root).verify()?
        };
        for flaw in &flaws {
            writeln!(out, "{}: {:?}", flaw.path.display(), flaw.kind)?;
        }
        let lost = flaws.iter().filter(|flaw| flaw.kind.loses_rows()).count();
        match (flaws.len(), lost) {
            (0, _) => writeln!(out, "every byte is as it was written")?,
            (_, 1..) => {
                bail!("{lost} parts are damaged or lost: restore them, or remove and import them again")
            }
            (count, 0) if self.repair => writeln!(out, "{count} remains of a crash cleared away")?,
            (count, 0) => bail!("{count} remains of a crash; no row is lost; --repair clears them away"),
        }
        Ok(())
    }
}

fn tell(out: &mut impl Write, report: &CheckReport) -> io::Result<()> {
    writeln!(out, "{} rows", report.rows)?;
    if let Some((first, last)) = report.times {
        writeln!(out, "from {first} to {last}")?;
    }
    for (name, count) in &report.counts {
        writeln!(out, "{name}: {count}")?;
    }
    if report.missing > 0 {
        writeln!(out, "missing: {} rows, {} in a row at most", report.missing, report.missing_run_max)?;
    }
    report.told.iter().try_for_each(|(time, fault)| writeln!(out, "  {time}: {fault}"))?;
    if report.is_clean() {
        writeln!(out, "nothing wrong")?;
    }
    Ok(())
}

fn share(text: &str) -> Result<Rate> {
    Ok(Rate::parse(text)?)
}
