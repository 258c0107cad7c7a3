//! What is compared: the order as it was decided, its fills, and the quotes and prints of its life.
//!
//! Prices are ticks and quantities lots, so that a cost is counted. A mid may lie between two ticks, therefore
//! everything is counted in half ticks.

use crate::error::{AnalyticsError, Result};
use model::{Money, Price, Qty, Side, Time};
use serde::Serialize;

/// What a tick and a lot are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// What one lot gains when the price rises by one tick.
    pub tick_on_lot: Money,
}

/// The order as it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parent {
    pub side: Side,
    pub qty: Qty,
    pub decided: Time,
    /// When the rest was given up, or the last fill came.
    pub ended: Time,
    /// The price that the decision saw; `None` takes the mid of the quote at that moment.
    pub arrival: Option<Price>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fill {
    pub time: Time,
    pub price: Price,
    pub qty: Qty,
    /// Negative for a rebate.
    pub fee: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TapeQuote {
    pub time: Time,
    pub bid: Price,
    pub ask: Price,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TapePrint {
    pub time: Time,
    pub price: Price,
    pub qty: Qty,
}

/// The market: quotes with both sides, from before the decision on, and the prints; each in order of time.
#[derive(Clone, Copy, Debug)]
pub struct Tape<'a> {
    pub quotes: &'a [TapeQuote],
    pub prints: &'a [TapePrint],
}

impl TapeQuote {
    /// Bid plus ask: the mid in half ticks.
    pub(super) fn half_ticks(&self) -> i128 {
        i128::from(self.bid.0) + i128::from(self.ask.0)
    }

    /// Half the distance of bid and ask, in half ticks.
    pub(super) fn half_spread(&self) -> i128 {
        i128::from(self.ask.0) - i128::from(self.bid.0)
    }
}

impl Tape<'_> {
    /// Refuses what is out of order, crossed, or traded nothing.
    pub(super) fn check(&self) -> Result<()> {
        in_order("the quotes", self.quotes.iter().map(|quote| quote.time))?;
        in_order("the prints", self.prints.iter().map(|print| print.time))?;
        if let Some(quote) = self.quotes.iter().find(|quote| quote.bid > quote.ask) {
            let (what, rule) = ("a bid", "at most the ask");
            return Err(AnalyticsError::OutOfRange { what, rule, found: quote.bid.0 as f64 });
        }
        check_quantities("the quantity of a print", self.prints.iter().map(|print| print.qty))
    }

    /// The quote that stood at a moment: the last one not after it.
    pub(super) fn quote_at(&self, time: Time, name: &'static str) -> Result<&TapeQuote> {
        let after = self.quotes.partition_point(|quote| quote.time <= time);
        let found = after.checked_sub(1).map(|place| &self.quotes[place]);
        let missing = || AnalyticsError::Missing { what: "the tape", name: time.to_string(), part: name };
        found.ok_or_else(missing)
    }
}

impl Parent {
    pub(super) fn check(&self, fills: &[Fill]) -> Result<()> {
        in_order("the fills", fills.iter().map(|fill| fill.time))?;
        check_quantities("the quantity of an order", [self.qty].into_iter())?;
        check_quantities("the quantity of a fill", fills.iter().map(|fill| fill.qty))?;
        let is_outside = |fill: &Fill| fill.time < self.decided || fill.time > self.ended;
        if self.ended < self.decided {
            return Err(AnalyticsError::OutOfOrder { what: "the decision and the end", place: 1 });
        }
        if let Some(place) = fills.iter().position(is_outside) {
            return Err(AnalyticsError::OutOfOrder { what: "the fills", place });
        }
        let filled: i128 = fills.iter().map(|fill| i128::from(fill.qty.0)).sum();
        if filled > i128::from(self.qty.0) {
            let (what, rule) = ("the quantity filled", "at most the quantity ordered");
            return Err(AnalyticsError::OutOfRange { what, rule, found: filled as f64 });
        }
        Ok(())
    }

    /// The price of the decision in half ticks.
    pub(super) fn arrival(&self, tape: &Tape<'_>) -> Result<i128> {
        match self.arrival {
            Some(price) => Ok(2 * i128::from(price.0)),
            None => Ok(tape.quote_at(self.decided, "a quote at the decision")?.half_ticks()),
        }
    }
}

fn in_order(what: &'static str, times: impl Iterator<Item = Time>) -> Result<()> {
    let times: Vec<Time> = times.collect();
    match times.windows(2).position(|pair| pair[0] > pair[1]) {
        Some(place) => Err(AnalyticsError::OutOfOrder { what, place: place + 1 }),
        None => Ok(()),
    }
}

fn check_quantities(what: &'static str, mut quantities: impl Iterator<Item = Qty>) -> Result<()> {
    match quantities.find(|qty| qty.0 <= 0) {
        Some(qty) => Err(AnalyticsError::OutOfRange { what, rule: "above 0", found: qty.0 as f64 }),
        None => Ok(()),
    }
}
