//! The node's own statistics: limits that need figures work without anybody outside, on figures that a hand can
//! check, and refuse when the market falls silent. Time is the test's; waiting is for a fact.

use crate::world::{START, config, name, order, setup};
use journal::MemDisk;
use model::{
    AccountId, AssetId, Because, Command, Event, Input, InputKind, InstrumentId, Limit, LimitKind,
    LimitValue, Mark, Money, Policy, Price, Print, Qty, Rate, Record, Reject, Scope, Setting, Side,
    Statistic, UserId, VenueId,
};
use node::{Client, Config, Cursor, ManualClock, Node, Statistics};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const SECOND_NS: i64 = 1_000_000_000;
const BTC: InstrumentId = InstrumentId(0);
const ALICE: AccountId = AccountId(0);

struct World {
    node: Node<MemDisk>,
    clock: Arc<ManualClock>,
    client: Client<MemDisk>,
    feed: Cursor<MemDisk>,
}

fn settings() -> Statistics {
    Statistics {
        interval_ns: SECOND_NS,
        window: 60,
        returns_min: 20,
        horizon_ns: 4 * SECOND_NS,
        confidence: 0.9,
        every: Duration::from_millis(1),
        silence_max: 3,
        ..Statistics::default()
    }
}

fn start(disk: &MemDisk, clock: &Arc<ManualClock>) -> World {
    let config = Config { statistics: Some(settings()), ..config() };
    let (node, report) = Node::start(disk.clone(), config, Arc::clone(clock)).expect("the node starts");
    let (client, feed) = (node.connect().expect("there is room"), node.subscribe(report.last_seq + 1));
    World { node, clock: Arc::clone(clock), client, feed }
}

fn new() -> (MemDisk, World) {
    let (disk, clock) = (MemDisk::new(), Arc::new(ManualClock::new(START)));
    let mut world = start(&disk, &clock);
    setup().into_iter().for_each(|command| world.take(command));
    (disk, world)
}

impl World {
    fn events(&mut self, command: Command) -> Vec<Event> {
        self.client.call(command).expect("the node runs").events().to_vec()
    }

    fn take(&mut self, command: Command) {
        let events = self.events(command.clone());
        let refused = events.iter().find(|event| matches!(event, Event::CommandRejected { .. }));
        assert_eq!(refused, None, "{command:?}");
    }

    fn limit(&mut self, scope: Scope, kind: LimitKind, value: LimitValue) {
        let limit = Box::new(Limit { scope, kind, value, policy: Policy::Alert });
        self.take(Command::SetLimit { limit, because: because() });
    }

    /// A buy of one lot that may rest.
    fn buy(&mut self, id: &str) -> Option<Reject> {
        self.events(order(0, Side::Buy, 1, 500, id)).iter().find_map(|event| match event {
            Event::OrderRejected { reason, .. } => Some(*reason),
            _ => None,
        })
    }

    /// A second passes, and ends with this mark and trade.
    fn second(&mut self, price: i64) {
        self.clock.advance(SECOND_NS);
        self.take(Command::Mark(Mark { instrument: BTC, price: Price(price) }));
        let (venue, qty) = (VenueId(0), Qty(10));
        self.take(Command::Print(Print { instrument: BTC, venue, price: Price(price + 7), qty }));
    }

    /// The first statistic from now on that is wanted.
    fn await_statistic<T>(&mut self, wanted: impl Fn(&Statistic) -> Option<T>) -> T {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let Some(record) = self.feed.next(PATIENCE).expect("the feed runs") else { continue };
            if let Some(found) = statistic(&record).as_ref().and_then(&wanted) {
                return found;
            }
        }
        panic!("waited too long for a statistic");
    }

    /// Moves time until an order is refused, and answers why.
    fn silence(&mut self) -> Reject {
        for nth in 0..1000 {
            self.clock.advance(2 * SECOND_NS);
            if let Some(reject) = self.buy(&format!("silent{nth}")) {
                return reject;
            }
        }
        panic!("silence must be refused");
    }
}

fn statistic(record: &Record) -> Option<Statistic> {
    match record.stamped.command {
        Command::Statistic(statistic) => Some(statistic),
        _ => None,
    }
}

fn because() -> Because {
    Because { user: UserId(0), reason: name("test") }
}

fn usdt(whole: i128) -> LimitValue {
    LimitValue::Amount { asset: AssetId(0), amount: Money(whole * Money::ONE.0) }
}

/// Forty prices, and what they did.
fn prices() -> Vec<i64> {
    (0..40i64).map(|at| 1000 + (at * 37) % 101).collect()
}

fn returns() -> Vec<f64> {
    prices().windows(2).map(|pair| pair[1] as f64 / pair[0] as f64 - 1.0).collect()
}

fn is_near(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= wanted.abs() * 1e-8
}

#[test]
fn volatility_and_volume_come_by_themselves_and_grow_old_in_silence() {
    let (_disk, mut world) = new();
    let ages = [(InputKind::Price, 1 << 50), (InputKind::Volatility, 10 * SECOND_NS)];
    for (input, ns) in ages {
        world.take(Command::Configure(Setting::AgeMax { input, ns }));
    }
    world.limit(Scope::House, LimitKind::VolatilityScaledSize, LimitValue::Ratio(Rate::ONE));
    world.limit(Scope::Account(ALICE), LimitKind::VolumeShare, LimitValue::Ratio(Rate::ONE));
    prices().into_iter().take(5).for_each(|price| world.second(price));
    let volatility = Input::Volatility(BTC);
    let missing = world.buy("early");
    assert!(matches!(missing, Some(Reject::InputMissing { .. })), "five seconds say nothing: {missing:?}");
    prices().into_iter().skip(5).for_each(|price| world.second(price));
    // One more second begins, so that the fortieth is over.
    world.clock.advance(SECOND_NS);
    let all = returns();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let variance = all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (all.len() - 1) as f64;
    let wanted = variance.sqrt() * 2.0;
    world.await_statistic(|statistic| match statistic {
        Statistic::Volatility { instrument: BTC, value } => {
            is_near(value.0 as f64 / 1e9, wanted).then_some(())
        }
        _ => None,
    });
    // Ten lots a second, four seconds.
    world.await_statistic(|statistic| match statistic {
        Statistic::AverageVolume { instrument: BTC, value: Qty(40) } => Some(()),
        _ => None,
    });
    assert_eq!(world.buy("passes"), None);
    let reject = world.silence();
    assert!(matches!(reject, Reject::InputTooOld { input, .. } if input == volatility), "{reject:?}");
    world.node.shutdown().unwrap();
}

#[test]
fn value_at_risk_is_that_of_what_is_held_and_holds_orders_back() {
    let (disk, mut world) = new();
    world.take(Command::Configure(Setting::AgeMax { input: InputKind::Price, ns: 1 << 50 }));
    for kind in [LimitKind::ValueAtRisk, LimitKind::ExpectedShortfall] {
        let ages = [InputKind::ValueAtRisk, InputKind::ExpectedShortfall];
        for input in ages {
            world.take(Command::Configure(Setting::AgeMax { input, ns: 10 * SECOND_NS }));
        }
        world.limit(Scope::Account(ALICE), kind, usdt(1000));
    }
    let of_alice = |statistic: &Statistic| match statistic {
        Statistic::ValueAtRisk { scope: Scope::Account(ALICE), value, .. } => Some(*value),
        _ => None,
    };
    assert_eq!(world.await_statistic(of_alice), Money::ZERO, "nothing is held, so nothing can be lost");
    world.await_statistic(|statistic| match statistic {
        Statistic::ExpectedShortfall { value: Money::ZERO, .. } => Some(()),
        _ => None,
    });
    world.take(order(1, Side::Sell, 2000, 1000, "sell"));
    let bought = world.events(order(0, Side::Buy, 2000, 1000, "buy"));
    assert!(bought.iter().any(|event| matches!(event, Event::Traded(_))), "{bought:?}");
    prices().into_iter().for_each(|price| world.second(price));
    world.clock.advance(SECOND_NS);
    let last = *prices().last().unwrap();
    // 2000 lots of 0.001 at a hundredth a tick.
    let held = 2.0 * last as f64 / 100.0;
    let mut sorted = returns();
    sorted.sort_by(f64::total_cmp);
    // Of 39 returns a tenth lies below place 38 × 0.1.
    assert_eq!(sorted.len(), 39);
    let quantile = sorted[3] + (sorted[4] - sorted[3]) * 0.8;
    let wanted = -quantile * held * 2.0;
    let near =
        |statistic: &Statistic| of_alice(statistic).filter(|value| is_near(value.0 as f64 / 1e18, wanted));
    world.await_statistic(near);
    world.limit(Scope::Account(ALICE), LimitKind::ValueAtRisk, usdt(0));
    let refused = world.buy("one_more");
    assert!(
        matches!(refused, Some(Reject::LimitReached { kind: LimitKind::ValueAtRisk, .. })),
        "{refused:?}"
    );
    world.limit(Scope::Account(ALICE), LimitKind::ValueAtRisk, usdt(1000));
    assert_eq!(world.buy("again"), None);
    let World { node, clock, client, feed } = world;
    drop((client, feed));
    node.shutdown().unwrap();
    // What was learnt is read back from the journal, without one new price.
    let mut world = start(&disk, &clock);
    world.await_statistic(near);
    let reject = world.silence();
    assert!(matches!(reject, Reject::InputTooOld { .. }), "{reject:?}");
    world.node.shutdown().unwrap();
}

#[test]
fn where_no_limit_asks_nothing_is_said() {
    let (disk, mut world) = new();
    prices().into_iter().for_each(|price| world.second(price));
    world.limit(Scope::House, LimitKind::OpenOrders, LimitValue::Count(9));
    // Many rounds of the thread pass meanwhile.
    (0..2000).for_each(|_| world.take(Command::AdvanceTime));
    assert_eq!(world.node.metrics().statistics.get(), 0);
    assert!(world.node.metrics().trouble().is_none());
    let World { node, client, feed, .. } = world;
    drop((client, feed));
    node.shutdown().unwrap();
    let mut reader = journal::scan(&disk, 1, journal::Check::Crc).unwrap();
    while let Some(found) = reader.next().unwrap() {
        assert_eq!(statistic(&model::decode(found.seq, found.payload).unwrap()), None);
    }
}
