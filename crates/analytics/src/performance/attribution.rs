//! To whom a result is due: trades grouped by one of their tags. The rows sum to the total, in exact money.

use super::trades::ClosedTrade;
use crate::error::{AnalyticsError, Result};
use crate::number::amount::{sum, to_float};
use model::{Money, NANOS_PER_SECOND, Side};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TradeTag {
    Strategy,
    Instrument,
    Sector,
    Side,
    /// The hour in UTC at which the trade was opened.
    Hour,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributionRow {
    /// `None` for trades without this tag: they are a row too.
    pub tag: Option<String>,
    pub trades: usize,
    pub wins: usize,
    pub gross: Money,
    pub fees: Money,
    pub net: Money,
    /// Of the net total; `None` when that is zero.
    pub share: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attribution {
    /// The best result first.
    pub rows: Vec<AttributionRow>,
    pub net: Money,
}

pub fn attribute(trades: &[ClosedTrade], by: TradeTag) -> Result<Attribution> {
    if trades.is_empty() {
        return Err(AnalyticsError::TooFew { what: "an attribution", needed: 1, found: 0 });
    }
    let nets = trades.iter().map(ClosedTrade::net).collect::<Result<Vec<_>>>()?;
    let net = sum("an attribution", nets)?;
    let mut groups: BTreeMap<Option<String>, Vec<&ClosedTrade>> = BTreeMap::new();
    for trade in trades {
        groups.entry(tag(trade, by)).or_default().push(trade);
    }
    let rows = groups.into_iter().map(|(tag, trades)| row(tag, &trades, net));
    let mut rows: Vec<AttributionRow> = rows.collect::<Result<_>>()?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.net));
    Ok(Attribution { rows, net })
}

fn tag(trade: &ClosedTrade, by: TradeTag) -> Option<String> {
    match by {
        TradeTag::Strategy => trade.strategy.clone(),
        TradeTag::Instrument => Some(trade.instrument.clone()),
        TradeTag::Sector => trade.sector.clone(),
        TradeTag::Side => Some(if trade.side == Side::Buy { "buy" } else { "sell" }.to_owned()),
        TradeTag::Hour => {
            let hour = trade.opened.0.div_euclid(3600 * NANOS_PER_SECOND).rem_euclid(24);
            Some(format!("{hour:02}"))
        }
    }
}

fn row(tag: Option<String>, trades: &[&ClosedTrade], whole: Money) -> Result<AttributionRow> {
    let what = "an attribution";
    let nets: Vec<Money> = trades.iter().map(|trade| trade.net()).collect::<Result<_>>()?;
    let net = sum(what, nets.iter().copied())?;
    Ok(AttributionRow {
        tag,
        trades: trades.len(),
        wins: nets.iter().filter(|net| **net > Money::ZERO).count(),
        gross: sum(what, trades.iter().map(|trade| trade.gross))?,
        fees: sum(what, trades.iter().map(|trade| trade.fees))?,
        net,
        share: (whole != Money::ZERO).then(|| to_float(net) / to_float(whole)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Time;

    #[test]
    fn trades_without_a_tag_are_a_row_of_their_own() {
        let trade = |strategy: Option<&str>, hour: i64, gross: i128| ClosedTrade {
            strategy: strategy.map(str::to_owned),
            instrument: "A".to_owned(),
            sector: None,
            side: Side::Sell,
            opened: Time(hour * 3600 * NANOS_PER_SECOND),
            closed: Time(i64::MAX),
            gross: Money(gross),
            fees: Money(1),
        };
        let trades = [trade(Some("trend"), 9, 11), trade(None, 33, -5), trade(Some("trend"), 14, 3)];
        let by_strategy = attribute(&trades, TradeTag::Strategy).unwrap();
        let nets: Vec<(Option<&str>, i128)> =
            by_strategy.rows.iter().map(|row| (row.tag.as_deref(), row.net.0)).collect();
        assert_eq!(nets, [(Some("trend"), 12), (None, -6)]);
        assert_eq!((by_strategy.net, by_strategy.rows[0].share), (Money(6), Some(2.0)));
        let by_hour = attribute(&trades, TradeTag::Hour).unwrap();
        assert_eq!(by_hour.rows[0].tag.as_deref(), Some("09"));
        assert_eq!((by_hour.rows[0].trades, by_hour.rows.len()), (2, 2));
        assert!(attribute(&[], TradeTag::Side).is_err());
    }
}
