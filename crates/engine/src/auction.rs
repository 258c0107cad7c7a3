//! The price of an auction: the one at which most trades, of those the one that leaves least unmatched, of those
//! the one nearest to the reference. Between two limits nothing changes, so only the orders' own prices are
//! looked at, however far apart they lie.

use model::{Price, Qty, Side};
use std::cmp::Reverse;

/// What an auction would come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indication {
    pub price: Price,
    /// What would trade.
    pub qty: Qty,
    /// What would be left at this price: buyers above zero, sellers below.
    pub imbalance: Qty,
}

/// What a side wants: so much at any price, and so much at each limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) any: i64,
    pub(crate) limits: Vec<(Price, i64)>,
}

/// Neighbouring prices at which the same trades and the same is left.
#[derive(Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
    volume: i64,
    unmatched: i64,
}

/// The prices that may be, and the one to stay near.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) low: Price,
    pub(crate) high: Price,
    pub(crate) reference: Option<Price>,
}

impl Wanted {
    /// How much would trade at the price.
    fn at(&self, side: Side, price: Price) -> i64 {
        let reach = self.limits.iter().filter(|(limit, _)| side.reaches(*limit, price));
        reach.fold(self.any, |sum, (_, qty)| sum.saturating_add(*qty))
    }
}

/// None when nothing would trade, or nothing says at what price.
pub(crate) fn price(buys: &mut Wanted, sells: &mut Wanted, bounds: &Bounds) -> Option<Indication> {
    buys.limits.sort_unstable();
    sells.limits.sort_unstable();
    let range = best_range(buys, sells, bounds)?;
    let limits = || buys.limits.iter().chain(&sells.limits).map(|(price, _)| price.0);
    let price = match bounds.reference {
        Some(reference) => reference.clamp(bounds.low, bounds.high).0,
        // The middle, as far as somebody named a price; of two the lower.
        None => {
            let (lowest, highest) = (limits().min()?, limits().max()?);
            middle(range.low.clamp(lowest, highest), range.high.clamp(lowest, highest))
        }
    };
    let price = Price(price.clamp(range.low, range.high));
    let imbalance = buys.at(Side::Buy, price).saturating_sub(sells.at(Side::Sell, price));
    Some(Indication { price, qty: Qty(range.volume), imbalance: Qty(imbalance) })
}

/// The best prices. They are neighbours: demand only falls as the price rises, and supply only rises.
fn best_range(buys: &Wanted, sells: &Wanted, bounds: &Bounds) -> Option<Range> {
    let (low, high) = (bounds.low.0, bounds.high.0);
    let sold = sells.limits.iter().map(|(price, _)| price.0);
    let left = buys.limits.iter().filter_map(|(price, _)| price.0.checked_add(1));
    let mut starts: Vec<i64> = sold.chain(left).filter(|start| (low..=high).contains(start)).collect();
    starts.push(low);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([high]);

    let (mut demand, mut supply) = (buys.at(Side::Buy, Price::MIN), sells.any);
    let (mut bids, mut asks) = (buys.limits.iter().peekable(), sells.limits.iter().peekable());
    let mut best: Option<Range> = None;
    for (&low, high) in starts.iter().zip(ends) {
        while let Some((_, qty)) = bids.next_if(|(price, _)| price.0 < low) {
            demand = demand.saturating_sub(*qty);
        }
        while let Some((_, qty)) = asks.next_if(|(price, _)| price.0 <= low) {
            supply = supply.saturating_add(*qty);
        }
        let unmatched = demand.saturating_sub(supply).saturating_abs();
        let here = Range { low, high, volume: demand.min(supply), unmatched };
        best = Some(match best {
            Some(before) if before.rank() > here.rank() => before,
            Some(before) if before.rank() == here.rank() => Range { high, ..before },
            _ => here,
        });
    }
    best.filter(|range| range.volume > 0)
}

impl Range {
    fn rank(&self) -> (i64, Reverse<i64>) {
        (self.volume, Reverse(self.unmatched))
    }
}

fn middle(low: i64, high: i64) -> i64 {
    let half = i128::from(low).saturating_add(i128::from(high)).div_euclid(2);
    i64::try_from(half).unwrap_or(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        (buy_any, buys): (i64, &[(i64, i64)]),
        (sell_any, sells): (i64, &[(i64, i64)]),
        reference: Option<i64>,
        expected: Option<(i64, i64, i64)>,
    ) {
        let wanted = |any, limits: &[(i64, i64)]| Wanted {
            any,
            limits: limits.iter().map(|&(price, qty)| (Price(price), qty)).collect(),
        };
        let bounds = Bounds { low: Price(1), high: Price::MAX, reference: reference.map(Price) };
        let found = price(&mut wanted(buy_any, buys), &mut wanted(sell_any, sells), &bounds);
        assert_eq!(found.map(|at| (at.price.0, at.qty.0, at.imbalance.0)), expected);
    }

    #[test]
    fn most_volume_then_least_imbalance_then_nearest_to_the_reference() {
        check((0, &[(99, 5)]), (0, &[(100, 5)]), Some(100), None);
        check((0, &[(105, 10)]), (0, &[(95, 10)]), Some(98), Some((98, 10, 0)));
        check((0, &[(105, 10)]), (0, &[(95, 10)]), Some(200), Some((105, 10, 0)));
        check((0, &[(105, 10)]), (0, &[(95, 10)]), None, Some((100, 10, 0)));
        check((0, &[(104, 10)]), (0, &[(95, 10)]), None, Some((99, 10, 0)));
        check((0, &[(105, 10), (100, 5)]), (0, &[(95, 12)]), None, Some((97, 12, 3)));
        // Strictly between two limits nothing is left.
        check((0, &[(105, 10), (95, 5)]), (0, &[(95, 10), (105, 5)]), Some(1), Some((96, 10, 0)));
        // Two buyers too many below, two sellers too many above: one range, and the reference decides.
        check((0, &[(100, 10), (99, 2)]), (0, &[(98, 10), (100, 2)]), Some(1), Some((98, 10, 2)));
        check((0, &[(101, 8), (100, 4)]), (0, &[(99, 8), (101, 4)]), Some(200), Some((101, 8, -4)));
    }

    #[test]
    fn orders_at_any_price_need_somebody_who_names_one() {
        check((10, &[]), (0, &[(95, 10)]), None, Some((95, 10, 0)));
        check((10, &[]), (0, &[(95, 10)]), Some(100), Some((100, 10, 0)));
        check((10, &[(100, 5)]), (0, &[(95, 10)]), None, Some((101, 10, 0)));
        check((10, &[]), (7, &[]), Some(100), Some((100, 7, 3)));
        check((10, &[]), (7, &[]), Some(-5), Some((1, 7, 3)));
        check((10, &[]), (7, &[]), None, None);
        check((0, &[(i64::MAX, 4)]), (0, &[(1, 4)]), None, Some((i64::MAX / 2 + 1, 4, 0)));
    }
}
