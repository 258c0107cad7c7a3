//! The figures of a series at a glance: its range of prices, what was traded, how much it moves.

use crate::DataError;
use crate::aggregate::{Align, BarBuilder, Enrich};
use crate::catalogue::{Catalogue, Shelf};
use crate::row::{BarRow, BarSpec, Kind, TradeRow};
use model::{Grid, Time};
use std::ops::Range;

/// Of trades or bars.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub rows: u64,
    pub grid: Grid,
    /// All of it as one bar.
    pub whole: BarRow,
    /// Mean and deviation, of a sample, of the log returns from row to row; none with fewer than two.
    pub returns: Option<(f64, f64)>,
}

/// Mean and squares so far, without keeping the values.
#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }
}

impl Catalogue {
    /// None for kinds without a price to sum up; a range without rows is an error.
    pub fn summary(&self, shelf: &Shelf, range: Range<Time>) -> Result<Option<Summary>, DataError> {
        self.need_any(shelf, &range)?;
        match shelf.kind {
            Kind::Trades => {
                let scan = self.scan::<TradeRow>(shelf, range)?;
                let grid = scan.grid();
                summed(scan.rows().map(|row| row.map(|trade| BarRow::of_trade(&trade))), grid)
            }
            Kind::Bars(_) => {
                let scan = self.scan::<BarRow>(shelf, range)?;
                let grid = scan.grid();
                summed(scan.rows(), grid)
            }
            _ => Ok(None),
        }
    }
}

fn summed(
    rows: impl Iterator<Item = Result<BarRow, DataError>>,
    grid: Option<Grid>,
) -> Result<Option<Summary>, DataError> {
    let Some(grid) = grid else { return Ok(None) };
    // A bar that nothing fills.
    let mut builder = BarBuilder::new(BarSpec::Volume(i64::MAX), Align::From(Time(0)), grid)?;
    let (mut enrich, mut moments, mut count) = (Enrich::new(2), Moments::default(), 0);
    for row in rows {
        let row = row?;
        count += 1;
        builder.add(&row)?;
        if let Some(value) = enrich.add(row).log {
            moments.add(value);
        }
    }
    let deviation = || (moments.squares / (moments.count - 1.0)).sqrt();
    let returns = (moments.count >= 2.0).then(|| (moments.mean, deviation()));
    Ok(builder.finish().map(|whole| Summary { rows: count, grid, whole, returns }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Money, Price, Qty, Symbol};

    #[test]
    fn figures_of_a_short_series() {
        let folder = tempfile::tempdir().expect("a folder");
        let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
        let shelf = Shelf { instrument: Symbol::new("X").expect("a symbol"), kind: Kind::Trades };
        let grid = Grid { tick: Money::ONE, lot: Money::ONE };
        let all = Time::MIN..Time::MAX;
        let nothing = catalogue.summary(&shelf, all.clone()).expect_err("nothing there").to_string();
        assert!(nothing.contains("is empty; import them first"), "{nothing}");
        let trade = |time: i64, price: i64| TradeRow {
            time: Time(time),
            venue_time: None,
            price: Price(price),
            qty: Qty(2),
            aggressor: None,
            id: None,
        };
        catalogue.append(&shelf, grid, &[trade(1, 100), trade(2, 110), trade(3, 99)]).expect("an append");
        let summary = catalogue.summary(&shelf, all).expect("rows").expect("trades have prices");
        let whole = summary.whole;
        assert_eq!((summary.rows, whole.high, whole.low, whole.volume), (3, Price(110), Price(99), Qty(6)));
        assert_eq!(whole.value, Some(618));
        let (mean, deviation) = summary.returns.expect("two returns");
        let (one, two) = (1.1f64.ln(), 0.9f64.ln());
        assert!((mean - f64::midpoint(one, two)).abs() < 1e-12);
        assert!((deviation - (one - two).abs() / 2f64.sqrt()).abs() < 1e-12);
    }
}
