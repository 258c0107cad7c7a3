//! One builder for all kinds of bars. Trades are not split: the one that fills a bar belongs to it whole.
//! Bars of time begin where their stretch begins and are left out where nothing traded.

use super::Session;
use crate::DataError;
use crate::row::{BarRow, BarSpec, TradeRow};
use model::{Grid, Money, Price, Qty, Time};

/// A jump over more bricks than this is an error in the data, not a market.
const BRICKS_MAX: i64 = 100_000;

/// Where bars of time begin.
#[derive(Clone, Debug)]
pub enum Align {
    /// Every so long from a moment on, without regard to days.
    From(Time),
    /// Anew with each trading session; what is outside of one is left out.
    Session(Session),
}

#[derive(Debug)]
pub struct BarBuilder {
    spec: BarSpec,
    align: Align,
    /// What fills a bar of value, in ticks × lots.
    value_full: i128,
    current: Option<BarRow>,
    /// Where the next brick begins, and which way the last one went.
    brick: Option<(Price, i64)>,
    /// The time of the latest input.
    latest: Option<Time>,
}

impl BarBuilder {
    pub fn new(spec: BarSpec, align: Align, grid: Grid) -> Result<Self, DataError> {
        let value_full = match spec {
            BarSpec::Value(value) => in_ticks_and_lots(value, grid)?,
            _ => 0,
        };
        Ok(Self { spec, align, value_full, current: None, brick: None, latest: None })
    }

    /// Takes a trade; gives the bars that it ends.
    pub fn trade(&mut self, trade: &TradeRow) -> Result<Vec<BarRow>, DataError> {
        self.add(&BarRow::of_trade(trade))
    }

    /// Takes a smaller bar; gives the bars that it ends.
    pub fn add(&mut self, piece: &BarRow) -> Result<Vec<BarRow>, DataError> {
        if let Some(after) = self.latest.filter(|latest| piece.time < *latest) {
            return Err(DataError::OutOfOrder { at: piece.time, after });
        }
        self.latest = Some(piece.time);
        match self.spec {
            BarSpec::Time(length_ns) => self.add_to_stretch(piece, length_ns),
            BarSpec::Renko(ticks) => self.add_to_bricks(piece, ticks),
            _ => self.add_until_full(piece),
        }
    }

    /// The bar that is not full yet. A brick that is not full is none.
    pub fn finish(&mut self) -> Option<BarRow> {
        self.current.take().filter(|_| !matches!(self.spec, BarSpec::Renko(_)))
    }

    fn add_to_stretch(&mut self, piece: &BarRow, length_ns: i64) -> Result<Vec<BarRow>, DataError> {
        let Some((start, end)) = self.stretch(piece.time, length_ns) else { return Ok(Vec::new()) };
        let ended = self.current.take_if(|bar| bar.time != start);
        match &mut self.current {
            Some(bar) => join(bar, piece)?,
            None => self.current = Some(BarRow { time: start, ..*piece }),
        }
        if let Some(bar) = &mut self.current {
            bar.end = end;
        }
        Ok(ended.into_iter().collect())
    }

    fn stretch(&self, time: Time, length_ns: i64) -> Option<(Time, Time)> {
        let (origin, limit) = match &self.align {
            Align::From(origin) => (*origin, Time::MAX),
            Align::Session(session) => session.around(time).map(|range| (range.start, range.end))?,
        };
        let since = time.0.checked_sub(origin.0)?;
        let start = origin.saturating_add_ns(since.div_euclid(length_ns).checked_mul(length_ns)?);
        Some((start, start.saturating_add_ns(length_ns).min(limit)))
    }

    fn add_until_full(&mut self, piece: &BarRow) -> Result<Vec<BarRow>, DataError> {
        let bar = match &mut self.current {
            Some(bar) => {
                join(bar, piece)?;
                bar
            }
            None => self.current.insert(*piece),
        };
        let is_full = match self.spec {
            BarSpec::Ticks(count) => bar.trades.unwrap_or(0) >= count,
            BarSpec::Volume(lots) => bar.volume.0 >= lots,
            BarSpec::Value(_) => bar.value.unwrap_or(0) >= self.value_full,
            BarSpec::Range(ticks) => i128::from(bar.high.0) - i128::from(bar.low.0) >= i128::from(ticks),
            BarSpec::Time(_) | BarSpec::Renko(_) => false,
        };
        Ok(if is_full { self.current.take().into_iter().collect() } else { Vec::new() })
    }

    /// A brick is `ticks` high. It goes on in its direction from where the last one ended, and turns only a
    /// whole brick beyond where the last one began. Volume belongs to the first brick that a price fills.
    fn add_to_bricks(&mut self, piece: &BarRow, ticks: i64) -> Result<Vec<BarRow>, DataError> {
        let (mut base, mut way) = *self.brick.get_or_insert((piece.close, 0));
        match &mut self.current {
            Some(bar) => join(bar, piece)?,
            None => self.current = Some(*piece),
        }
        let mut bricks = Vec::new();
        loop {
            let moved = piece.close.0.checked_sub(base.0).ok_or(TOO_FAR)?;
            let turned = way != 0 && moved.signum() == -way;
            let needed = if turned { ticks.checked_mul(2).ok_or(TOO_FAR)? } else { ticks };
            if moved.abs() < needed {
                break;
            }
            if moved.abs() / ticks > BRICKS_MAX {
                return Err(TOO_FAR);
            }
            let open = if turned { Price(base.0 - way * ticks) } else { base };
            let close = Price(open.0 + moved.signum() * ticks);
            let first = self.current.take();
            bricks.push(BarRow {
                time: first.map_or(piece.time, |bar| bar.time),
                end: piece.end,
                open,
                high: open.max(close),
                low: open.min(close),
                close,
                volume: first.map_or(Qty::ZERO, |bar| bar.volume),
                value: first.map_or(Some(0), |bar| bar.value),
                trades: first.map_or(Some(0), |bar| bar.trades),
            });
            (base, way) = (close, moved.signum());
        }
        self.brick = Some((base, way));
        Ok(bricks)
    }
}

const TOO_FAR: DataError = DataError::TooLarge { what: "the jump between two prices" };

fn join(bar: &mut BarRow, piece: &BarRow) -> Result<(), DataError> {
    bar.high = bar.high.max(piece.high);
    bar.low = bar.low.min(piece.low);
    bar.close = piece.close;
    bar.end = bar.end.max(piece.end);
    bar.volume =
        bar.volume.checked_add(piece.volume).ok_or(DataError::TooLarge { what: "a bar's volume" })?;
    bar.value = bar.value.zip(piece.value).and_then(|(sum, more)| sum.checked_add(more));
    bar.trades = bar.trades.zip(piece.trades).and_then(|(sum, more)| sum.checked_add(more));
    Ok(())
}

/// An amount as ticks × lots, rounded up: a bar is full when it has all of it.
fn in_ticks_and_lots(value: Money, grid: Grid) -> Result<i128, DataError> {
    let too_fine = DataError::TooLarge { what: "the value of a bar in ticks and lots" };
    let one =
        grid.tick.0.checked_mul(grid.lot.0).map(|product| product / Money::ONE.0).filter(|one| *one > 0);
    let one = one.ok_or(too_fine)?;
    Ok(value.0.div_euclid(one) + i128::from(value.0.rem_euclid(one) != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(spec: &str, trades: &[(i64, i64, i64)]) -> Vec<String> {
        let grid = Grid { tick: Money::ONE, lot: Money::ONE };
        let spec = spec.parse().expect("a spec");
        let mut builder = BarBuilder::new(spec, Align::From(Time(0)), grid).expect("a builder");
        let mut bars = Vec::new();
        for (seconds, price, qty) in trades {
            let time = Time(seconds * 1_000_000_000);
            let (price, qty) = (Price(*price), Qty(*qty));
            let row = TradeRow { time, venue_time: None, price, qty, aggressor: None, id: None };
            bars.extend(builder.trade(&row).expect("in order"));
        }
        bars.extend(builder.finish());
        let text = |bar: &BarRow| {
            let at = bar.time.0 / 1_000_000_000;
            format!("{at}: {} {} {} {} x{}", bar.open.0, bar.high.0, bar.low.0, bar.close.0, bar.volume.0)
        };
        bars.iter().map(text).collect()
    }

    #[test]
    fn every_kind_of_bar() {
        let trades = [(0, 100, 5), (1, 103, 1), (61, 99, 4), (62, 98, 2), (200, 110, 1)];
        assert_eq!(
            bars("1m", &trades),
            ["0: 100 103 100 103 x6", "60: 99 99 98 98 x6", "180: 110 110 110 110 x1"]
        );
        assert_eq!(
            bars("2t", &trades),
            ["0: 100 103 100 103 x6", "61: 99 99 98 98 x6", "200: 110 110 110 110 x1"]
        );
        assert_eq!(
            bars("volume6", &trades),
            ["0: 100 103 100 103 x6", "61: 99 99 98 98 x6", "200: 110 110 110 110 x1"]
        );
        assert_eq!(bars("value600", &trades), ["0: 100 103 100 103 x6", "61: 99 110 98 110 x7"]);
        assert_eq!(bars("range4", &trades), ["0: 100 103 99 99 x10", "62: 98 110 98 110 x3"]);
        let bricks = ["0: 100 103 100 103 x6", "61: 103 106 103 106 x7", "200: 106 109 106 109 x0"];
        assert_eq!(bars("renko3", &trades), bricks, "98 is less than two bricks below 103");
        let down = [(0, 100, 1), (1, 103, 1), (2, 97, 1), (3, 94, 1)];
        assert_eq!(
            bars("renko3", &down),
            ["0: 100 103 100 103 x2", "2: 100 100 97 97 x1", "3: 97 97 94 94 x1"]
        );
    }

    #[test]
    fn what_goes_back_in_time_is_refused() {
        let grid = Grid { tick: Money::ONE, lot: Money::ONE };
        let mut builder = BarBuilder::new(BarSpec::Time(60), Align::From(Time(0)), grid).expect("a builder");
        let row = |time| TradeRow {
            time: Time(time),
            venue_time: None,
            price: Price(1),
            qty: Qty(1),
            aggressor: None,
            id: None,
        };
        builder.trade(&row(70)).expect("the first");
        assert!(matches!(builder.trade(&row(69)), Err(DataError::OutOfOrder { .. })));
        let tiny = Grid { tick: Money(1), lot: Money(1) };
        assert!(BarBuilder::new(BarSpec::Value(Money::ONE), Align::From(Time(0)), tiny).is_err());
    }
}
