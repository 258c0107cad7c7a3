//! What one price sets in motion ends, in the same command or, where it is long, in those after it, each at most
//! so many steps; and every order that was set off was reached by a price. Orders in line can be cancelled and
//! changed like others, and a restored engine goes on with the same line.

use super::draw::{Mix, legs};
use super::floor::{Floor, Tally, Watcher, run, seeds};
use engine::OrderView;
use journal::Rng;
use model::{
    AccountId, CancelOrder, Changes, Command, Condition, Event, InstrumentId, ModifyOrder, NewOrder,
    OrderFilter, OrderId, OrderRef, OrderStatus, OrderType, Price, Print, Qty, Side, Time, TimeInForce,
    Trigger, TriggerSource, VenueId,
};
use std::collections::BTreeMap;

const FUTURE: InstrumentId = InstrumentId(2);
const TRADER: AccountId = AccountId(4);
/// Steps that one command may set off.
const STEPS_MAX: usize = 1024;

fn print(price: i64) -> Command {
    Command::Print(Print { instrument: FUTURE, venue: VenueId(0), price: Price(price), qty: Qty(1) })
}

fn stop(price: i64) -> NewOrder {
    let trigger = Trigger { price: Price(price), source: TriggerSource::Last };
    NewOrder::new(TRADER, FUTURE, Side::Sell, Qty(1), OrderType::Stop { trigger })
}

fn triggered(events: &[Event]) -> Vec<OrderId> {
    let triggered = events.iter().filter_map(|event| match event {
        Event::OrderTriggered { order, .. } => Some(*order),
        _ => None,
    });
    triggered.collect()
}

/// Lays so many stops at some prices below the market, and gives them in the order in which a fall sets them off.
fn lay(floor: &mut Floor, count: i64) -> Vec<OrderId> {
    floor.apply(print(1_000));
    let mut stops = Vec::new();
    for at in 0..count {
        let price = 900 - at * 7 % 50;
        let Some(Event::OrderAccepted(accepted)) = floor.apply(Command::PlaceOrder(stop(price))).first()
        else {
            panic!("not accepted: {:?}", floor.events);
        };
        stops.push((-price, accepted.order));
    }
    stops.sort_unstable();
    stops.into_iter().map(|(_, order)| order).collect()
}

#[test]
fn a_long_cascade_goes_on_with_the_next_commands() {
    let mut floor = Floor::new();
    let expected = lay(&mut floor, 5_000);
    let mut came = triggered(floor.apply(print(800)));
    let mut commands = 1;
    while floor.engine.next_due() == Some(floor.time) {
        floor.restart().unwrap();
        let step = triggered(floor.apply(Command::AdvanceTime));
        floor.check().unwrap();
        assert!(step.len() <= STEPS_MAX);
        came.extend(step);
        commands += 1;
    }
    assert_eq!((came.len(), commands), (5_000, 5));
    assert_eq!(came, expected, "nearest price first, then oldest");
    assert_eq!(floor.engine.order_count(), 0);
}

/// Orders beside the stops that wait for a moment, or for the end of one of them.
fn lay_conditions(floor: &mut Floor, stops: &[OrderId], moment: Time) -> Vec<OrderId> {
    let mut placed = Vec::new();
    for (at, awaited) in stops.iter().take(600).enumerate() {
        let condition = if at % 2 == 0 {
            Condition::At { time: moment }
        } else {
            Condition::Order { order: *awaited, status: OrderStatus::Cancelled }
        };
        let order = NewOrder { condition: Some(condition), ..stop(700) };
        if let Some(Event::OrderAccepted(order)) = floor.apply(Command::PlaceOrder(order)).first() {
            placed.push(order.order);
        }
    }
    placed
}

/// A cancel or a change of an order that may stand in line.
fn meddle(rng: &mut Rng, order: OrderId, later: Time) -> Command {
    let (account, order) = (TRADER, OrderRef::Id(order));
    let changes = match rng.below(4) {
        0 => return Command::CancelOrder(CancelOrder { account, order }),
        1 => Changes { qty: Some(Qty(2)), ..Changes::default() },
        2 => Changes { trigger: Some(Price(600)), ..Changes::default() },
        _ => Changes { time_in_force: Some(TimeInForce::Gtd(later)), ..Changes::default() },
    };
    Command::ModifyOrder(ModifyOrder { account, order, changes })
}

/// Orders in line for a price, a moment or another order are cancelled and changed while they stand there. One
/// that is given another price waits for that.
#[test]
fn a_line_of_orders_can_be_worked_on() {
    for seed in seeds(12) {
        let (mut rng, mut floor) = (Rng::new(seed), Floor::new());
        let mut line = lay(&mut floor, 4_000);
        let moment = floor.time.saturating_add_ns(5);
        let conditions = lay_conditions(&mut floor, &line, moment);
        line.extend(conditions);
        floor.apply(print(800));
        floor.time = moment;
        while floor.engine.next_due().is_some_and(|due| due <= floor.time) {
            if rng.coin() {
                floor.restart().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
            }
            let order = line[2_500 + rng.below(2_100)];
            let command = meddle(&mut rng, order, moment.saturating_add_ns(5));
            floor.apply(command.clone());
            let checked = floor.check().and_then(|()| floor.check_twin());
            checked.unwrap_or_else(|wrong| panic!("seed {seed}: {wrong} after {command:?}"));
            for order in triggered(&floor.events) {
                let moved = floor.events.iter().any(|event| match event {
                    Event::OrderModified { order: moved, changes, .. } => {
                        *moved == order && changes.trigger.is_some()
                    }
                    _ => false,
                });
                assert!(!moved, "seed {seed}: {order} was set off after {command:?}");
            }
        }
        let held = floor.engine.open_orders(&OrderFilter::default());
        let waits = |order: &OrderView| order.trigger.is_some_and(|price| price.0 <= 700);
        assert!(held.iter().all(waits), "seed {seed}: {held:?}");
    }
}

/// What sets off an order: the price of its trigger, or of its condition, and the way there.
#[derive(Clone, Copy, Debug)]
struct Reach {
    rise: bool,
    price: Price,
}

/// Every price that sets off an order has reached what the order waits for.
#[derive(Default)]
struct Reached(BTreeMap<OrderId, Vec<Reach>>);

impl Reached {
    fn learn(&mut self, id: OrderId, order: &NewOrder) {
        let buys = order.side == Side::Buy;
        let trigger = match &order.kind {
            OrderType::Stop { trigger } | OrderType::StopLimit { trigger, .. } => Some((buys, trigger)),
            OrderType::MarketIfTouched { trigger } | OrderType::LimitIfTouched { trigger, .. } => {
                Some((!buys, trigger))
            }
            _ => return,
        };
        let condition = match order.condition {
            Some(Condition::Above { price, .. }) => Some(Reach { rise: true, price }),
            Some(Condition::Below { price, .. }) => Some(Reach { rise: false, price }),
            _ => None,
        };
        let trigger = trigger.map(|(rise, trigger)| Reach { rise, price: trigger.price });
        self.0.insert(id, trigger.into_iter().chain(condition).collect());
    }

    fn check(&self, id: OrderId, price: Price) -> Result<(), String> {
        let Some(waits) = self.0.get(&id) else { return Ok(()) };
        let reached = |reach: &Reach| if reach.rise { price >= reach.price } else { price <= reach.price };
        if waits.iter().any(reached) {
            Ok(())
        } else {
            Err(format!("{id} was set off by {price:?}: {waits:?}"))
        }
    }
}

impl Watcher for Reached {
    fn see(&mut self, floor: &Floor, command: &Command) -> Result<(), String> {
        let mut placed = legs(command).into_iter();
        for event in &floor.events {
            match event {
                Event::OrderAccepted(accepted) => {
                    if let Some(order) = placed.next() {
                        self.learn(accepted.order, order);
                    }
                }
                Event::OrderModified { order, changes, .. } => {
                    let first = self.0.get_mut(order).and_then(|waits| waits.first_mut());
                    if let (Some(reach), Some(price)) = (first, changes.trigger) {
                        reach.price = price;
                    }
                }
                Event::OrderTriggered { order, price } => self.check(*order, *price)?,
                _ => {}
            }
        }
        self.0.retain(|id, _| floor.engine.order(*id).is_some());
        Ok(())
    }
}

#[test]
fn every_order_that_was_set_off_was_reached() {
    let mut tally = Tally::default();
    for seed in seeds(40) {
        let watched = run(4_000 + seed, 600, Mix::ALL, &mut Reached::default(), &mut tally);
        watched.unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    assert!(tally.triggered > 300, "{tally:?}");
}
