//! Fill-or-kill is all or nothing, in every mode of self-trade prevention, against books of plain, hidden,
//! iceberg, reduce-only, grouped and own orders; and it fills wherever a plain walk through the book says so.
//! `BOOKS=1000000 cargo test --profile ci -p tests all_or_nothing` looks at a million books.

use super::floor::Floor;
use journal::Rng;
use model::{
    AccountId, AssetId, CancelCause, Command, Event, InstrumentId, NewGroup, NewOrder, OrderFilter, OrderId,
    OrderType, Price, Qty, SelfTrade, Side, TimeInForce, Traded, Transfer,
};
use std::collections::{BTreeMap, BTreeSet};
use tests::sim::setup;

const SPOT: InstrumentId = InstrumentId(0);
/// One market serves so many books, until positions and purses have drifted.
const BOOKS_A_MARKET: u64 = 100;
const MODES: [Option<SelfTrade>; 5] = [
    None,
    Some(SelfTrade::CancelNewest),
    Some(SelfTrade::CancelOldest),
    Some(SelfTrade::CancelBoth),
    Some(SelfTrade::Decrement),
];

/// An order in the book as a plain walk sees it.
#[derive(Clone, Copy, Debug)]
struct Standing {
    id: OrderId,
    account: AccountId,
    price: Price,
    hidden: bool,
    shown: i64,
    left: i64,
    reduce_only: bool,
}

struct Books {
    rng: Rng,
    floor: Floor,
    /// Of the orders of this book: what icebergs show, and the other leg of a pair.
    displays: BTreeMap<OrderId, i64>,
    pairs: BTreeMap<OrderId, OrderId>,
    filled: u64,
    killed: u64,
}

impl Books {
    fn new(seed: u64) -> Self {
        let (displays, pairs) = (BTreeMap::new(), BTreeMap::new());
        Self { rng: Rng::new(seed), floor: market(), displays, pairs, filled: 0, killed: 0 }
    }

    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap_or(0)
    }

    fn account(&mut self) -> AccountId {
        AccountId([0, 1, 3, 4][self.rng.below(4)])
    }

    /// Lays orders on one side.
    fn lay(&mut self, side: Side) {
        self.displays.clear();
        self.pairs.clear();
        for _ in 0..2 + self.rng.below(7) {
            let order = self.standing(side);
            let display = match order.kind {
                OrderType::Iceberg { display, .. } => display.0,
                _ => i64::MAX,
            };
            if self.rng.below(8) > 0 {
                let events = self.floor.apply(Command::PlaceOrder(order));
                let ids = accepted(events);
                self.displays.extend(ids.into_iter().map(|id| (id, display)));
                continue;
            }
            let second = NewOrder { kind: OrderType::Limit { price: self.price(side) }, ..order.clone() };
            let pair = NewGroup::Oco { first: Box::new(order), second: Box::new(second) };
            let events = self.floor.apply(Command::PlaceGroup(Box::new(pair)));
            if let [first, second] = accepted(events)[..] {
                self.displays.extend([(first, display), (second, i64::MAX)]);
                self.pairs.extend([(first, second), (second, first)]);
            }
        }
    }

    fn standing(&mut self, side: Side) -> NewOrder {
        let (account, price) = (self.account(), self.price(side));
        let kind = match self.rng.below(6) {
            0 => OrderType::Hidden { price },
            1 | 2 => OrderType::Iceberg { price, display: Qty(1 + self.number(3)) },
            _ => OrderType::Limit { price },
        };
        let mut order = NewOrder::new(account, SPOT, side, Qty(1 + self.number(6)), kind);
        order.reduce_only = account.0 >= 3 && self.rng.below(3) == 0;
        order
    }

    fn price(&mut self, side: Side) -> Price {
        Price(100 - side.sign() * self.number(4))
    }

    fn fill_or_kill(&mut self, side: Side) -> NewOrder {
        let price = Price(100 + side.sign() * self.number(4));
        let kind = if self.rng.below(5) == 0 { OrderType::Market } else { OrderType::Limit { price } };
        let mut order = NewOrder::new(self.account(), SPOT, side, Qty(1 + self.number(16)), kind);
        order.time_in_force = TimeInForce::Fok;
        order.self_trade = MODES[self.rng.below(MODES.len())];
        order.reduce_only = order.account.0 >= 3 && self.rng.below(6) == 0;
        order
    }

    fn book(&self, side: Side) -> Vec<Standing> {
        let standing = self.floor.engine.queue(SPOT, side).map(|order| {
            let display = self.displays.get(&order.id).copied().unwrap_or(i64::MAX);
            Standing {
                id: order.id,
                account: order.account,
                price: order.price.unwrap(),
                hidden: order.hidden,
                shown: order.left.0.min(display),
                left: order.left.0,
                reduce_only: order.reduce_only,
            }
        });
        standing.collect()
    }

    /// What the order would get of `book`, walked through in the plainest way; for `sure`, were all reduce-only
    /// orders and second legs gone when their turn comes.
    fn walk(&self, order: &NewOrder, mut book: Vec<Standing>, qty: i64, sure: bool) -> i64 {
        let (mut left, mut met) = (qty, BTreeSet::new());
        while left > 0 && !book.is_empty() {
            let mut front = book.remove(0);
            if order.kind.limit().is_some_and(|limit| !order.side.reaches(limit, front.price)) {
                break;
            }
            if order.self_trade.is_some() && front.account == order.account {
                if order.self_trade == Some(SelfTrade::CancelOldest) {
                    let pair = self.pairs.get(&front.id);
                    book.retain(|other| Some(&other.id) != pair);
                    continue;
                }
                break;
            }
            let second = self.pairs.get(&front.id).is_some_and(|pair| met.contains(pair));
            if sure && (front.reduce_only || second) {
                continue;
            }
            met.insert(front.id);
            let trade = left.min(front.shown);
            left -= trade;
            front.left -= trade;
            if let Some(pair) = self.pairs.get(&front.id) {
                book.iter_mut().filter(|other| other.id == *pair).for_each(|other| lose(other, trade));
                book.retain(|other| other.left > 0);
            }
            if front.left > 0 {
                front.shown = front.left.min(self.displays.get(&front.id).copied().unwrap_or(i64::MAX));
                let behind = |other: &Standing| (other.price, other.hidden) == (front.price, front.hidden);
                let place = book.iter().take_while(|other| behind(other)).count();
                book.insert(place, front);
            }
        }
        qty - left
    }

    /// One book, one order.
    fn look(&mut self) -> Result<(), String> {
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        self.lay(side.opposite());
        let order = self.fill_or_kill(side);
        let book = self.book(side.opposite());
        let events = self.floor.apply(Command::PlaceOrder(order.clone())).to_vec();
        let said = || format!("{order:?} against {book:#?} brought {events:#?}");
        let trades = events.iter().filter_map(traded);
        let got: i64 = trades.clone().map(|trade| trade.qty.0).sum();
        let own = trades.clone().filter(|trade| trade.maker.account == trade.taker.account).count();
        if own > 0 && order.self_trade.is_some() {
            return Err(format!("trades with itself: {}", said()));
        }
        let Some(Event::OrderAccepted(taken)) = events.first() else {
            return if events.len() == 1 { Ok(()) } else { Err(said()) };
        };
        let qty = taken.qty.0;
        let killed =
            matches!(events.get(1), Some(Event::OrderCancelled { cause: CancelCause::NotAllFillable, .. }));
        self.killed += u64::from(killed);
        self.filled += u64::from(!killed);
        if killed && (events.len() > 2 || self.walk(&order, book.clone(), qty, true) == qty) {
            return Err(format!("killed, and could be filled: {}", said()));
        }
        if !killed && (got != qty || self.walk(&order, book.clone(), qty, false) < qty) {
            return Err(format!("{got} of {qty} filled: {}", said()));
        }
        Ok(())
    }
}

fn lose(order: &mut Standing, qty: i64) {
    order.left -= qty;
    let hidden = order.left + qty - order.shown;
    order.shown -= (qty - hidden).max(0);
}

fn accepted(events: &[Event]) -> Vec<OrderId> {
    let accepted = events.iter().filter_map(|event| match event {
        Event::OrderAccepted(order) => Some(order.order),
        _ => None,
    });
    accepted.collect()
}

fn traded(event: &Event) -> Option<&Traded> {
    match event {
        Event::Traded(trade) => Some(trade),
        _ => None,
    }
}

/// Two margin accounts with positions against each other, for there to be something to reduce.
fn market() -> Floor {
    let mut floor = Floor::new();
    for account in [0, 1, 3, 4].map(AccountId) {
        let (asset, amount) = (AssetId(0), setup::units(1_000_000));
        floor.apply(Command::Deposit(Transfer { account, asset, amount, reference: None }));
    }
    for (account, side) in [(3, Side::Buy), (4, Side::Sell)] {
        let kind = OrderType::Limit { price: Price(100) };
        let order = NewOrder::new(AccountId(account), SPOT, side, Qty(20), kind);
        floor.apply(Command::PlaceOrder(order));
    }
    floor
}

#[test]
fn fill_or_kill_is_all_or_nothing_in_every_mode() {
    let asked = std::env::var("BOOKS").ok().and_then(|count| count.parse().ok());
    let mut books = Books::new(19);
    let count: u64 = asked.unwrap_or(20_000);
    for at in 0..count {
        if at % BOOKS_A_MARKET == 0 {
            books.floor = market();
        }
        books.look().unwrap_or_else(|wrong| panic!("book {at}: {wrong}"));
        books.floor.check().unwrap_or_else(|wrong| panic!("book {at}: {wrong}"));
        books.floor.apply(Command::CancelMany(OrderFilter::default()));
    }
    assert!(books.filled > count / 10 && books.killed > count / 10, "{} {}", books.filled, books.killed);
}
