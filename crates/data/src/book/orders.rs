//! A book by single orders, with who stands before whom. An order that was there before the record began is
//! unknown: what happens to it is taken from the level at its price, and counted; it stands in no queue.

use super::Levels;
use crate::row::{OrderDeed, OrderRow};
use model::{Level, Price, Qty, Side};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, Default)]
pub struct OrderBook {
    orders: HashMap<i64, Resting>,
    /// By side, price and turn: who is filled first at a price.
    queue: BTreeMap<(Side, i64, u64), i64>,
    turns: u64,
    levels: Levels,
    unknown: u64,
}

#[derive(Clone, Copy, Debug)]
struct Resting {
    side: Side,
    price: Price,
    qty: i64,
    turn: u64,
}

/// What a row did to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEffect {
    Changed,
    /// A print or a state of trading; no order changed.
    Unchanged,
    /// The order was not known; its level was changed.
    Unknown,
}

impl OrderBook {
    /// Begins with levels whose orders are not known.
    #[must_use]
    pub fn with_levels(levels: impl IntoIterator<Item = (Side, Level)>) -> Self {
        let mut book = Self::default();
        for (side, level) in levels {
            book.levels.set(side, level.price, level.qty);
        }
        book
    }

    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    #[must_use]
    pub fn open_orders(&self) -> usize {
        self.orders.len()
    }

    /// Rows that spoke of orders we never saw.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// Knows the order without adding to its level: it is in the opening levels already.
    pub fn know(&mut self, row: &OrderRow) {
        self.turns += 1;
        self.stand(row, self.turns);
    }

    /// The orders at a price, the one that is filled first in front.
    pub fn queue(&self, side: Side, price: Price) -> impl Iterator<Item = (i64, Qty)> + '_ {
        let range = (side, price.0, 0)..=(side, price.0, u64::MAX);
        self.queue.range(range).filter_map(|(_, id)| Some((*id, Qty(self.orders.get(id)?.qty))))
    }

    /// What an order of a taker would meet, price by price and then by turn.
    #[must_use]
    pub fn would_fill(&self, taker: Side, qty: Qty) -> Vec<(i64, Qty)> {
        let side = taker.opposite();
        let (mut left, mut fills) = (qty.0, Vec::new());
        for level in self.levels.side(side) {
            for (id, open) in self.queue(side, level.price) {
                if left <= 0 {
                    return fills;
                }
                let taken = open.0.min(left);
                left -= taken;
                fills.push((id, Qty(taken)));
            }
        }
        fills
    }

    pub fn apply(&mut self, row: &OrderRow) -> OrderEffect {
        match row.deed {
            OrderDeed::Add => self.add(row),
            OrderDeed::Reduce | OrderDeed::Execute => return self.take(row, row.qty),
            OrderDeed::Delete => {
                let all = self.orders.get(&row.id).map_or(row.qty, |order| Qty(order.qty));
                return self.take(row, all);
            }
            OrderDeed::Modify => self.modify(row),
            OrderDeed::Clear => {
                self.orders.clear();
                self.queue.clear();
                self.levels.clear();
            }
            OrderDeed::Trade | OrderDeed::Halt | OrderDeed::Resume => return OrderEffect::Unchanged,
        }
        OrderEffect::Changed
    }

    fn add(&mut self, row: &OrderRow) {
        self.know(row);
        self.levels.change(row.side, row.price, row.qty.0);
    }

    /// A new price or more of it costs an order its turn; less of it does not.
    fn modify(&mut self, row: &OrderRow) {
        let Some(old) = self.orders.get(&row.id).copied() else { return self.add(row) };
        self.leave(row.id);
        self.levels.change(old.side, old.price, -old.qty);
        if (old.side, old.price) == (row.side, row.price) && row.qty.0 <= old.qty {
            self.stand(row, old.turn);
            self.levels.change(row.side, row.price, row.qty.0);
        } else {
            self.add(row);
        }
    }

    fn stand(&mut self, row: &OrderRow, turn: u64) {
        self.leave(row.id);
        self.orders.insert(row.id, Resting { side: row.side, price: row.price, qty: row.qty.0, turn });
        self.queue.insert((row.side, row.price.0, turn), row.id);
    }

    fn leave(&mut self, id: i64) {
        if let Some(order) = self.orders.remove(&id) {
            self.queue.remove(&(order.side, order.price.0, order.turn));
        }
    }

    fn take(&mut self, row: &OrderRow, qty: Qty) -> OrderEffect {
        let Some(order) = self.orders.get_mut(&row.id) else {
            self.unknown += 1;
            self.levels.change(row.side, row.price, -qty.0);
            return OrderEffect::Unknown;
        };
        let taken = qty.0.min(order.qty);
        order.qty -= taken;
        let Resting { side, price, qty, .. } = *order;
        if qty <= 0 {
            self.leave(row.id);
        }
        self.levels.change(side, price, -taken);
        OrderEffect::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Time;

    #[test]
    fn who_stands_before_whom() {
        let mut book = OrderBook::default();
        let mut apply = |deed, id, price, qty| {
            let (side, price, qty) = (Side::Sell, Price(price), Qty(qty));
            book.apply(&OrderRow { time: Time(0), venue_time: None, deed, id, side, price, qty, last: true });
            book.would_fill(Side::Buy, Qty(9)).iter().map(|(id, qty)| (*id, qty.0)).collect::<Vec<_>>()
        };
        apply(OrderDeed::Add, 1, 10, 5);
        apply(OrderDeed::Add, 2, 10, 5);
        assert_eq!(apply(OrderDeed::Add, 3, 9, 2), [(3, 2), (1, 5), (2, 2)], "the better price first");
        assert_eq!(apply(OrderDeed::Modify, 1, 10, 4), [(3, 2), (1, 4), (2, 3)], "less keeps its turn");
        assert_eq!(apply(OrderDeed::Modify, 1, 10, 6), [(3, 2), (2, 5), (1, 2)], "more loses it");
        assert_eq!(apply(OrderDeed::Modify, 3, 11, 2), [(2, 5), (1, 4)], "and so does another price");
        assert_eq!(apply(OrderDeed::Execute, 2, 10, 5), [(1, 6), (3, 2)]);
        assert_eq!(apply(OrderDeed::Delete, 1, 10, 0), [(3, 2)]);
        assert_eq!(apply(OrderDeed::Clear, 0, 0, 0), []);
    }
}
