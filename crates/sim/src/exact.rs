//! A market's orders one by one, where they are known: then our place in the queue is exact. A place is a number that
//! only grows; what has a smaller one at the same price stands before us.

use model::{Price, Qty, Side};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug)]
struct Standing {
    side: Side,
    price: Price,
    qty: i64,
    place: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Exact {
    orders: BTreeMap<u64, Standing>,
    levels: BTreeMap<(Side, Price), BTreeMap<u64, i64>>,
    places: u64,
}

impl Exact {
    pub(crate) fn is_known(&self) -> bool {
        self.places > 0
    }

    /// The place of somebody who joins now.
    pub(crate) fn join(&mut self) -> u64 {
        self.places = self.places.saturating_add(1);
        self.places
    }

    pub(crate) fn add(&mut self, id: u64, side: Side, price: Price, qty: Qty) {
        self.remove(id);
        let place = self.join();
        self.orders.insert(id, Standing { side, price, qty: qty.0, place });
        self.levels.entry((side, price)).or_default().insert(place, qty.0);
    }

    /// Takes lots off an order, all of them where it has no more; gives where it stood.
    pub(crate) fn reduce(&mut self, id: u64, qty: Qty) -> Option<(Side, Price, u64)> {
        let standing = self.orders.get_mut(&id)?;
        standing.qty = standing.qty.saturating_sub(qty.0);
        let Standing { side, price, qty: left, place } = *standing;
        if left <= 0 {
            self.remove(id);
        } else if let Some(at) = self.levels.get_mut(&(side, price)).and_then(|level| level.get_mut(&place)) {
            *at = left;
        }
        Some((side, price, place))
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<(Side, Price)> {
        let Standing { side, price, place, .. } = self.orders.remove(&id)?;
        if let Some(level) = self.levels.get_mut(&(side, price)) {
            level.remove(&place);
            if level.is_empty() {
                self.levels.remove(&(side, price));
            }
        }
        Some((side, price))
    }

    pub(crate) fn order(&self, id: u64) -> Option<(Side, Price, Qty)> {
        self.orders.get(&id).map(|standing| (standing.side, standing.price, Qty(standing.qty)))
    }

    /// Nobody stands anywhere; places go on growing.
    pub(crate) fn forget(&mut self) {
        self.orders.clear();
        self.levels.clear();
    }

    pub(crate) fn ahead(&self, side: Side, price: Price, place: u64) -> i64 {
        let level = self.levels.get(&(side, price));
        level.map_or(0, |level| level.range(..place).map(|(_, qty)| *qty).fold(0, i64::saturating_add))
    }

    pub(crate) fn at(&self, side: Side, price: Price) -> Qty {
        Qty(self.ahead(side, price, u64::MAX))
    }
}
