//! A bar: what prices did over a stretch, named by when it began.

use super::{Column, Form, Kind, Put, Row, Take, TradeRow};
use model::{Price, Qty, Time};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BarRow {
    /// When the stretch began.
    pub time: Time,
    /// When the bar was known: its last trade, or the end of its stretch where only bars are known.
    pub end: Time,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
    pub volume: Qty,
    /// Price × quantity summed, in ticks × lots; none where the source has no such sum.
    pub value: Option<i128>,
    pub trades: Option<i64>,
}

impl BarRow {
    /// One trade as the smallest of bars.
    #[must_use]
    pub fn of_trade(trade: &TradeRow) -> Self {
        Self {
            time: trade.time,
            end: trade.time,
            open: trade.price,
            high: trade.price,
            low: trade.price,
            close: trade.price,
            volume: trade.qty,
            value: Some(i128::from(trade.price.0) * i128::from(trade.qty.0)),
            trades: Some(1),
        }
    }

    /// No price outside of high and low, no volume below zero.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        let within = |price: Price| self.low <= price && price <= self.high;
        within(self.open) && within(self.close) && self.volume.0 >= 0 && self.end >= self.time
    }
}

impl Row for BarRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("end", Form::Time),
        Column::new("open", Form::Int),
        Column::new("high", Form::Int),
        Column::new("low", Form::Int),
        Column::new("close", Form::Int),
        Column::new("volume", Form::Int),
        Column::maybe("value_high", Form::Int),
        Column::maybe("value_low", Form::Int),
        Column::maybe("trades", Form::Int),
    ];

    fn fits(kind: &Kind) -> bool {
        matches!(kind, Kind::Bars(_))
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.int(self.end.0);
        for price in [self.open, self.high, self.low, self.close] {
            cells.int(price.0);
        }
        cells.int(self.volume.0);
        let (high, low) = self.value.map(halves).unzip();
        cells.maybe_int(high);
        cells.maybe_int(low);
        cells.maybe_int(self.trades);
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            end: Time(cells.int()),
            open: Price(cells.int()),
            high: Price(cells.int()),
            low: Price(cells.int()),
            close: Price(cells.int()),
            volume: Qty(cells.int()),
            value: match (cells.maybe_int(), cells.maybe_int()) {
                (Some(high), Some(low)) => Some(whole(high, low)),
                (None, None) => None,
                _ => return None,
            },
            trades: cells.maybe_int(),
        })
    }
}

/// A sum of products of 64 bits may need more than the 38 digits of a decimal column, so it lies in two.
fn halves(value: i128) -> (i64, i64) {
    let bytes = value.to_be_bytes();
    let half = |range: std::ops::Range<usize>| {
        let mut out = [0; 8];
        out.copy_from_slice(&bytes[range]);
        i64::from_be_bytes(out)
    };
    (half(0..8), half(8..16))
}

fn whole(high: i64, low: i64) -> i128 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    i128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_in_two_halves_is_the_sum() {
        for value in [0, 1, -1, i128::MAX, i128::MIN, i128::from(i64::MAX) + 1, -(1 << 64)] {
            let (high, low) = halves(value);
            assert_eq!(whole(high, low), value);
        }
    }
}
