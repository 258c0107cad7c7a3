//! What was printed at prices since their levels were last told: so much of what a level has less then was traded, and
//! not taken back.

use model::{Price, Qty, Side, Time};
use std::collections::BTreeMap;

/// A market that does not say within this what a print has left of its level does not say it at all.
const STALE_NS: i64 = 1_000_000_000;
const MANY: usize = 64;

#[derive(Clone, Debug, Default)]
pub(crate) struct Printed(BTreeMap<(Side, Price), (i64, Time)>);

impl Printed {
    /// `side` is the one that rested.
    pub(crate) fn add(&mut self, now: Time, (side, price, qty): (Side, Price, Qty)) {
        if self.0.len() >= MANY {
            self.0.retain(|_, (_, since)| now.0.saturating_sub(since.0) < STALE_NS);
        }
        let kept = self.0.entry((side, price)).or_insert((0, now));
        *kept = (kept.0.saturating_add(qty.0), now);
    }

    #[inline]
    pub(crate) fn at(&self, side: Side, price: Price) -> i64 {
        self.0.get(&(side, price)).map_or(0, |(qty, _)| *qty)
    }

    /// The level is told, and with it what was printed there.
    #[inline]
    pub(crate) fn take(&mut self, side: Side, price: Price) -> i64 {
        if self.0.is_empty() {
            return 0;
        }
        self.0.remove(&(side, price)).map_or(0, |(qty, _)| qty)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_at_a_price_add_up_until_its_level_is_told() {
        let mut printed = Printed::default();
        let at = |ms: i64| Time(ms * 1_000_000);
        for (side, price, qty) in [(Side::Buy, 9, 2), (Side::Buy, 9, 3), (Side::Sell, 9, 4)] {
            printed.add(at(0), (side, Price(price), Qty(qty)));
        }
        assert_eq!((printed.at(Side::Buy, Price(9)), printed.take(Side::Buy, Price(9))), (5, 5));
        assert_eq!((printed.take(Side::Buy, Price(9)), printed.at(Side::Sell, Price(9))), (0, 4));
        // Those whose levels are never told make room, and what is new is counted.
        for price in 0..200 {
            printed.add(at(20 * price), (Side::Buy, Price(price), Qty(1)));
        }
        assert!(printed.0.len() <= MANY, "{}", printed.0.len());
        assert_eq!((printed.at(Side::Buy, Price(199)), printed.at(Side::Buy, Price(0))), (1, 0));
    }
}
