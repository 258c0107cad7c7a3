//! Smart routing against the plainest router there is: it sorts every level that is shown at any venue by what a
//! lot costs there, fees and all, and takes them in turn. Random books of limit, hidden and iceberg orders on two to
//! five venues, one of them dark at times; every order also on an engine restored in between.

use engine::Engine;
use journal::Rng;
use model::line::{Line, OrderNames, parse};
use model::{
    AccountId, AssetId, Changes, Command, Directory, Event, InstrumentId, InstrumentState, ModifyOrder,
    Money, NewOrder, OrderId, OrderRef, OrderType, Price, Qty, Route, RoutePlan, SelfTrade, Side, Stamped,
    Time, TimeInForce, Transfer,
};
use std::collections::BTreeMap;

const ALICE: AccountId = AccountId(0);
/// What a lot comes to at a price of one tick.
const VALUE: i128 = 1_000_000_000_000;

/// A market as the plain router knows it.
#[derive(Clone, Copy, Debug)]
struct Market {
    at: InstrumentId,
    dark: bool,
    /// In parts of 10,000.
    taker: i128,
}

struct Floor {
    engine: Engine,
    rng: Rng,
    markets: Vec<Market>,
}

/// What came of one order.
#[derive(Debug, Default)]
struct Came {
    /// What each lot cost, and how many cost that; cheapest first.
    lots: Vec<(i128, i64)>,
    filled: i64,
    asked: i64,
    worst: Option<i64>,
    parents: i64,
}

impl Floor {
    fn new(seed: u64) -> Self {
        let mut floor = Self { engine: Engine::new(), rng: Rng::new(seed), markets: Vec::new() };
        let mut script = include_str!("../../scenarios/setup/spot.txt").to_owned();
        let own = Market { at: InstrumentId(0), dark: false, taker: 0 };
        floor.markets.push(own);
        for at in 1..2 + u32::try_from(floor.rng.below(4)).unwrap() {
            let dark = floor.rng.below(4) == 0;
            let (taker, kind) = (floor.number(300), if dark { "dark" } else { "own" });
            let maker = if floor.rng.coin() { 0 } else { -taker.min(5) };
            script
                .push_str(&format!("venue v{at} {kind}\nlist BTC-{at} spot BTC/USDT tick 0.01 lot 0.0001 "));
            script.push_str(&format!("taker {} maker {} venue v{at}\n", rate(taker), rate(maker)));
            floor.markets.push(Market { at: InstrumentId(at), dark, taker: taker.into() });
        }
        let (mut directory, names) = (Directory::default(), OrderNames::default());
        for line in script.lines() {
            if let Some(Line::Command(command)) = parse(line, &directory, &names).unwrap() {
                floor.apply(command).iter().for_each(|event| directory.learn(event));
            }
        }
        floor
    }

    fn apply(&mut self, command: Command) -> Vec<Event> {
        let (mut events, mut again) = (Vec::new(), Vec::new());
        let stamped = Stamped { seq: self.engine.seq() + 1, time: Time(1), command };
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        let mut restored = Engine::restore(&bytes).unwrap();
        self.engine.apply(&stamped, &mut events);
        restored.apply(&stamped, &mut again);
        assert_eq!(events, again);
        assert_eq!(self.engine.digest(), restored.digest());
        self.engine.check().unwrap_or_else(|wrong| panic!("{wrong}: {stamped:?} {events:?}"));
        events
    }

    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap()
    }

    fn side(&mut self) -> Side {
        if self.rng.coin() { Side::Buy } else { Side::Sell }
    }

    fn market(&mut self) -> Market {
        self.markets[self.rng.below(self.markets.len())]
    }

    /// Bids below 100 and offers above, most of them, by those that are not alice.
    fn fill_books(&mut self) {
        for _ in 0..5 + self.rng.below(40) {
            let (side, market) = (self.side(), self.market());
            let price = Price(100 - side.sign() * (self.number(12) - 2));
            let kind = match self.rng.below(8) {
                0 => OrderType::Hidden { price },
                1 => OrderType::Iceberg { price, display: Qty(1 + self.number(3)) },
                _ => OrderType::Limit { price },
            };
            let account = AccountId(1 + u32::try_from(self.rng.below(2)).unwrap());
            let qty = Qty(1 + self.number(12));
            self.apply(Command::PlaceOrder(NewOrder::new(account, market.at, side, qty, kind)));
        }
    }

    fn routed(&mut self, time_in_force: TimeInForce) -> NewOrder {
        let side = self.side();
        let price = Price(100 + side.sign() * (self.number(14) - 2));
        let kind = if self.rng.below(5) == 0 { OrderType::Market } else { OrderType::Limit { price } };
        let named = self.market().at;
        let order = NewOrder::new(ALICE, named, side, Qty(1 + self.number(60)), kind);
        let plan = if self.rng.coin() { RoutePlan::Spray } else { RoutePlan::Sequential };
        NewOrder { time_in_force, route: Route::Smart(plan), ..order }
    }

    /// What every lot would cost that is shown within the limit, or that is there; cheapest first.
    fn plain(&self, order: &NewOrder, shown: bool) -> Vec<(i128, i64)> {
        let (mut lots, against) = (Vec::new(), order.side.opposite());
        let within = |price: Price| order.kind.limit().is_none_or(|limit| order.side.reaches(limit, price));
        for market in &self.markets {
            let levels: Vec<(Price, Qty)> = match shown {
                true => self.engine.levels(market.at, against).map(|at| (at.price, at.qty)).collect(),
                false => {
                    let all = self.engine.queue(market.at, against);
                    all.filter_map(|order| Some((order.price?, order.left))).collect()
                }
            };
            assert!(!(shown && market.dark) || levels.is_empty());
            for (price, qty) in levels.into_iter().filter(|(price, _)| within(*price)) {
                let cost = i128::from(order.side.sign() * price.0) * VALUE;
                lots.push((cost + i128::from(price.0) * VALUE * market.taker / 10_000, qty.0));
            }
        }
        lots.sort_unstable();
        lots
    }

    /// Alice's money.
    fn money(&self) -> i128 {
        self.engine.balance(ALICE, AssetId(0)).map_or(Money::ZERO, |at| at.total).0
    }
}

fn rate(parts: i64) -> String {
    let sign = if parts < 0 { "-" } else { "" };
    format!("{sign}0.{:04}", parts.abs())
}

/// What the first so many lots cost.
fn cost_of(lots: &[(i128, i64)], mut count: i64) -> i128 {
    let mut cost = 0;
    for &(each, qty) in lots {
        let take = qty.min(count);
        (cost, count) = (cost + each * i128::from(take), count - take);
    }
    assert_eq!(count, 0, "there are not so many");
    cost
}

fn count(lots: &[(i128, i64)]) -> i64 {
    lots.iter().map(|lot| lot.1).sum()
}

fn came(order: &NewOrder, events: &[Event]) -> Came {
    let mut came = Came::default();
    for event in events {
        match event {
            Event::Traded(traded) if traded.taker.account == ALICE => {
                let sign = i128::from(order.side.sign());
                let cost = sign * i128::from(traded.price.0 * traded.qty.0) * VALUE + traded.taker.fee.0;
                came.lots.push((cost / i128::from(traded.qty.0), traded.qty.0));
                came.filled += traded.qty.0;
                let worst = traded.price.0 * order.side.sign();
                came.worst = Some(came.worst.map_or(worst, |before| before.max(worst)));
            }
            Event::AlgoSliced { qty, .. } => came.asked += qty.0,
            Event::AlgoEnded { done, .. } => came.parents += done.0,
            _ => {}
        }
    }
    came.lots.sort_unstable();
    came
}

/// Never dearer than the plain router, lot for lot, and never beyond the limit.
fn is_best(order: &NewOrder, came: &Came, plain: &[(i128, i64)]) {
    let both = count(plain).min(order.qty.0);
    assert!(came.filled >= both, "{came:?} of {plain:?} for {order:?}");
    let (ours, theirs) = (cost_of(&came.lots, both), cost_of(plain, both));
    assert!(ours <= theirs, "{ours} is dearer than {theirs}: {came:?}, {plain:?}, {order:?}");
    let limit = order.kind.limit().map(|limit| limit.0 * order.side.sign());
    assert!(limit.is_none_or(|limit| came.worst.is_none_or(|worst| worst <= limit)), "{came:?} {order:?}");
}

#[test]
fn no_displayed_lot_could_have_been_cheaper() {
    let (mut filled, mut several) = (0, 0);
    for seed in 0..400 {
        let mut floor = Floor::new(seed);
        for _ in 0..4 {
            floor.fill_books();
            let order = floor.routed(TimeInForce::Ioc);
            let plain = floor.plain(&order, true);
            let before = floor.money();
            let events = floor.apply(Command::PlaceOrder(order.clone()));
            let came = came(&order, &events);
            is_best(&order, &came, &plain);
            assert_eq!((came.filled, came.filled), (came.parents, came.asked), "{events:?}");
            // What was paid is what the lots cost.
            assert_eq!(before - floor.money(), cost_of(&came.lots, came.filled));
            // Whatever is left of an order is left because nothing is there any more.
            assert!(came.filled == order.qty.0 || floor.plain(&order, false).is_empty(), "{events:?}");
            filled += came.filled;
            let chosen = events.iter().filter(|event| matches!(event, Event::RouteChosen { .. })).count();
            several += i64::from(chosen > 1);
        }
    }
    assert!(filled > 10_000 && several > 500, "{filled} lots, {several} orders in several parts");
}

#[test]
fn all_or_nothing_is_all_wherever_it_lies_or_nothing() {
    let (mut all, mut nothing) = (0, 0);
    for seed in 0..400 {
        let mut floor = Floor::new(seed);
        for _ in 0..4 {
            floor.fill_books();
            let order = floor.routed(TimeInForce::Fok);
            let there = count(&floor.plain(&order, false));
            let plain = floor.plain(&order, true);
            let events = floor.apply(Command::PlaceOrder(order.clone()));
            let came = came(&order, &events);
            if there >= order.qty.0 {
                assert_eq!(came.filled, order.qty.0, "{events:?}");
                is_best(&order, &came, &plain);
                all += 1;
            } else {
                assert_eq!((came.filled, came.asked), (0, 0), "{events:?}");
                nothing += 1;
            }
        }
    }
    assert!(all > 200 && nothing > 200, "{all} were filled, {nothing} were not");
}

/// With money for a part of it only, and own orders in the way, it is still all of it or nothing.
#[test]
fn all_or_nothing_is_so_without_money_and_among_own_orders() {
    let (mut all, mut nothing) = (0, 0);
    for seed in 0..600 {
        let mut floor = Floor::new(seed);
        let spare = Money(i128::from(floor.number(4_000)) * VALUE);
        let amount = Money(floor.money() - spare.0);
        let transfer = Transfer { account: ALICE, asset: AssetId(0), amount, reference: None };
        floor.apply(Command::Withdraw(transfer));
        floor.fill_books();
        for _ in 0..floor.rng.below(4) {
            let (market, price) = (floor.market().at, Price(100 + floor.number(8)));
            let kind = OrderType::Limit { price };
            floor.apply(Command::PlaceOrder(NewOrder::new(ALICE, market, Side::Sell, Qty(3), kind)));
        }
        let modes = [SelfTrade::CancelNewest, SelfTrade::CancelOldest, SelfTrade::CancelBoth];
        let mut order = floor.routed(TimeInForce::Fok);
        order.side = Side::Buy;
        order.self_trade = Some(modes[floor.rng.below(3)]);
        let events = floor.apply(Command::PlaceOrder(order.clone()));
        let came = came(&order, &events);
        assert!(came.filled == 0 || came.filled == order.qty.0, "{order:?} {events:?}");
        assert_eq!(came.filled, came.asked, "{events:?}");
        (all, nothing) = (all + i64::from(came.filled > 0), nothing + i64::from(came.filled == 0));
    }
    assert!(all > 60 && nothing > 60, "{all} were filled, {nothing} were not");
}

/// Orders that stand are changed, cancelled, traded with and halted at random; their parts sum to them, which the
/// engine's own check says after every command, and here from outside.
#[test]
fn parts_sum_to_the_whole_through_everything() {
    let (mut stood, mut rerouted, mut done) = (0, 0, 0);
    for seed in 0..300 {
        let mut floor = Floor::new(seed);
        let mut whole: BTreeMap<OrderId, i64> = BTreeMap::new();
        let mut parent_of: BTreeMap<OrderId, OrderId> = BTreeMap::new();
        let mut algos = BTreeMap::new();
        for _ in 0..40 {
            let command = random_command(&mut floor, &whole);
            let events = floor.apply(command);
            for event in &events {
                match event {
                    Event::AlgoStarted { algo, parent } => {
                        algos.insert(*algo, *parent);
                        whole.insert(*parent, 0);
                    }
                    Event::AlgoSliced { algo, child, .. } => {
                        parent_of.insert(*child, algos[algo]);
                    }
                    Event::Traded(traded) => {
                        for order in [traded.taker.order, traded.maker.order] {
                            if let Some(parent) = parent_of.get(&order) {
                                *whole.get_mut(parent).unwrap() += traded.qty.0;
                            }
                        }
                    }
                    Event::AlgoEnded { algo, done: said } => {
                        assert_eq!(whole.remove(&algos[algo]), Some(said.0));
                        done += 1;
                    }
                    Event::RouteChosen { why, .. } => rerouted += i64::from(why.as_str() == "reroute"),
                    _ => {}
                }
            }
            for (parent, filled) in &whole {
                let view = floor.engine.order(*parent).expect("a whole lives as long as its algo");
                let parts = parent_of.iter().filter(|(_, of)| *of == parent);
                let out: i64 =
                    parts.filter_map(|(part, _)| floor.engine.order(*part)).map(|part| part.left.0).sum();
                assert_eq!((view.left.0, view.qty.0 - view.left.0), (out, *filled), "{events:?}");
                stood += 1;
            }
        }
    }
    assert!(stood > 1_000 && rerouted > 50 && done > 300, "{stood} {rerouted} {done}");
}

fn random_command(floor: &mut Floor, whole: &BTreeMap<OrderId, i64>) -> Command {
    let known: Vec<OrderId> = whole.keys().copied().collect();
    let at = floor.rng.below(known.len().max(1));
    let order = OrderRef::Id(known.get(at).copied().unwrap_or(OrderId(0)));
    match floor.rng.below(20) {
        0..5 => {
            let (side, market) = (floor.side(), floor.market());
            let kind = OrderType::Limit { price: Price(100 - side.sign() * (floor.number(12) - 4)) };
            Command::PlaceOrder(NewOrder::new(AccountId(1), market.at, side, Qty(1 + floor.number(9)), kind))
        }
        5..11 => {
            let times =
                [TimeInForce::Gtc, TimeInForce::Gtc, TimeInForce::Day, TimeInForce::Ioc, TimeInForce::Fok];
            let time = times[floor.rng.below(times.len())];
            let modes = [None, None, Some(SelfTrade::Decrement), Some(SelfTrade::CancelOldest)];
            let self_trade = modes[floor.rng.below(modes.len())];
            Command::PlaceOrder(NewOrder { self_trade, ..floor.routed(time) })
        }
        11..15 => {
            let qty = floor.rng.coin().then(|| Qty(1 + floor.number(60)));
            let price = floor.rng.coin().then(|| Price(92 + floor.number(16)));
            let changes = Changes { qty, price, ..Changes::default() };
            Command::ModifyOrder(ModifyOrder { account: ALICE, order, changes })
        }
        15 => Command::CancelOrder(model::CancelOrder { account: ALICE, order }),
        kind => {
            let instrument = floor.market().at;
            let state = match kind {
                16 => InstrumentState::Halted,
                17 => InstrumentState::Closed,
                _ => InstrumentState::Trading,
            };
            Command::SetInstrumentState { instrument, state }
        }
    }
}
