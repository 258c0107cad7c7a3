//! What one instrument did, interval by interval: the price it ended with and what was traded. Prices of a kind
//! are only held against prices of the same kind, and an interval without a price makes no return: a gap is
//! nothing, not a zero. Bounded by the window.

use model::{Price, Qty};
use std::collections::VecDeque;

/// Where a price came from, the better last: in an interval the best kind is kept, and of it the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Trade,
    Quote,
    Mark,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slot {
    close: Option<(Source, Price)>,
    volume: i64,
}

/// The intervals of an instrument, the last of which may not be over.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// The number of the first that is kept.
    first: i64,
    slots: VecDeque<Slot>,
}

impl Series {
    pub(super) fn price(&mut self, interval: i64, window: usize, source: Source, price: Price) {
        let Some(slot) = self.slot(interval, window) else { return };
        if slot.close.is_none_or(|(known, _)| known <= source) {
            slot.close = Some((source, price));
        }
    }

    pub(super) fn volume(&mut self, interval: i64, window: usize, qty: Qty) {
        if let Some(slot) = self.slot(interval, window) {
            slot.volume = slot.volume.saturating_add(qty.0);
        }
    }

    /// The instrument is another thing now, as after a split: what its price did before says nothing.
    pub(super) fn forget(&mut self) {
        self.slots.clear();
    }

    /// The interval that ended last with a price.
    #[must_use]
    pub fn last_priced(&self) -> Option<i64> {
        let at = self.slots.iter().rposition(|slot| slot.close.is_some())?;
        Some(self.first.saturating_add(i64::try_from(at).ok()?))
    }

    /// What the price did in the intervals from one to before another, none where it is not known.
    #[must_use]
    pub fn returns(&self, from: i64, before: i64) -> Vec<Option<f64>> {
        (from..before).map(|interval| self.step(interval)).collect()
    }

    /// What was traded in these intervals.
    #[must_use]
    pub fn traded(&self, from: i64, before: i64) -> i64 {
        (from..before)
            .filter_map(|interval| self.at(interval))
            .fold(0, |sum, slot| sum.saturating_add(slot.volume))
    }

    fn step(&self, interval: i64) -> Option<f64> {
        let (kind, after) = self.at(interval)?.close?;
        let (was, before) = self.at(interval.checked_sub(1)?)?.close?;
        let sound = kind == was && before.0 > 0 && after.0 > 0;
        sound.then(|| after.0 as f64 / before.0 as f64 - 1.0)
    }

    fn at(&self, interval: i64) -> Option<&Slot> {
        self.slots.get(usize::try_from(interval.checked_sub(self.first)?).ok()?)
    }

    /// The place of an interval; none if it is older than what is kept.
    fn slot(&mut self, interval: i64, window: usize) -> Option<&mut Slot> {
        // One more for the price that the first return starts from, and one for the interval that is open.
        let most = window.saturating_add(2);
        let end = self.first.saturating_add(i64::try_from(self.slots.len()).ok()?);
        let far = interval.saturating_sub(end).unsigned_abs() >= most as u64;
        if self.slots.is_empty() || (interval >= end && far) {
            self.slots.clear();
            self.first = interval;
        }
        while self.first.saturating_add(i64::try_from(self.slots.len()).ok()?) <= interval {
            self.slots.push_back(Slot::default());
            if self.slots.len() > most {
                self.slots.pop_front();
                self.first = self.first.saturating_add(1);
            }
        }
        self.slots.get_mut(usize::try_from(interval.checked_sub(self.first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(prices: &[(i64, Source, i64)], window: usize) -> Series {
        let mut series = Series::default();
        prices.iter().for_each(|(at, source, price)| series.price(*at, window, *source, Price(*price)));
        series
    }

    #[test]
    fn a_gap_and_another_kind_of_price_make_no_return() {
        use Source::{Mark, Quote, Trade};
        let series = of(
            &[
                (10, Mark, 100),
                (11, Mark, 110),
                (11, Trade, 5),
                (13, Mark, 110),
                (14, Quote, 99),
                (15, Quote, 99),
            ],
            20,
        );
        let found = series.returns(10, 16);
        let near =
            |found: Option<f64>, wanted: f64| found.is_some_and(|found| (found - wanted).abs() < 1e-12);
        assert!(near(found[1], 0.1) && near(found[5], 0.0), "{found:?}");
        assert_eq!([found[0], found[2], found[3], found[4]], [None; 4]);
        assert_eq!(series.last_priced(), Some(15));
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_older_is_left_out() {
        let prices: Vec<_> = (0..100).map(|at| (at, Source::Trade, 100 + at)).collect();
        let mut series = of(&prices, 5);
        assert_eq!(series.slots.len(), 7);
        series.volume(10, 5, Qty(1));
        series.volume(98, 5, Qty(3));
        series.volume(99, 5, Qty(4));
        assert_eq!(series.traded(0, 99), 3);
        // A long silence leaves nothing of the past.
        series.price(1_000_000_000, 5, Source::Trade, Price(7));
        assert_eq!((series.slots.len(), series.last_priced()), (1, Some(1_000_000_000)));
        series.price(-1, 5, Source::Trade, Price(7));
        assert_eq!(series.last_priced(), Some(1_000_000_000));
        series.forget();
        assert_eq!(series.last_priced(), None);
    }

    #[test]
    fn prices_at_or_below_zero_have_no_returns() {
        let series = of(&[(0, Source::Trade, 1), (1, Source::Trade, 0), (2, Source::Trade, -5)], 5);
        assert_eq!(series.returns(0, 3), [None; 3]);
    }
}
