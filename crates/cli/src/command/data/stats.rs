//! `staysail data stats`: the figures of a series.

use super::series::Series;
use anyhow::Result;
use data::{Catalogue, Summary};
use model::{Money, Price};
use std::io::{self, Write};
use std::path::Path;

/// Says how much there is of a series and on which grid, and of trades and bars how prices moved.
#[derive(clap::Args)]
pub struct Stats {
    #[command(flatten)]
    series: Series,
}

impl Stats {
    pub fn run(&self, root: &Path) -> Result<()> {
        let catalogue = Catalogue::open(root);
        let (shelf, range) = (self.series.shelf(), self.series.range()?);
        let summary = catalogue.summary(&shelf, range)?;
        let stats = catalogue.stats(&shelf)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{} {}: {} rows on disk", shelf.instrument, shelf.kind, stats.rows)?;
        if let Some((first, last)) = stats.times {
            writeln!(out, "from {first} to {last}")?;
        }
        let (partitions, parts, bytes) = (stats.partitions, stats.parts, stats.bytes);
        writeln!(out, "{bytes} bytes in {parts} parts of {partitions} partitions")?;
        if let Some(summary) = summary {
            tell(&mut out, &summary)?;
        }
        Ok(())
    }
}

fn tell(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let Summary { rows, grid, whole, returns } = summary;
    let text =
        |amount: Option<Money>| amount.map_or("beyond what can be shown".to_owned(), |it| it.to_string());
    let price = |price: Price| text(price.to_money(grid.tick));
    writeln!(out, "grid: tick {} lot {}", grid.tick, grid.lot)?;
    writeln!(out, "in the range: {rows} rows")?;
    writeln!(out, "open {} high {}", price(whole.open), price(whole.high))?;
    writeln!(out, "low {} close {}", price(whole.low), price(whole.close))?;
    writeln!(out, "volume {}", text(whole.volume.to_money(grid.lot)))?;
    if let Some((mean, deviation)) = returns {
        writeln!(out, "log return from row to row: mean {mean:.3e}, deviation {deviation:.3e}")?;
    }
    Ok(())
}
