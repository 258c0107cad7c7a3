//! The naive twin: one cash market in ordered maps and plain integers, written from the rules and not from
//! the engine. Price, then time; the maker's price; what an open order needs is locked. Absent: speed.

use model::Side;
use std::collections::{BTreeMap, VecDeque};

/// Worth of one tick of one lot, and fees of it, in 10⁻¹⁸ of the quote asset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    pub tick_lot: i128,
    pub lot: i128,
    pub maker_fee: i128,
    pub taker_fee: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Rests,
    Immediate,
    AllOrNothing,
}

/// An order as it comes in; no price is a market order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub id: u64,
    pub account: usize,
    pub side: Side,
    pub price: Option<i64>,
    pub qty: i64,
    pub life: Life,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Purse {
    pub total: i128,
    pub locked: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trade {
    pub taker: u64,
    pub maker: u64,
    pub price: i64,
    pub qty: i64,
}

#[derive(Clone, Copy, Debug)]
struct Order {
    account: usize,
    side: Side,
    price: i64,
    total: i64,
    left: i64,
}

#[derive(Debug)]
pub(super) struct Twin {
    worth: Worth,
    bids: BTreeMap<i64, VecDeque<u64>>,
    asks: BTreeMap<i64, VecDeque<u64>>,
    orders: BTreeMap<u64, Order>,
    /// Quote and base of each account.
    pub purses: Vec<[Purse; 2]>,
    pub trades: Vec<Trade>,
}

impl Twin {
    pub fn new(worth: Worth, accounts: usize, quote: i128, base: i128) -> Self {
        let purse = [Purse { total: quote, locked: 0 }, Purse { total: base, locked: 0 }];
        Self {
            worth,
            bids: BTreeMap::new(),
            asks: BTreeMap::new(),
            orders: BTreeMap::new(),
            purses: vec![purse; accounts],
            trades: Vec::new(),
        }
    }

    /// Levels of a side, best first: price and quantity.
    pub fn levels(&self, side: Side) -> Vec<(i64, i64)> {
        let sum = |(price, queue): (&i64, &VecDeque<u64>)| {
            (*price, queue.iter().map(|id| self.orders.get(id).map_or(0, |order| order.left)).sum())
        };
        match side {
            Side::Buy => self.bids.iter().rev().map(sum).collect(),
            Side::Sell => self.asks.iter().map(sum).collect(),
        }
    }

    pub fn is_live(&self, id: u64) -> bool {
        self.orders.contains_key(&id)
    }

    pub fn live(&self) -> usize {
        self.orders.len()
    }

    pub fn place(&mut self, asked: &Asked) {
        if !self.can_pay(asked) {
            return;
        }
        if asked.life == Life::AllOrNothing && self.fillable(asked).0 < asked.qty {
            return;
        }
        self.enter(asked, asked.qty);
    }

    pub fn cancel(&mut self, id: u64) {
        self.take_out(id);
    }

    /// A smaller quantity keeps its place; anything else is the order again, behind the others.
    pub fn modify(&mut self, id: u64, total: i64, price: i64) {
        let Some(order) = self.orders.get(&id).copied() else { return };
        let left = total - (order.total - order.left);
        if (total == order.total && price == order.price) || left <= 0 {
            return;
        }
        if price == order.price && left < order.left {
            self.lock(&order, -1);
            let changed = Order { total, left, ..order };
            self.lock(&changed, 1);
            self.orders.insert(id, changed);
            return;
        }
        let asked = Asked {
            id,
            account: order.account,
            side: order.side,
            price: Some(price),
            qty: left,
            life: Life::Rests,
        };
        self.lock(&order, -1);
        let able = self.can_pay(&asked);
        self.lock(&order, 1);
        if able {
            self.take_out(id);
            self.enter(&asked, total);
        }
    }

    fn can_pay(&self, asked: &Asked) -> bool {
        let Some([quote, base]) = self.purses.get(asked.account) else { return false };
        let qty = i128::from(asked.qty);
        match (asked.side, asked.price) {
            (Side::Sell, _) => base.total - base.locked >= qty * self.worth.lot,
            (Side::Buy, Some(price)) => {
                let each = self.worth.tick_lot + self.worth.taker_fee;
                quote.total - quote.locked >= i128::from(price) * qty * each
            }
            (Side::Buy, None) => quote.total - quote.locked >= self.fillable(asked).1,
        }
    }

    /// How much of it the book has now, and what a buyer would pay for that.
    fn fillable(&self, asked: &Asked) -> (i64, i128) {
        let each = self.worth.tick_lot + self.worth.taker_fee;
        let (mut found, mut cost) = (0, 0);
        for (price, qty) in self.levels(asked.side.opposite()) {
            let take = qty.min(asked.qty - found);
            if take == 0 || !within(asked, price) {
                break;
            }
            found += take;
            cost += i128::from(price) * i128::from(take) * each;
        }
        (found, cost)
    }

    fn enter(&mut self, asked: &Asked, total: i64) {
        let mut left = asked.qty;
        while left > 0 {
            let best = match asked.side {
                Side::Buy => self.asks.first_key_value().map(|(price, queue)| (*price, queue.front())),
                Side::Sell => self.bids.last_key_value().map(|(price, queue)| (*price, queue.front())),
            };
            let Some((price, Some(&maker))) = best else { break };
            if !within(asked, price) {
                break;
            }
            left -= self.trade(asked, maker, left);
        }
        if let Some(price) = asked.price
            && left > 0
            && asked.life == Life::Rests
        {
            let order = Order { account: asked.account, side: asked.side, price, total, left };
            self.lock(&order, 1);
            self.orders.insert(asked.id, order);
            self.side(asked.side).entry(price).or_default().push_back(asked.id);
        }
    }

    fn trade(&mut self, asked: &Asked, maker: u64, most: i64) -> i64 {
        let Some(order) = self.orders.get(&maker).copied() else { return most };
        let qty = most.min(order.left);
        self.trades.push(Trade { taker: asked.id, maker, price: order.price, qty });
        self.lock(&order, -1);
        let left = Order { left: order.left - qty, ..order };
        self.lock(&left, 1);
        self.orders.insert(maker, left);
        if left.left == 0 {
            self.take_out(maker);
        }
        let Worth { maker_fee, taker_fee, .. } = self.worth;
        self.pay(order.account, order.side, order.price, qty, maker_fee);
        self.pay(asked.account, asked.side, order.price, qty, taker_fee);
        qty
    }

    fn pay(&mut self, account: usize, side: Side, price: i64, qty: i64, fee: i128) {
        let (sign, worth) = (i128::from(side.sign()), self.worth);
        let count = i128::from(price) * i128::from(qty);
        if let Some([quote, base]) = self.purses.get_mut(account) {
            quote.total -= sign * count * worth.tick_lot + count * fee;
            base.total += sign * i128::from(qty) * worth.lot;
        }
    }

    fn lock(&mut self, order: &Order, sign: i128) {
        let Worth { tick_lot, lot, taker_fee, .. } = self.worth;
        let left = i128::from(order.left);
        if let Some([quote, base]) = self.purses.get_mut(order.account) {
            match order.side {
                Side::Buy => quote.locked += sign * i128::from(order.price) * left * (tick_lot + taker_fee),
                Side::Sell => base.locked += sign * left * lot,
            }
        }
    }

    fn take_out(&mut self, id: u64) {
        let Some(order) = self.orders.remove(&id) else { return };
        self.lock(&order, -1);
        let levels = self.side(order.side);
        if let Some(queue) = levels.get_mut(&order.price) {
            queue.retain(|other| *other != id);
            if queue.is_empty() {
                levels.remove(&order.price);
            }
        }
    }

    fn side(&mut self, side: Side) -> &mut BTreeMap<i64, VecDeque<u64>> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

fn within(asked: &Asked, price: i64) -> bool {
    asked.price.is_none_or(|limit| match asked.side {
        Side::Buy => limit >= price,
        Side::Sell => limit <= price,
    })
}
