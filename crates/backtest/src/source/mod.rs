//! The catalogue as a source of runs: bars and ticks of a shelf, a stretch of time after the other, so that what is
//! held does not grow with the length of the data. What is not there is an error that says how to get it.

mod acts;
mod rows;

pub use acts::acts;

use crate::error::BacktestError;
use crate::feed::Feed;
use data::{Catalogue, DataError, Kind, SAMPLES, Shelf};
use model::{Grid, Symbol, Time};
use rows::Shelves;
use std::path::Path;
use std::sync::Arc;

/// What one chunk should hold: enough to make it worth the reading.
const CHUNK_ROWS: u64 = 100_000;

/// Rows of the catalogue, ready to run over.
#[derive(Clone, Debug)]
pub struct Found {
    pub feed: Feed,
    pub grid: Grid,
    /// Over what the catalogue says of the parts: another import gives another.
    pub hash: String,
    pub rows: u64,
    pub times: (Time, Time),
}

/// Looks up the rows of an instrument: one kind of bars, or ticks: quotes, levels of depth or single orders, with
/// trades beside the first two.
pub fn find(
    root: &Path,
    symbol: &str,
    kinds: &[String],
    range: (Option<Time>, Option<Time>),
) -> Result<Found, BacktestError> {
    let instrument = Symbol::new(symbol)
        .map_err(|error| BacktestError::config(format!("market {symbol}"), error.to_string()))?;
    let catalogue = Catalogue::open(root);
    let mut shelves = Vec::new();
    let (mut rows, mut times): (u64, Option<(Time, Time)>) = (0, None);
    for kind in kinds {
        let parsed: Kind = kind.parse().map_err(failed)?;
        let shelf = Shelf { instrument, kind: parsed };
        let stats = catalogue.stats(&shelf).map_err(failed)?;
        let found = stats.times.ok_or_else(|| missing(root, &catalogue, symbol, kind))?;
        rows += stats.rows;
        times = Some(times.map_or(found, |all| (all.0.min(found.0), all.1.max(found.1))));
        shelves.push(shelf);
    }
    let Some((first, last)) = times else {
        return Err(BacktestError::config(
            format!("market {symbol}"),
            "it names no data: say data = \"bars-1d\", or another kind that the catalogue holds",
        ));
    };
    let is_ticks = check_kinds(symbol, &shelves)?;
    let from = range.0.map_or(first, |from| from.max(first));
    let until =
        range.1.map_or(Time(last.0.saturating_add(1)), |until| until.min(Time(last.0.saturating_add(1))));
    if from >= until {
        let fault = format!("its data is from {first} to {last}: choose a `from` and an `until` within that");
        return Err(BacktestError::config(format!("market {symbol}"), fault));
    }
    let grid = catalogue.grid_of(&instrument).map_err(failed)?;
    let grid = grid.ok_or_else(|| missing(root, &catalogue, symbol, "any rows"))?;
    let chunks = i64::try_from(rows / CHUNK_ROWS + 1).unwrap_or(i64::MAX);
    let span = ((last.0 - first.0) / chunks).max(1) + 1;
    let hash = hash(&catalogue, &instrument, kinds)?;
    let all = Arc::new(Shelves::new(root, shelves, (from, until), span));
    let feed = if is_ticks { Feed::TickStream(all) } else { Feed::BarStream(all) };
    Ok(Found { feed, grid, hash, rows, times: (from, until) })
}

/// One kind of bars, or ticks of one kind that tell of the book: true for ticks.
fn check_kinds(symbol: &str, shelves: &[Shelf]) -> Result<bool, BacktestError> {
    let count = |wanted: &dyn Fn(&Kind) -> bool| shelves.iter().filter(|shelf| wanted(&shelf.kind)).count();
    let bars = count(&|kind| matches!(kind, Kind::Bars(_)));
    let books = count(&|kind| matches!(kind, Kind::Quotes | Kind::Depth | Kind::Orders));
    let (orders, trades) = (count(&|kind| *kind == Kind::Orders), count(&|kind| *kind == Kind::Trades));
    match (bars, books, trades) {
        (1, 0, 0) => Ok(false),
        (0, 1, _) | (0, 0, 1) if books + trades == shelves.len() && orders * trades == 0 => Ok(true),
        _ => Err(BacktestError::config(
            format!("market {symbol}"),
            "it takes one kind of bars; or one of quotes and depth, with or without trades; or orders, \
             which say the trades themselves",
        )),
    }
}

fn missing(root: &Path, catalogue: &Catalogue, symbol: &str, kind: &str) -> BacktestError {
    let held = catalogue.list(None).unwrap_or_default();
    let mut names: Vec<String> =
        held.iter().map(|listing| format!("{} {}", listing.shelf.instrument, listing.shelf.kind)).collect();
    names.dedup();
    let sample = SAMPLES.iter().find(|sample| sample.instrument == symbol && sample.kinds.contains(&kind));
    let from = root.display();
    let get = match sample {
        Some(sample) => {
            format!("`staysail data --catalogue {from} import --sample {}` brings it", sample.name)
        }
        None => format!(
            "import it with `staysail data --catalogue {from} import FILE --instrument {symbol} --kind {kind}`"
        ),
    };
    let there = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    BacktestError::Missing {
        what: format!("{kind} of {symbol}"),
        advice: format!("{get}; the catalogue holds {there}"),
    }
}

fn hash(catalogue: &Catalogue, instrument: &Symbol, kinds: &[String]) -> Result<String, BacktestError> {
    let mut hasher = blake3::Hasher::new();
    for listing in catalogue.list(Some(instrument)).map_err(failed)? {
        if kinds.contains(&listing.shelf.kind.to_string()) {
            hasher.update(format!("{} {:?}", listing.partition, listing.manifest).as_bytes());
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn failed(error: DataError) -> BacktestError {
    BacktestError::Data(error.to_string())
}
