//! The naive book: an ordered map of queues and a hash map of live orders. Simple, correct, and the oracle for
//! every tally. It also steers the flow while the flow is made.

use crate::flow::{Command, Kind, Market, Tally};
use model::Side;
use std::collections::{BTreeMap, HashMap, VecDeque};

#[derive(Default)]
struct Ladders {
    /// By [`Side`].
    levels: [BTreeMap<i64, VecDeque<u64>>; 2],
    orders: [usize; 2],
}

#[derive(Clone, Copy)]
struct Live {
    symbol: u16,
    side: Side,
    price: i64,
    qty: u32,
}

#[derive(Default)]
pub(crate) struct Naive {
    books: Vec<Ladders>,
    live: HashMap<u64, Live>,
    tally: Tally,
}

impl Naive {
    /// Resting orders of a symbol, buys and sells.
    pub fn depth(&self, symbol: usize) -> [usize; 2] {
        self.books[symbol].orders
    }

    pub fn best(&self, symbol: usize, side: Side) -> Option<i64> {
        let levels = &self.books[symbol].levels[side as usize];
        match side {
            Side::Buy => levels.keys().next_back().copied(),
            Side::Sell => levels.keys().next().copied(),
        }
    }

    pub fn is_live(&self, id: u64) -> bool {
        self.live.contains_key(&id)
    }

    /// Side and price of a live order.
    pub fn info(&self, id: u64) -> Option<(Side, i64)> {
        self.live.get(&id).map(|live| (live.side, live.price))
    }

    fn cancel(&mut self, id: u64) -> bool {
        let Some(Live { symbol, side, price, .. }) = self.live.remove(&id) else { return false };
        let book = &mut self.books[symbol as usize];
        let queue = book.levels[side as usize].get_mut(&price).expect("invariant: a live order has a level");
        let at = queue.iter().position(|other| *other == id).expect("invariant: a live order is queued");
        queue.remove(at);
        if queue.is_empty() {
            book.levels[side as usize].remove(&price);
        }
        book.orders[side as usize] -= 1;
        true
    }

    fn enter(&mut self, command: &Command, limit: i64, rest: bool) {
        let mut left = command.qty;
        let makers = command.side.opposite();
        while left > 0 {
            let Some(price) = self.best(command.symbol as usize, makers) else { break };
            let within = match command.side {
                Side::Buy => price <= limit,
                Side::Sell => price >= limit,
            };
            if !within {
                break;
            }
            left = self.take(command, makers, price, left);
        }
        if left > 0 && rest {
            let Command { id, price, symbol, side, .. } = *command;
            let book = &mut self.books[symbol as usize];
            book.levels[side as usize].entry(price).or_default().push_back(id);
            book.orders[side as usize] += 1;
            self.live.insert(id, Live { symbol, side, price, qty: left });
        }
    }

    /// Trades against one level; returns what is left.
    fn take(&mut self, command: &Command, makers: Side, price: i64, mut left: u32) -> u32 {
        let book = &mut self.books[command.symbol as usize];
        let levels = &mut book.levels[makers as usize];
        let queue = levels.get_mut(&price).expect("invariant: the best level exists");
        while left > 0 {
            let Some(&maker) = queue.front() else { break };
            let live = self.live.get_mut(&maker).expect("invariant: a queued order is live");
            let qty = left.min(live.qty);
            left -= qty;
            live.qty -= qty;
            self.tally.trade(command.id, maker, price, u64::from(qty));
            if live.qty == 0 {
                self.live.remove(&maker);
                queue.pop_front();
                book.orders[makers as usize] -= 1;
            }
        }
        if queue.is_empty() {
            levels.remove(&price);
        }
        left
    }
}

impl Market for Naive {
    fn new(symbols: usize, _: usize) -> Self {
        Self { books: (0..symbols).map(|_| Ladders::default()).collect(), ..Self::default() }
    }

    fn apply(&mut self, command: &Command) {
        match command.kind {
            Kind::Limit => self.enter(command, command.price, true),
            Kind::Ioc => self.enter(command, command.price, false),
            Kind::Market => self.enter(command, command.market_limit(), false),
            Kind::Cancel => _ = self.cancel(command.id),
            Kind::Replace => {
                if self.cancel(command.id) {
                    self.enter(command, command.price, true);
                }
            }
        }
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn resting(&self) -> usize {
        self.live.len()
    }
}
