//! What was printed at prices since their levels were last told: so much of what a level has less then was traded, and
//! not taken back.

use model::{Price, Qty, Side, Time};

/// A market that does not say within this what a print has left of its level does not say it at all.
const STALE_NS: i64 = 1_000_000_000;
const MANY: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Mark {
    at: (Price, Side),
    qty: i64,
    since: Time,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Printed {
    /// By price.
    marks: Vec<Mark>,
    /// With so many it is looked for stale ones.
    many: usize,
}

impl Printed {
    /// `side` is the one that rested.
    pub(crate) fn add(&mut self, now: Time, (side, price, qty): (Side, Price, Qty)) {
        if self.marks.len() >= self.many {
            self.marks.retain(|mark| now.0.saturating_sub(mark.since.0) < STALE_NS);
            self.many = self.marks.len().saturating_mul(2).max(MANY);
        }
        match self.find(side, price) {
            Ok(place) => {
                if let Some(mark) = self.marks.get_mut(place) {
                    (mark.qty, mark.since) = (mark.qty.saturating_add(qty.0), now);
                }
            }
            Err(place) => self.marks.insert(place, Mark { at: (price, side), qty: qty.0, since: now }),
        }
    }

    pub(crate) fn at(&self, side: Side, price: Price) -> i64 {
        let mark = self.find(side, price).ok().and_then(|place| self.marks.get(place));
        mark.map_or(0, |mark| mark.qty)
    }

    /// The level is told, and with it what was printed there.
    #[inline]
    pub(crate) fn take(&mut self, side: Side, price: Price) -> i64 {
        self.find(side, price).map_or(0, |place| self.marks.remove(place).qty)
    }

    pub(crate) fn clear(&mut self) {
        self.marks.clear();
    }

    #[inline]
    fn find(&self, side: Side, price: Price) -> Result<usize, usize> {
        self.marks.binary_search_by(|mark| mark.at.cmp(&(price, side)))
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
        // Fifty come in the time that one is kept, and at twice those that were live it is looked again.
        assert!(printed.marks.len() <= 100, "{}", printed.marks.len());
        assert_eq!((printed.at(Side::Buy, Price(199)), printed.at(Side::Buy, Price(0))), (1, 0));
    }
}
