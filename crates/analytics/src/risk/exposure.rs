//! What is held, by instrument, sector and class: long, short, gross, net, and the share of equity.
//!
//! Counted in exact money: the rows of every table sum to its total. A position without a sector has a row too.

use crate::error::{AnalyticsError, Result};
use crate::number::amount::{sum, to_float};
use model::{InstrumentClass, Money};
use serde::Serialize;
use std::collections::BTreeMap;

/// A position as risk sees it: its value in the reporting asset, negative when short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Position {
    pub name: String,
    pub sector: Option<String>,
    pub class: InstrumentClass,
    pub value: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ExposureBy {
    Instrument,
    Sector,
    Class,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exposure {
    /// `None` for positions that have no sector.
    pub key: Option<String>,
    pub long: Money,
    /// Zero or less.
    pub short: Money,
    pub gross: Money,
    pub net: Money,
    pub gross_share: f64,
    pub net_share: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExposureTable {
    /// The largest gross exposure first.
    pub rows: Vec<Exposure>,
    pub total: Exposure,
}

/// Shares are of `equity`, which must be above zero. No positions give a table without rows.
pub fn exposures(positions: &[Position], equity: Money, by: ExposureBy) -> Result<ExposureTable> {
    if equity <= Money::ZERO {
        let (what, rule) = ("the equity", "above 0");
        return Err(AnalyticsError::OutOfRange { what, rule, found: to_float(equity) });
    }
    let mut groups: BTreeMap<Option<String>, Vec<Money>> = BTreeMap::new();
    for position in positions {
        groups.entry(key(position, by)).or_default().push(position.value);
    }
    let rows = groups.into_iter().map(|(key, values)| row(key, &values, equity));
    let mut rows: Vec<Exposure> = rows.collect::<Result<_>>()?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.gross));
    let values: Vec<Money> = positions.iter().map(|position| position.value).collect();
    Ok(ExposureTable { rows, total: row(None, &values, equity)? })
}

fn key(position: &Position, by: ExposureBy) -> Option<String> {
    match by {
        ExposureBy::Instrument => Some(position.name.clone()),
        ExposureBy::Sector => position.sector.clone(),
        ExposureBy::Class => Some(format!("{:?}", position.class).to_lowercase()),
    }
}

fn row(key: Option<String>, values: &[Money], equity: Money) -> Result<Exposure> {
    let uncountable = AnalyticsError::Uncountable { what: "an exposure" };
    let long = sum("an exposure", values.iter().copied().filter(|value| !value.is_negative()))?;
    let short = sum("an exposure", values.iter().copied().filter(|value| value.is_negative()))?;
    let gross = long.checked_sub(short).ok_or_else(|| uncountable.clone())?;
    let net = long.checked_add(short).ok_or(uncountable)?;
    let share = |amount: Money| to_float(amount) / to_float(equity);
    Ok(Exposure { key, long, short, gross, net, gross_share: share(gross), net_share: share(net) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(name: &str, sector: Option<&str>, value: i128) -> Position {
        let class = if sector.is_some() { InstrumentClass::Equity } else { InstrumentClass::Fx };
        Position {
            name: name.to_owned(),
            sector: sector.map(str::to_owned),
            class,
            value: Money(value * Money::ONE.0),
        }
    }

    #[test]
    fn rows_sum_to_the_total_and_nothing_is_left_out() {
        let held =
            [position("A", Some("energy"), 60), position("B", Some("energy"), -20), position("C", None, 10)];
        let equity = Money(100 * Money::ONE.0);
        for (by, count) in [(ExposureBy::Instrument, 3), (ExposureBy::Sector, 2), (ExposureBy::Class, 2)] {
            let table = exposures(&held, equity, by).unwrap();
            assert_eq!(table.rows.len(), count);
            for pick in [|row: &Exposure| row.long, |row: &Exposure| row.short, |row: &Exposure| row.gross] {
                assert_eq!(sum("x", table.rows.iter().map(pick)).unwrap(), pick(&table.total));
            }
            assert!((table.total.gross_share - 0.9).abs() < 1e-15);
            assert!((table.total.net_share - 0.5).abs() < 1e-15);
        }
        let sectors = exposures(&held, equity, ExposureBy::Sector).unwrap();
        assert_eq!(sectors.rows[0].key.as_deref(), Some("energy"));
        assert_eq!(sectors.rows[1].key, None);
        assert!(exposures(&held, Money::ZERO, ExposureBy::Sector).is_err());
    }
}
