//! `staysail data show`: the rows themselves, or the book they make.

use super::series::Series;
use anyhow::Result;
use data::{Catalogue, Chaining, Checked, DataError, Levels, Mapped, RowWork, Shelf, Table};
use model::{Grid, Level, Side, Time};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// Prints rows, or with --book the order book after the last of them.
#[derive(clap::Args)]
pub struct Show {
    #[command(flatten)]
    series: Series,
    /// Rows to print at most.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// The book that depth or orders of the range make, so many levels of it.
    #[arg(long, value_name = "LEVELS")]
    book: Option<usize>,
    /// How changes of depth follow each other: after the number of a snapshot, from it, or unchecked.
    #[arg(long, value_enum, default_value = "after")]
    chaining: Follow,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Follow {
    /// Binance spot.
    After,
    /// Binance futures.
    From,
    Unchecked,
}

struct Head<'a> {
    catalogue: &'a Catalogue,
    shelf: Shelf,
    range: Range<Time>,
    limit: usize,
}

impl RowWork for Head<'_> {
    type Out = Result<Table, DataError>;

    fn with<R: Mapped + Checked>(self) -> Self::Out {
        self.catalogue.table::<R>(&self.shelf, self.range, self.limit)
    }
}

impl Show {
    pub fn run(&self, root: &Path) -> Result<()> {
        let catalogue = Catalogue::open(root);
        let (shelf, range) = (self.series.shelf(), self.series.range()?);
        let mut out = io::stdout().lock();
        if let Some(count) = self.book {
            let chaining = match self.chaining {
                Follow::After => Chaining::After,
                Follow::From => Chaining::From,
                Follow::Unchecked => Chaining::Unchecked,
            };
            let book = catalogue.book(&shelf, range, chaining)?;
            return Ok(print_book(&mut out, &book, catalogue.grid_of(&shelf.instrument)?, count)?);
        }
        let work = Head { catalogue: &catalogue, shelf, range, limit: self.limit };
        print(&mut out, &shelf.kind.with_rows(work)?)?;
        Ok(())
    }
}

/// Columns as wide as their widest cell.
fn print(out: &mut impl Write, table: &Table) -> io::Result<()> {
    let names: Vec<String> = table.names.iter().map(|name| (*name).to_owned()).collect();
    let lines = || std::iter::once(&names).chain(&table.rows);
    let width = |at: usize| lines().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..names.len()).map(|at| width(at).unwrap_or(0)).collect();
    for line in lines() {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    if table.more {
        writeln!(out, "there are more: --limit shows them, `staysail data export` writes them")?;
    }
    Ok(())
}

fn print_book(out: &mut impl Write, book: &Levels, grid: Option<Grid>, count: usize) -> io::Result<()> {
    let text = |level: &Level| {
        let amounts = grid.map(|grid| (level.price.to_money(grid.tick), level.qty.to_money(grid.lot)));
        match amounts {
            Some((Some(price), Some(qty))) => format!("{price:>16} x {qty}"),
            _ => format!("{:>16} x {} in ticks and lots", level.price.0, level.qty.0),
        }
    };
    let asks: Vec<Level> = book.side(Side::Sell).take(count).collect();
    for level in asks.iter().rev() {
        writeln!(out, "ask {}", text(level))?;
    }
    for level in book.side(Side::Buy).take(count) {
        writeln!(out, "bid {}", text(&level))?;
    }
    let (bids, asks) = (book.side(Side::Buy).count(), book.side(Side::Sell).count());
    writeln!(out, "{bids} bid and {asks} ask levels in all")
}
