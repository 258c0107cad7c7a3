//! A market's levels as far as they are known, less what we took ourselves: liquidity that was consumed stays
//! consumed and comes back with time, by half in each half-life.

use model::{Level, Price, Qty, Side, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// A level is whole again as soon as the market says anything of it.
    #[default]
    UntilUpdate,
    /// What we took comes back, half of it in this time, whatever the market says.
    HalfLife { ns: i64 },
}

impl Impact {
    pub(crate) fn is_sane(self) -> bool {
        !matches!(self, Self::HalfLife { ns } if ns <= 0)
    }
}

/// Bids are kept with their sign turned.
#[derive(Clone, Debug, Default)]
struct Half {
    /// Price by price, the nearest last: what changes most is moved least.
    levels: Vec<(i64, i64)>,
    taken: BTreeMap<i64, (f64, Time)>,
}

impl Half {
    /// Where a price is, or would be.
    #[inline]
    fn find(&self, at: i64) -> Result<usize, usize> {
        self.levels.binary_search_by(|(other, _)| at.cmp(other))
    }

    #[inline]
    fn qty(&self, at: i64) -> i64 {
        self.find(at).ok().and_then(|place| self.levels.get(place)).map_or(0, |(_, qty)| *qty)
    }

    /// Gives what was there.
    #[inline]
    fn set(&mut self, at: i64, qty: i64) -> i64 {
        match self.find(at) {
            Ok(place) if qty > 0 => {
                self.levels.get_mut(place).map_or(0, |(_, kept)| std::mem::replace(kept, qty))
            }
            Ok(place) => self.levels.remove(place).1,
            Err(place) => {
                if qty > 0 {
                    self.levels.insert(place, (at, qty));
                }
                0
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Depth {
    buys: Half,
    sells: Half,
}

fn key(side: Side, price: Price) -> i64 {
    match side {
        Side::Buy => price.0.saturating_neg(),
        Side::Sell => price.0,
    }
}

impl Depth {
    fn half(&self, side: Side) -> &Half {
        if side == Side::Buy { &self.buys } else { &self.sells }
    }

    fn half_mut(&mut self, side: Side) -> &mut Half {
        if side == Side::Buy { &mut self.buys } else { &mut self.sells }
    }

    pub(crate) fn at(&self, side: Side, price: Price) -> Qty {
        Qty(self.half(side).qty(key(side, price)))
    }

    pub(crate) fn best(&self, side: Side) -> Option<Level> {
        let &(at, qty) = self.half(side).levels.last()?;
        Some(Level { price: Price(key(side, Price(at))), qty: Qty(qty) })
    }

    /// The level now has so many lots; gives what it had.
    pub(crate) fn set(&mut self, side: Side, price: Price, qty: Qty, impact: Impact) -> Qty {
        let half = self.half_mut(side);
        let at = key(side, price);
        let before = half.set(at, qty.0);
        if impact == Impact::UntilUpdate && !half.taken.is_empty() {
            half.taken.remove(&at);
        }
        Qty(before)
    }

    /// Only the best level of a side is known.
    pub(crate) fn set_best(&mut self, side: Side, best: Option<Level>, impact: Impact) {
        let half = self.half_mut(side);
        half.levels.clear();
        half.levels.extend(best.map(|level| (key(side, level.price), level.qty.0)));
        if impact == Impact::UntilUpdate {
            half.taken.clear();
        }
    }

    /// Takes up to `qty` from a side, as far as `limit` allows: each price with what came of it.
    pub(crate) fn take(
        &mut self,
        side: Side,
        mut qty: Qty,
        limit: Option<Price>,
        (impact, now): (Impact, Time),
        mut each: impl FnMut(Price, Qty),
    ) -> Qty {
        let half = self.half_mut(side);
        for &(at, shown) in half.levels.iter().rev() {
            let price = Price(key(side, Price(at)));
            let reaches = limit.is_none_or(|limit| side.opposite().reaches(limit, price));
            if qty.0 <= 0 || !reaches {
                break;
            }
            let gone =
                half.taken.get(&at).map_or(0.0, |(gone, since)| still_gone(*gone, *since, impact, now));
            let there = shown.saturating_sub(crate::number::whole(gone.ceil())).max(0);
            let part = Qty(there.min(qty.0));
            if part.0 > 0 {
                half.taken.insert(at, (gone + part.0 as f64, now));
                qty = Qty(qty.0.saturating_sub(part.0));
                each(price, part);
            }
        }
        // What has come back is forgotten, so that this stays as small as the market.
        if half.taken.len() > 64 {
            half.taken.retain(|_, (gone, since)| still_gone(*gone, *since, impact, now) >= 0.5);
        }
        qty
    }

    /// How much could be taken now.
    pub(crate) fn there(&self, side: Side, limit: Option<Price>, (impact, now): (Impact, Time)) -> Qty {
        let half = self.half(side);
        let within = half.levels.iter().rev().take_while(|(at, _)| {
            limit.is_none_or(|limit| side.opposite().reaches(limit, Price(key(side, Price(*at)))))
        });
        let free = within.map(|(at, shown)| {
            let gone = half.taken.get(at).map_or(0.0, |(gone, since)| still_gone(*gone, *since, impact, now));
            shown.saturating_sub(crate::number::whole(gone.ceil())).max(0)
        });
        Qty(free.fold(0, i64::saturating_add))
    }
}

fn still_gone(gone: f64, since: Time, impact: Impact, now: Time) -> f64 {
    match impact {
        Impact::UntilUpdate => gone,
        Impact::HalfLife { ns } => {
            let passed = now.0.saturating_sub(since.0).max(0) as f64;
            gone * (-passed / ns.max(1) as f64).exp2()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_gone_and_comes_back_by_half() {
        let impact = Impact::HalfLife { ns: 100 };
        let mut depth = Depth::default();
        depth.set(Side::Sell, Price(10), Qty(8), impact);
        depth.set(Side::Sell, Price(11), Qty(5), impact);
        let mut got = Vec::new();
        let left =
            depth.take(Side::Sell, Qty(10), None, (impact, Time(0)), |price, qty| got.push((price.0, qty.0)));
        assert_eq!((left, got), (Qty(0), vec![(10, 8), (11, 2)]));
        assert_eq!(depth.there(Side::Sell, Some(Price(10)), (impact, Time(0))), Qty(0));
        assert_eq!(depth.there(Side::Sell, Some(Price(10)), (impact, Time(100))), Qty(4));
        assert_eq!(depth.there(Side::Sell, None, (impact, Time(0))), Qty(3));
        depth.set(Side::Sell, Price(10), Qty(8), Impact::UntilUpdate);
        assert_eq!(depth.there(Side::Sell, Some(Price(10)), (Impact::UntilUpdate, Time(0))), Qty(8));
        assert_eq!(depth.best(Side::Sell).map(|level| level.price), Some(Price(10)));
    }
}
