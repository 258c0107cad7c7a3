//! What the catalogue knows of an instrument beside its prices: funding that was paid, splits, dividends and ends.

use super::failed;
use crate::acts::Act;
use crate::error::BacktestError;
use data::{ActionRow, Catalogue, FundingRow, Kind, Row, Shelf};
use model::{Symbol, Time};
use std::path::Path;

/// All acts of the named kinds, in order of time. A kind that is asked for has to be there.
pub fn acts(
    root: &Path,
    symbol: &str,
    (with_funding, with_actions): (bool, bool),
    (from, until): (Time, Time),
) -> Result<Vec<(Time, Act)>, BacktestError> {
    let instrument = Symbol::new(symbol)
        .map_err(|error| BacktestError::config(format!("market {symbol}"), error.to_string()))?;
    let catalogue = Catalogue::open(root);
    let mut all = Vec::new();
    if with_funding {
        let shelf = Shelf { instrument, kind: Kind::Funding };
        let act = |row: FundingRow| (row.time, Act::Funding { rate: row.rate, mark: row.mark });
        all.extend(rows::<FundingRow>(&catalogue, root, &shelf)?.into_iter().map(act));
    }
    if with_actions {
        let shelf = Shelf { instrument, kind: Kind::Actions };
        let act = |row: ActionRow| (row.time, Act::Corporate(row.action));
        all.extend(rows::<ActionRow>(&catalogue, root, &shelf)?.into_iter().map(act));
    }
    all.retain(|(time, _)| (from..=until).contains(time));
    all.sort_by_key(|(time, _)| *time);
    Ok(all)
}

fn rows<R: Row>(catalogue: &Catalogue, root: &Path, shelf: &Shelf) -> Result<Vec<R>, BacktestError> {
    let all: Result<Vec<R>, _> =
        catalogue.scan::<R>(shelf, Time::MIN..Time::MAX).map_err(failed)?.rows().collect();
    let all = all.map_err(failed)?;
    if all.is_empty() {
        let (symbol, kind) = (&shelf.instrument, &shelf.kind);
        return Err(BacktestError::Missing {
            what: format!("{kind} of {symbol}"),
            advice: format!(
                "import it with `staysail data --catalogue {} import FILE --instrument {symbol} --kind {kind}`, \
                 or leave `{kind} = true` out",
                root.display()
            ),
        });
    }
    Ok(all)
}
