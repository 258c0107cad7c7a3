//! An order's average price against the market's: volume-weighted, time-weighted, and what share of the volume we were.
//!
//! Slippage is in ticks and basis points, positive when we did worse than the market.

use super::market::{Fill, Parent, Tape};
use crate::error::{AnalyticsError, Result};
use model::{NANOS_PER_SECOND, Time};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Benchmarks {
    /// All prices in ticks.
    pub average: f64,
    pub arrival: f64,
    /// Of the prints from the decision to the end; `None` when nothing was printed.
    pub vwap: Option<f64>,
    /// The mid, each as long as it stood; `None` when the order had no duration.
    pub twap: Option<f64>,
    /// Against the decision's price.
    pub arrival_slippage: f64,
    pub vwap_slippage: Option<f64>,
    pub twap_slippage: Option<f64>,
    pub arrival_slippage_bps: Option<f64>,
    pub vwap_slippage_bps: Option<f64>,
    pub twap_slippage_bps: Option<f64>,
    /// What was filled over what was printed, which contains our own prints.
    pub participation: Option<f64>,
}

pub fn benchmarks(parent: &Parent, fills: &[Fill], tape: &Tape<'_>) -> Result<Benchmarks> {
    parent.check(fills)?;
    tape.check()?;
    let lots: i128 = fills.iter().map(|fill| i128::from(fill.qty.0)).sum();
    if lots == 0 {
        return Err(AnalyticsError::TooFew { what: "the average price", needed: 1, found: 0 });
    }
    let average = weighted(fills.iter().map(|fill| (fill.price.0, fill.qty.0)), lots)?;
    let arrival = parent.arrival(tape)? as f64 / 2.0;
    let during =
        tape.prints.iter().filter(|print| print.time >= parent.decided && print.time <= parent.ended);
    let printed: i128 = during.clone().map(|print| i128::from(print.qty.0)).sum();
    let vwap = match printed {
        0 => None,
        _ => Some(weighted(during.map(|print| (print.price.0, print.qty.0)), printed)?),
    };
    let twap = time_weighted(parent, tape)?;
    let sign = parent.side.sign() as f64;
    let slippage = |benchmark: f64| sign * (average - benchmark);
    let bps = |benchmark: f64| (benchmark > 0.0).then(|| slippage(benchmark) / benchmark * 1e4);
    Ok(Benchmarks {
        average,
        arrival,
        vwap,
        twap,
        arrival_slippage: slippage(arrival),
        vwap_slippage: vwap.map(slippage),
        twap_slippage: twap.map(slippage),
        arrival_slippage_bps: bps(arrival),
        vwap_slippage_bps: vwap.and_then(bps),
        twap_slippage_bps: twap.and_then(bps),
        participation: (printed > 0).then(|| lots as f64 / printed as f64),
    })
}

/// Price times quantity over quantity, summed as integers.
fn weighted(pairs: impl Iterator<Item = (i64, i64)>, lots: i128) -> Result<f64> {
    let products = pairs.map(|(price, qty)| i128::from(price) * i128::from(qty));
    let mut sum: i128 = 0;
    for product in products {
        sum = sum.checked_add(product).ok_or(AnalyticsError::Uncountable { what: "an average price" })?;
    }
    // The whole part apart, so that large prices keep their digits.
    Ok((sum / lots) as f64 + (sum % lots) as f64 / lots as f64)
}

fn time_weighted(parent: &Parent, tape: &Tape<'_>) -> Result<Option<f64>> {
    if parent.decided == parent.ended {
        return Ok(None);
    }
    let mut standing = tape.quote_at(parent.decided, "a quote at the decision")?;
    let (mut since, mut sum) = (parent.decided, 0.0);
    for quote in tape.quotes.iter().filter(|quote| quote.time > parent.decided && quote.time <= parent.ended)
    {
        sum += standing.half_ticks() as f64 * seconds(since, quote.time);
        (standing, since) = (quote, quote.time);
    }
    sum += standing.half_ticks() as f64 * seconds(since, parent.ended);
    Ok(Some(sum / seconds(parent.decided, parent.ended) / 2.0))
}

fn seconds(from: Time, to: Time) -> f64 {
    (i128::from(to.0) - i128::from(from.0)) as f64 / NANOS_PER_SECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::{TapePrint, TapeQuote};
    use model::{Money, Price, Qty, Side};

    const PARENT: Parent = Parent {
        side: Side::Sell,
        qty: Qty(10),
        decided: Time(100),
        ended: Time(200),
        arrival: Some(Price(50)),
    };

    fn print(time: i64, price: i64, qty: i64) -> TapePrint {
        TapePrint { time: Time(time), price: Price(price), qty: Qty(qty) }
    }

    #[test]
    fn averages_by_hand() {
        let quote = |time, bid, ask| TapeQuote { time: Time(time), bid: Price(bid), ask: Price(ask) };
        let quotes = [quote(90, 49, 51), quote(175, 43, 47)];
        // The first and the last print lie outside of the order's life.
        let prints = [print(99, 90, 1_000), print(100, 50, 30), print(150, 46, 10), print(201, 1, 1_000)];
        let tape = Tape { quotes: &quotes, prints: &prints };
        let fills = [Fill { time: Time(150), price: Price(48), qty: Qty(4), fee: Money::ZERO }];
        let found = benchmarks(&PARENT, &fills, &tape).unwrap();
        assert_eq!((found.average, found.arrival, found.arrival_slippage), (48.0, 50.0, 2.0));
        assert_eq!((found.vwap, found.vwap_slippage), (Some(49.0), Some(1.0)));
        // Three quarters at 50, one at 45.
        assert_eq!((found.twap, found.twap_slippage), (Some(48.75), Some(0.75)));
        assert_eq!(found.participation, Some(0.1));
        assert!((found.arrival_slippage_bps.unwrap() - 400.0).abs() < 1e-9);
    }

    #[test]
    fn without_fills_there_is_no_average_and_without_prints_no_vwap() {
        let quotes = [TapeQuote { time: Time(0), bid: Price(1), ask: Price(2) }];
        let tape = Tape { quotes: &quotes, prints: &[] };
        assert!(benchmarks(&PARENT, &[], &tape).is_err());
        let fills = [Fill { time: Time(150), price: Price(48), qty: Qty(4), fee: Money::ZERO }];
        let found = benchmarks(&PARENT, &fills, &tape).unwrap();
        assert_eq!((found.vwap, found.participation), (None, None));
        let unsorted = [print(150, 1, 1), print(140, 1, 1)];
        assert!(benchmarks(&PARENT, &fills, &Tape { quotes: &quotes, prints: &unsorted }).is_err());
    }
}
