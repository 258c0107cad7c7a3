//! Rows a second of the catalogue on this machine: import of text, append, scan, check, bars of a minute.
//! `cargo run --release -p data --example throughput`
#![expect(clippy::print_stdout, reason = "prints its figures")]

use data::{
    Align, Catalogue, CheckLimits, DataError, Import, Kind, Mapping, Shelf, Text, TradeRow, csv_rows,
};
use model::{Grid, Money, Symbol, Time};
use std::fmt::Write;
use std::io::Cursor;
use std::time::Instant;

const ROWS: u64 = 2_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let catalogue = Catalogue::open_to_write(folder.path())?;
    let grid = Grid { tick: Money::parse("0.01")?, lot: Money::parse("0.00001")? };
    let shelf = Shelf { instrument: Symbol::new("BTC-USDT")?, kind: Kind::Trades };
    let text = Text { name: "made.csv".to_owned(), read: Box::new(Cursor::new(text())) };
    let import = Import { shelf, grid, source: "made.csv".to_owned(), faults_max: 0 };

    let rows = csv_rows::<TradeRow>(text, &Mapping::binance_trades(), grid)?;
    timed("import", || Ok(catalogue.import(&import, rows, &mut |_| true)?.rows_new))?;
    let all = Time::MIN..Time::MAX;
    timed("scan", || {
        let mut rows = 0;
        for batch in catalogue.scan::<TradeRow>(&shelf, all.clone())? {
            rows += batch?.len() as u64;
        }
        Ok(rows)
    })?;
    timed("check", || Ok(catalogue.check::<TradeRow>(&shelf, all.clone(), CheckLimits::default())?.rows))?;
    timed("bars", || {
        catalogue.aggregate(&shelf, "1m".parse()?, Align::From(Time(0)), all.clone(), &mut |_| true)?;
        Ok(ROWS)
    })?;
    let stats = catalogue.stats(&shelf)?;
    println!("disk: {:.1} bytes a row in {} parts", stats.bytes as f64 / stats.rows as f64, stats.parts);
    Ok(())
}

fn timed(name: &str, work: impl FnOnce() -> Result<u64, DataError>) -> Result<(), DataError> {
    let start = Instant::now();
    let rows = work()?;
    println!("{name}: {:.0} rows a second", rows as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

/// Trades as Binance dumps them: a walk of prices, some milliseconds apart.
fn text() -> String {
    let mut text = String::new();
    let (mut price, mut state) = (6_000_000u64, 88_172_645_463_325_252u64);
    for id in 0..ROWS {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        price = price + state % 7 - 3;
        let (ms, qty, maker) = (1_723_161_256_172 + id * 20, state % 99_999, state.is_multiple_of(2));
        let line = format!("{id},{}.{:02},0.{qty:05},1.0,{ms},{maker},true", price / 100, price % 100);
        if writeln!(text, "{line}").is_err() {
            break;
        }
    }
    text
}
