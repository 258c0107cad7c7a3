//! Bars of a minute, an hour and a day, from our own trades and from the prints of others; those between are made
//! of them when they are asked for. A print that cannot be counted in 128 bits is in no bar.

use super::kept::Kept;
use super::state::State;
use crate::value::Value;
use model::{InstrumentId, Money, Price, Print, Time, Traded, VenueId};

pub(crate) const MINUTE_NS: i64 = 60_000_000_000;

/// The lengths that are kept.
pub(crate) const FRAMES: [(&str, i64); 3] =
    [("1m", MINUTE_NS), ("1h", 60 * MINUTE_NS), ("1d", 24 * 60 * MINUTE_NS)];

/// Which market, where, and which of the lengths.
pub(super) type Key = (InstrumentId, VenueId, usize);

/// The bar that is being made, of each market and place; and those of this batch that are done.
#[derive(Debug, Default)]
pub(super) struct Bars {
    pub(super) open: Kept<Key, Option<Bar>>,
    done: Vec<Vec<Value>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) start: Time,
    pub(super) open: Price,
    pub(super) high: Price,
    pub(super) low: Price,
    pub(super) close: Price,
    pub(super) volume: Money,
    pub(super) value: Money,
    pub(super) count: i64,
}

impl State {
    pub(super) fn bar_of_trade(&mut self, traded: &Traded) -> Option<()> {
        let Traded { instrument, price, qty, .. } = *traded;
        let venue = self.market(instrument)?.venue;
        self.count(&Print { instrument, venue, price, qty });
        Some(())
    }

    pub(super) fn bar_of_print(&mut self, print: &Print) {
        self.count(print);
    }

    /// None where there is nothing to count.
    fn count(&mut self, print: &Print) -> Option<()> {
        let Print { instrument, venue, price, qty } = *print;
        let market = self.market(instrument)?;
        price.to_money(market.tick)?;
        let volume = qty.to_money(market.lot)?;
        let value = Money(market.value(price, qty.0)?);
        (0..FRAMES.len())
            .try_for_each(|frame| self.count_in((instrument, venue, frame), price, volume, value))
    }

    fn count_in(&mut self, key: Key, price: Price, volume: Money, value: Money) -> Option<()> {
        let start = start_of(self.now.time, FRAMES.get(key.2)?.1);
        let known = self.bars.open.get(key).copied().flatten();
        let same = known.filter(|bar| bar.start == start);
        if let Some(bar) = known.filter(|bar| bar.start != start && self.bars.is_unwritten(key)) {
            let row = self.bar_row(key, &bar)?;
            self.bars.done.push(row);
        }
        let (volume_before, value_before, count) =
            same.map_or((Money::ZERO, Money::ZERO, 0), |bar| (bar.volume, bar.value, bar.count));
        let bar = Bar {
            start,
            open: same.map_or(price, |bar| bar.open),
            high: same.map_or(price, |bar| bar.high.max(price)),
            low: same.map_or(price, |bar| bar.low.min(price)),
            close: price,
            volume: volume_before.checked_add(volume)?,
            value: value_before.checked_add(value)?,
            count: count.checked_add(1)?,
        };
        *self.bars.open.touch(key, self.now) = Some(bar);
        Some(())
    }

    fn bar_row(&self, (instrument, venue, frame): Key, bar: &Bar) -> Option<Vec<Value>> {
        let market = self.market(instrument)?;
        let exchange = self.exchange(venue);
        Some(vec![
            bar.start.into(),
            market.symbol.into(),
            exchange.into(),
            FRAMES.get(frame)?.0.into(),
            market.price(bar.open).into(),
            market.price(bar.high).into(),
            market.price(bar.low).into(),
            market.price(bar.close).into(),
            bar.volume.into(),
            bar.value.into(),
            bar.count.into(),
        ])
    }

    /// The rows of all bars that changed.
    pub(super) fn take_bars(&mut self) -> Option<Vec<Vec<Value>>> {
        let mut rows = std::mem::take(&mut self.bars.done);
        for key in self.bars.open.drain() {
            if let Some(bar) = self.bars.open.get(key).copied().flatten() {
                rows.push(self.bar_row(key, &bar)?);
            }
        }
        Some(rows)
    }
}

impl Bars {
    fn is_unwritten(&self, key: Key) -> bool {
        self.open.is_touched(key)
    }
}

pub(crate) fn start_of(time: Time, length_ns: i64) -> Time {
    Time(time.0.saturating_sub(time.0.rem_euclid(length_ns)))
}
