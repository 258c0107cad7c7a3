//! A journal of orders at a venue, held against its own run again: over the same market by the same rules nothing
//! differs, and where one rule is another the difference is put under what it is due to.

use backtest::divergence::{Comparison, Divergence};
use engine::Engine;
use model::line::{Line, OrderNames, parse};
use model::{
    AccountId, Command, Directory, Event, Fees, InstrumentId, NewOrder, OrderType, PaperRequest, Price, Qty,
    Rate, Record, Side, Stamped, Time, VenueId,
};
use sim::tape::{Tape, Tick};
use sim::{Delay, Faults, FeeTable, Latency, Queue, Rules, Terms, Venue};
use std::collections::BTreeMap;

const VENUE: VenueId = VenueId(1);
const MARKET: InstrumentId = InstrumentId(0);

struct House {
    engine: Engine,
    venue: Venue,
    directory: Directory,
    records: Vec<Record>,
}

impl House {
    fn new(rules: Rules, fees: &Fees) -> Self {
        let mut venue = Venue::new(VENUE, rules).expect("sound rules");
        let unit = model::Money::ONE;
        let tick = model::Money(unit.0 / 100);
        let asset = model::AssetId(0);
        venue.list(Terms {
            instrument: MARKET,
            tick,
            lot: unit,
            multiplier: unit,
            fees: FeeTable::of(fees, asset),
        });
        let (engine, directory, records) = (Engine::new(), Directory::default(), Vec::new());
        let mut house = Self { engine, venue, directory, records };
        for line in [
            "asset USD",
            "asset X",
            "venue sim outside",
            "list X-USD equity X/USD tick 0.01 lot 1 venue sim initial 0.1 maintenance 0.05 taker 0.0005",
            "user ann",
            "account mary of ann margin USD",
            "deposit mary 100000000 USD",
        ] {
            let said = parse(line, &house.directory, &OrderNames::default()).expect("understood");
            let Some(Line::Command(command)) = said else { panic!("no command: {line}") };
            house.apply(Time(0), command);
        }
        let hello = house.venue.greeting(AccountId(0), Time(0));
        house.apply(Time(0), Command::Venue(Box::new(hello)));
        house.hear(Time(0));
        house
    }

    fn apply(&mut self, time: Time, command: Command) {
        let stamped = Stamped { seq: self.engine.seq() + 1, time, command };
        let mut events = Vec::new();
        self.engine.apply(&stamped, &mut events);
        for event in &events {
            assert!(!matches!(event, Event::CommandRejected { .. }), "{event:?} after {stamped:?}");
            self.directory.learn(event);
            if let Some(request) = PaperRequest::of(event) {
                self.venue.ask(time, request);
            }
        }
        self.records.push(Record { stamped, events });
    }

    fn hear(&mut self, now: Time) {
        self.venue.advance(now);
        while let Some(report) = self.venue.hear(now) {
            self.apply(now, Command::Venue(Box::new(report)));
        }
    }
}

/// A limit order at the touch or a market order every so many ticks.
fn journal(rules: Rules, fees: &Fees) -> Vec<Record> {
    let mut house = House::new(rules, fees);
    let tape = Tape::new(MARKET, VENUE, Time(1), Price(10_000), 3);
    let mut best = (Price(0), Price(0));
    for (at, (time, tick)) in tape.take(6_000).enumerate() {
        house.hear(time);
        match tick {
            Tick::Quote(quote) => {
                best = (quote.bid.expect("both").price, quote.ask.expect("both").price);
                house.venue.quote(time, &quote);
                house.hear(time);
                house.apply(time, Command::Quote(quote));
            }
            Tick::Print(print, _) => {
                house.venue.print(time, &print, None);
                house.hear(time);
                house.apply(time, Command::Print(print));
            }
        }
        if at % 40 == 39 && best.0.0 > 0 {
            let side = if at % 80 == 39 { Side::Buy } else { Side::Sell };
            let near = if side == Side::Buy { best.0 } else { best.1 };
            let kind = if at % 120 == 39 { OrderType::Market } else { OrderType::Limit { price: near } };
            let order = NewOrder::new(AccountId(0), MARKET, side, Qty(3), kind);
            house.apply(time, Command::PlaceOrder(order));
        }
    }
    house.records
}

fn again(records: &[Record], rules: Rules) -> Divergence {
    let mut comparison = Comparison::new(rules, BTreeMap::new()).expect("sound rules");
    records.iter().for_each(|record| comparison.hear(record).expect("a record"));
    let found = comparison.finish();
    let sum: f64 = found.parts.sum();
    assert!((sum - found.total).abs() < 1e-6, "{sum} is not {}", found.total);
    assert!(found.worst.iter().all(|order| (order.parts.sum() - order.total).abs() < 1e-9));
    found
}

fn late(ns: i64) -> Rules {
    let order = Delay::Constant { ns };
    Rules { queue: Queue::Log, latency: Latency { order, ..Latency::default() }, ..Rules::default() }
}

#[test]
fn a_run_again_by_the_same_rules_is_the_same() {
    let fees = Fees { taker: Rate(500_000), ..Fees::default() };
    let records = journal(late(2_000_000), &fees);
    let found = again(&records, late(2_000_000));
    assert!(found.orders > 100 && found.own == 0, "{found:?}");
    assert_eq!((found.same, found.worst.len()), (found.orders, 0), "{:?}", found.worst.first());
}

#[test]
fn each_difference_is_put_under_what_it_is_due_to() {
    let fees = Fees { taker: Rate(500_000), ..Fees::default() };
    let records = journal(late(2_000_000), &fees);
    let slow = again(&records, late(500_000_000)).parts;
    assert!(slow.timing != 0.0 && slow.reject == 0.0 && slow.data == 0.0, "{slow:?}");
    let strict = again(&records, Rules { queue: Queue::RiskAverse, ..late(2_000_000) }).parts;
    assert!(strict.queue != 0.0 && strict.reject == 0.0 && strict.data == 0.0, "{strict:?}");
    let slipped = Rules { slippage: sim::Slippage::Ticks(2), ..late(2_000_000) };
    let slipped = again(&records, slipped).parts;
    assert!(slipped.slippage > 0.0 && slipped.timing == 0.0 && slipped.queue == 0.0, "{slipped:?}");
    let faults = Faults { reject: 0.3, ..Faults::default() };
    let refused = again(&records, Rules { faults, ..late(2_000_000) }).parts;
    assert!(refused.reject != 0.0, "{refused:?}");
    let other = journal(late(2_000_000), &Fees { taker: Rate(900_000), ..Fees::default() });
    let dear = again(&other, late(2_000_000)).parts;
    assert!(dear.fee < 0.0 && dear.slippage == 0.0, "{dear:?}");
}
