//! What is out for an order never comes to more than the order, whatever the venue says: fills that are lost, come
//! twice, come late, come for somebody else, or never; ten faults, fifty seeds each, on a real node.

use super::desk::{Desk, START};
use journal::Rng;
use model::{
    AccountId, AssetId, ClientOrderId, Command, Event, Misfit, Money, OrderFilter, OrderId, Price, Qty,
    Symbol, VenueAsk, VenueFill, VenueId, VenueReport, VenueSay,
};
use std::collections::BTreeMap;

const SEEDS: u64 = 50;
const PARENT: i64 = 20;

const WORLD: &str = "\
asset USD
asset AAPL
venue nyse outside
list AAPL-USD equity AAPL/USD tick 0.01 lot 1 venue nyse initial 0.1 maintenance 0.05
user ann
account alice of ann cash USD
deposit alice 100000 USD
report nyse alice at 2026-01-01T09:00:00Z up
quote AAPL-USD venue nyse bid 99 x 100 ask 100 x 100";

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It trades and nobody says so.
    Lost,
    Twice,
    /// After it was said to be cancelled.
    Late,
    BeforeAccepted,
    SilentThenFound,
    SilentThenNotFound,
    DownAndUp,
    RejectedAfterAPart,
    PartThenCancelled,
    /// In the name of the parent, and of nobody.
    ForAnother,
}

const FAULTS: [Fault; 10] = [
    Fault::Lost,
    Fault::Twice,
    Fault::Late,
    Fault::BeforeAccepted,
    Fault::SilentThenFound,
    Fault::SilentThenNotFound,
    Fault::DownAndUp,
    Fault::RejectedAfterAPart,
    Fault::PartThenCancelled,
    Fault::ForAnother,
];

struct Venue {
    desk: Desk,
    rng: Rng,
    fills: u32,
    parent: OrderId,
    fault: Fault,
    /// Fills of what the venue had said to be over.
    late: u32,
    /// What was asked for each child, and traded of it.
    asked: BTreeMap<OrderId, i64>,
    traded: BTreeMap<OrderId, i64>,
}

impl Venue {
    fn say(&mut self, say: VenueSay) {
        let report = VenueReport { venue: VenueId(1), account: AccountId(0), time: START, say };
        self.tell(Command::Venue(Box::new(report)));
    }

    fn tell(&mut self, command: Command) {
        let after = format!("{:?} {:?} {command:?}", self.fault, self.asked);
        let events = self.desk.events(command);
        let has = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
        // What the venue itself had said to be over is a break: it is booked, told, and not of the order any more.
        let late = has(|event| matches!(event, Event::ReportMisfit { what: Misfit::Late, .. }))
            && has(|event| matches!(event, Event::OutsideTraded(_)));
        assert!(!late || has(|event| matches!(event, Event::BreakFound { .. })), "{after}");
        for event in events {
            match event {
                Event::PaperAsked(request) => {
                    if let VenueAsk::Submit { order, qty, .. } = request.ask {
                        assert_eq!(self.asked.insert(order, qty.0), None, "an order is sent once");
                    }
                }
                Event::OutsideTraded(_) if late => self.late += 1,
                Event::OutsideTraded(traded) => {
                    *self.traded.entry(traded.order).or_default() += traded.qty.0;
                }
                _ => {}
            }
        }
        self.check(&after);
    }

    /// What has traded and what may still trade.
    fn check(&self, after: &str) {
        let filter = OrderFilter { account: Some(AccountId(0)), ..OrderFilter::default() };
        let open = self.desk.client.query(move |engine| engine.open_orders(&filter)).unwrap();
        let parent = self.parent;
        let open: i64 = open.iter().filter(|order| order.id != parent).map(|order| order.left.0).sum();
        let traded: i64 = self.traded.values().sum();
        assert!(open + traded <= PARENT, "{open} open and {traded} traded of {PARENT} after {after}");
    }

    fn fill(&mut self, order: OrderId, qty: i64) -> VenueSay {
        self.fills += 1;
        VenueSay::Filled(VenueFill {
            order,
            fill: ClientOrderId::new(&format!("f{}", self.fills)).unwrap(),
            price: Price(10_000),
            qty: Qty(qty),
            fee: Money::ZERO,
            fee_asset: AssetId(0),
        })
    }

    /// What the venue says of a child that it was sent.
    fn answer(&mut self, order: OrderId, qty: i64, fault: Fault) {
        let part = 1 + i64::try_from(self.rng.below(usize::try_from(qty).unwrap())).unwrap();
        let accepted = VenueSay::Accepted { order, venue_order: ClientOrderId::new("v").unwrap() };
        let cancelled = VenueSay::Cancelled { order, left: Qty(qty - part) };
        let filled = self.fill(order, part);
        let code = Symbol::new("no").unwrap();
        let says = match fault {
            Fault::Lost => vec![accepted, cancelled],
            Fault::Twice => vec![accepted, filled.clone(), filled.clone(), filled],
            Fault::Late => vec![accepted, VenueSay::Cancelled { order, left: Qty(qty) }, filled],
            Fault::BeforeAccepted => vec![filled, accepted],
            Fault::SilentThenFound => vec![VenueSay::Silent { order }, accepted, filled],
            Fault::SilentThenNotFound => vec![VenueSay::Silent { order }, VenueSay::NotFound { order }],
            Fault::DownAndUp => vec![accepted, VenueSay::Down, filled.clone(), VenueSay::Up, filled],
            Fault::RejectedAfterAPart => vec![filled, VenueSay::Rejected { order, code }],
            Fault::PartThenCancelled => vec![accepted, filled, cancelled],
            Fault::ForAnother => {
                let other = self.fill(self.parent, part);
                vec![accepted, other, self.fill(OrderId(u64::MAX), part), filled]
            }
        };
        says.into_iter().for_each(|say| self.say(say));
    }
}

/// Works a parent to its end, with the fault in two of three answers.
fn work(fault: Fault, seed: u64) -> i64 {
    let mut desk = Desk::new(WORLD);
    let line = format!(
        "algo [ buy alice {PARENT} AAPL-USD @ 101 id parent ] twap slices 5 end 2026-01-01T10:00:50Z"
    );
    let events = desk.command(&line).map(|command| desk.events(command)).expect("an algo");
    let parent = events.iter().find_map(|event| match event {
        Event::OrderAccepted(accepted) => Some(accepted.order),
        _ => None,
    });
    let parent = parent.expect("a parent");
    let mut venue = Venue {
        desk,
        rng: Rng::new(seed),
        fills: 0,
        parent,
        fault,
        late: 0,
        asked: BTreeMap::new(),
        traded: BTreeMap::new(),
    };
    let mut answered = 0;
    for _ in 0..12 {
        venue.desk.advance(5);
        venue.tell(Command::AdvanceTime);
        let new: Vec<(OrderId, i64)> =
            venue.asked.iter().skip(answered).map(|(id, qty)| (*id, *qty)).collect();
        answered = venue.asked.len();
        for (order, qty) in new {
            let fault = if venue.rng.below(3) == 0 { Fault::PartThenCancelled } else { fault };
            venue.answer(order, qty, fault);
        }
    }
    venue.desk.client.query(engine::Engine::check).unwrap().unwrap();
    assert!(venue.late == 0 || matches!(fault, Fault::Late), "{fault:?}");
    venue.traded.values().sum()
}

#[test]
fn the_parts_of_an_order_never_come_to_more_than_it() {
    for fault in FAULTS {
        let traded: i64 = (0..SEEDS).map(|seed| work(fault, seed)).sum();
        assert!(traded > 0, "{fault:?}: nothing ever traded");
    }
}
