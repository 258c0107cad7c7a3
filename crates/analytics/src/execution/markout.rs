//! Where the mid went after each fill: a fill that the market runs away from was bought too dear, or was picked off.

use super::market::{Fill, Parent, Tape};
use crate::error::{AnalyticsError, Result};
use serde::Serialize;

/// The mean over all fills, weighted by quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Markout {
    pub nanoseconds: i64,
    /// In ticks, positive when the mid moved in favour of what we bought or sold.
    pub gain: f64,
}

/// One for each delay. The tape must reach as far as the last fill and the longest delay.
pub fn markouts(parent: &Parent, fills: &[Fill], tape: &Tape<'_>, delays: &[i64]) -> Result<Vec<Markout>> {
    parent.check(fills)?;
    tape.check()?;
    let lots: i128 = fills.iter().map(|fill| i128::from(fill.qty.0)).sum();
    if lots == 0 {
        return Err(AnalyticsError::TooFew { what: "a markout", needed: 1, found: 0 });
    }
    let sign = i128::from(parent.side.sign());
    let end = tape.quotes.last().map(|quote| quote.time);
    let markout = |delay: &i64| {
        if *delay < 0 {
            let (what, rule) = ("the delay of a markout", "at least 0");
            return Err(AnalyticsError::OutOfRange { what, rule, found: *delay as f64 });
        }
        let mut sum: i128 = 0;
        for fill in fills {
            let later = fill.time.saturating_add_ns(*delay);
            if end.is_none_or(|end| end < later) {
                let part = "quotes up to the delay after the last fill";
                return Err(AnalyticsError::Missing { what: "the tape", name: later.to_string(), part });
            }
            let mid = tape.quote_at(later, "a quote after a fill")?.half_ticks();
            let gain = (sign * (mid - 2 * i128::from(fill.price.0))).checked_mul(i128::from(fill.qty.0));
            sum = gain
                .and_then(|gain| gain.checked_add(sum))
                .ok_or(AnalyticsError::Uncountable { what: "a markout" })?;
        }
        Ok(Markout { nanoseconds: *delay, gain: sum as f64 / lots as f64 / 2.0 })
    };
    delays.iter().map(markout).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::TapeQuote;
    use model::{Money, Price, Qty, Side, Time};

    #[test]
    fn a_fill_that_the_market_runs_away_from() {
        let quote = |time, bid, ask| TapeQuote { time: Time(time), bid: Price(bid), ask: Price(ask) };
        let quotes = [quote(0, 99, 101), quote(60, 97, 98), quote(200, 97, 98)];
        let tape = Tape { quotes: &quotes, prints: &[] };
        let parent =
            Parent { side: Side::Buy, qty: Qty(5), decided: Time(0), ended: Time(100), arrival: None };
        let fills = [Fill { time: Time(50), price: Price(101), qty: Qty(5), fee: Money::ZERO }];
        let found = markouts(&parent, &fills, &tape, &[0, 10]).unwrap();
        assert_eq!((found[0].gain, found[1].gain), (-1.0, -3.5));
        assert!(markouts(&parent, &fills, &tape, &[1_000]).is_err(), "the tape ends before");
        assert!(markouts(&parent, &fills, &tape, &[-1]).is_err());
        assert!(markouts(&parent, &[], &tape, &[0]).is_err());
    }
}
