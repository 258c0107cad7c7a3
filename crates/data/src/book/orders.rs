//! A book by single orders. An order that was there before the record began is unknown: what happens to it
//! is taken from the level at its price, and counted.

use super::Levels;
use crate::row::{OrderDeed, OrderRow};
use model::{Level, Price, Qty, Side};
use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub struct OrderBook {
    orders: HashMap<i64, Resting>,
    levels: Levels,
    unknown: u64,
}

#[derive(Clone, Copy, Debug)]
struct Resting {
    side: Side,
    price: Price,
    qty: i64,
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
        self.orders.insert(row.id, Resting { side: row.side, price: row.price, qty: row.qty.0 });
    }

    pub fn apply(&mut self, row: &OrderRow) -> OrderEffect {
        match row.deed {
            OrderDeed::Add => self.add(row),
            OrderDeed::Reduce | OrderDeed::Execute => return self.take(row, row.qty),
            OrderDeed::Delete => {
                let all = self.orders.get(&row.id).map_or(row.qty, |order| Qty(order.qty));
                return self.take(row, all);
            }
            OrderDeed::Modify => {
                let all = self.orders.get(&row.id).map_or(0, |order| order.qty);
                if all > 0 {
                    self.take(row, Qty(all));
                }
                self.add(row);
            }
            OrderDeed::Clear => {
                self.orders.clear();
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

    fn take(&mut self, row: &OrderRow, qty: Qty) -> OrderEffect {
        let Some(order) = self.orders.get_mut(&row.id) else {
            self.unknown += 1;
            self.levels.change(row.side, row.price, -qty.0);
            return OrderEffect::Unknown;
        };
        let taken = qty.0.min(order.qty);
        order.qty -= taken;
        let Resting { side, price, qty } = *order;
        if qty <= 0 {
            self.orders.remove(&row.id);
        }
        self.levels.change(side, price, -taken);
        OrderEffect::Changed
    }
}
