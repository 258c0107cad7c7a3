//! Clients race for the last unit of a limit: of each of the kinds, with four clients at once on a real node, just
//! as many orders are let in as the limit has room for, never one more.

use super::desk::{Desk, is_refusal};
use model::{AccountId, Command, Event, OrderFilter};
use std::collections::BTreeSet;
use std::sync::Barrier;

const CLIENTS: usize = 4;
/// Of each client in a round.
const ORDERS: usize = 25;
/// Together two thousand orders race for each kind.
const ROUNDS: usize = 20;
const ALL: usize = CLIENTS * ORDERS;

const WORLD: &str = "\
asset USD
asset OIL
asset GAS
list OIL-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
list GAS-F future GAS/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
user ann
account mary of ann margin USD
account mike of ann margin USD
deposit mary 10000 USD
deposit mike 100000 USD
set age_max_ns price 3600000000000000";

/// Said before each round.
const ROUND: &[&str] = &[
    "mark OIL-F 100",
    "mark GAS-F 100",
    "statistic volatility OIL-F 0.1",
    "statistic average_volume OIL-F 1000",
    "statistic value_at_risk house USD 501",
    "statistic expected_shortfall house USD 501",
];

/// Ten lots are worth a thousand, a tenth of what mary has.
const PLAIN: &str = "buy mary 10 OIL-F @ 100 confidence 0.9";
const LARGER: &str = "buy mary 11 OIL-F @ 100 confidence 0.9";

/// A limit at the house, two orders that take turns, and how many of a round pass.
const KINDS: &[(&str, [&str; 2], usize)] = &[
    ("order_size qty 10lots", [PLAIN, LARGER], ALL / 2),
    ("order_notional amount 1000 USD", [PLAIN, LARGER], ALL / 2),
    ("price_collar ratio 0.05", [PLAIN, "buy mary 10 OIL-F @ 106 confidence 0.9"], ALL / 2),
    ("position_net qty 30lots", [PLAIN, PLAIN], 3),
    ("position_gross qty 30lots", [PLAIN, PLAIN], 3),
    ("leverage ratio 0.3", [PLAIN, PLAIN], 3),
    ("instrument_concentration ratio 0.3", [PLAIN, PLAIN], 3),
    ("sector_concentration ratio 0.3", [PLAIN, PLAIN], 3),
    ("class_concentration ratio 0.3", [PLAIN, PLAIN], 3),
    ("allocation ratio 0.3", [PLAIN, PLAIN], 3),
    ("symbol_exposure ratio 0.3", [PLAIN, PLAIN], 3),
    ("correlated_exposure ratio 0.3", [PLAIN, PLAIN], 3),
    ("volatility_scaled_size ratio 0.01", [PLAIN, LARGER], ALL / 2),
    ("volume_share ratio 0.01", [PLAIN, LARGER], ALL / 2),
    ("depth_share ratio 0.5", [PLAIN, "buy mary 11 OIL-F @ 120 confidence 0.9"], ALL / 2),
    ("value_at_risk amount 500 USD", [PLAIN, PLAIN], 0),
    ("expected_shortfall amount 500 USD", [PLAIN, PLAIN], 0),
    ("positions count 1", [PLAIN, "buy mary 10 GAS-F @ 100 confidence 0.9"], ALL / 2),
    ("open_orders count 3", [PLAIN, PLAIN], 3),
    ("orders_per_minute count 5", [PLAIN, PLAIN], 5),
    ("trades_per_day count 3", [PLAIN, PLAIN], 3),
    ("min_confidence ratio 0.5", [PLAIN, "buy mary 10 OIL-F @ 100 confidence 0.4"], ALL / 2),
    ("restricted yes", [PLAIN, PLAIN], 0),
    ("market_hours yes", [PLAIN, PLAIN], 0),
];

/// Each client's orders, handed in by all at the same moment; the instruments of those that were let in.
fn race(desk: &Desk, orders: &[Vec<Command>]) -> Vec<u32> {
    let start = Barrier::new(CLIENTS);
    let run = |commands: &Vec<Command>| {
        let mut client = desk.node.connect().unwrap();
        start.wait();
        commands.iter().for_each(|command| client.submit(command.clone(), 0).unwrap());
        let mut let_in = Vec::new();
        for _ in commands {
            let reply = client.recv().unwrap();
            let accepted = reply.events().iter().any(|event| matches!(event, Event::OrderAccepted(_)));
            if let (true, Some(Command::PlaceOrder(order))) =
                (accepted, reply.stamped().map(|stamped| &stamped.command))
            {
                let_in.push(order.instrument.0);
            }
        }
        let_in
    };
    std::thread::scope(|scope| {
        let racers: Vec<_> = orders.iter().map(|commands| scope.spawn(|| run(commands))).collect();
        racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
    })
}

fn orders(desk: &Desk, pair: [&str; 2], round: usize) -> Vec<Vec<Command>> {
    let one = |client: usize, nth: usize| {
        // Who begins changes, so that either kind is first at times.
        let line = pair[(nth + client + round) % 2];
        desk.command(&format!("{line} id r{round}c{client}n{nth}")).expect("an order")
    };
    let all = |client| (0..ORDERS).map(|nth| one(client, nth)).collect();
    (0..CLIENTS).map(all).collect()
}

#[test]
fn no_limit_is_passed_by_racing_for_its_last_unit() {
    for (limit, pair, room) in KINDS {
        let mut desk = Desk::new(WORLD);
        let take = |desk: &mut Desk, line: &str| {
            let told = desk.say(line);
            assert!(!told.iter().any(|line| is_refusal(line)), "{line}: {told:?}");
        };
        take(&mut desk, &format!("limit house {limit} by ann because race"));
        if limit.starts_with("market_hours") {
            take(&mut desk, "state OIL-F pre_open");
        }
        if limit.starts_with("depth_share") {
            // Out of the reach of the others.
            desk.say("remove_limit house depth_share by ann because set_up");
            take(&mut desk, "sell mike 20 OIL-F @ 110 id depth");
            take(&mut desk, &format!("limit house {limit} by ann because race"));
        }
        for round in 0..ROUNDS {
            // A minute, so that what is counted in one has room again.
            desk.advance(61);
            ROUND.iter().for_each(|line| take(&mut desk, line));
            let let_in = race(&desk, &orders(&desk, *pair, round));
            assert_eq!(let_in.len(), *room, "{limit} in round {round}");
            let instruments: BTreeSet<u32> = let_in.into_iter().collect();
            assert!(instruments.len() <= 1, "{limit}: {instruments:?}");
            let filter = OrderFilter { account: Some(AccountId(0)), ..OrderFilter::default() };
            desk.tell(Command::CancelMany(filter));
        }
    }
    assert_eq!(KINDS.len(), 24);
}
