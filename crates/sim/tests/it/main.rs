//! The pretend venue by hand: what it answers, when, and at which price.

use model::{
    AccountId, AssetId, Bar, Event, FeeBasis, Fees, InstrumentId, Level, Money, OrderId, OrderType,
    PaperRequest, Price, Print, Priority, Qty, Quote, Rate, Side, Time, TimeInForce, VenueAsk, VenueId,
    VenueReport, VenueRequest, VenueSay,
};
use sim::{
    BarFill, Delay, Faults, FeeTable, Halt, Impact, Latency, OrderDeed, Path, Point, Queue, Rules, Slippage,
    Terms, Venue, points,
};

const VENUE: VenueId = VenueId(1);
const ACCOUNT: AccountId = AccountId(3);
const MARKET: InstrumentId = InstrumentId(0);

struct World {
    venue: Venue,
    now: Time,
}

impl World {
    fn new(rules: Rules) -> Self {
        let mut venue = Venue::new(VENUE, rules).expect("it is there");
        let fees = Fees { maker: Rate(0), taker: Rate(1_000_000), basis: FeeBasis::Value, ..Fees::default() };
        venue.list(Terms {
            instrument: MARKET,
            tick: Money::ONE,
            lot: Money::ONE,
            multiplier: Money::ONE,
            fees: FeeTable::of(&fees, AssetId(0)),
        });
        Self { venue, now: Time(0) }
    }

    fn ask(&mut self, ask: VenueAsk) {
        let request =
            VenueRequest { venue: VENUE, account: ACCOUNT, priority: Priority::Normal, deadline: None, ask };
        let event = Event::PaperAsked(Box::new(request));
        self.venue.ask(self.now, PaperRequest::of(&event).expect("it is there"));
    }

    fn submit(&mut self, order: u64, side: Side, qty: i64, limit: Option<i64>, time_in_force: TimeInForce) {
        let kind = limit.map_or(OrderType::Market, |price| OrderType::Limit { price: Price(price) });
        self.ask(VenueAsk::Submit {
            order: OrderId(order),
            instrument: MARKET,
            side,
            qty: Qty(qty),
            kind,
            time_in_force,
            reduce_only: false,
        });
    }

    fn buy(&mut self, order: u64, qty: i64, limit: Option<i64>) {
        self.submit(order, Side::Buy, qty, limit, TimeInForce::Gtc);
    }

    fn quote(&mut self, bid: (i64, i64), ask: (i64, i64)) {
        let level = |(price, qty)| Some(Level { price: Price(price), qty: Qty(qty) });
        let quote = Quote { instrument: MARKET, venue: VENUE, bid: level(bid), ask: level(ask) };
        self.venue.quote(self.now, &quote);
    }

    fn print(&mut self, price: i64, qty: i64, taker: Side) {
        let print = Print { instrument: MARKET, venue: VENUE, price: Price(price), qty: Qty(qty) };
        self.venue.print(self.now, &print, Some(taker));
    }

    fn heard(&mut self) -> Vec<VenueReport> {
        std::iter::from_fn(|| self.venue.hear(self.now)).collect()
    }

    /// What was said, in short.
    fn said(&mut self) -> String {
        let short = |report: VenueReport| match report.say {
            VenueSay::Accepted { order, .. } => format!("accepted {order}"),
            VenueSay::Filled(fill) => {
                format!("filled {} {}@{} fee {}", fill.order, fill.qty.0, fill.price.0, fill.fee)
            }
            VenueSay::Cancelled { order, left } => format!("cancelled {order} {}", left.0),
            VenueSay::Expired { order, left } => format!("expired {order} {}", left.0),
            VenueSay::Rejected { order, code } => format!("rejected {order} {code}"),
            VenueSay::Replaced { order, qty, .. } => format!("replaced {order} {}", qty.0),
            VenueSay::CancelRejected { order, .. } => format!("cancel_rejected {order}"),
            VenueSay::ReplaceRejected { order, .. } => format!("replace_rejected {order}"),
            VenueSay::NotFound { order } => format!("not_found {order}"),
            VenueSay::Silent { order } => format!("silent {order}"),
            VenueSay::Position { qty, .. } => format!("position {}", qty.0),
            VenueSay::Reconciled => "reconciled".to_owned(),
            other => format!("{other:?}"),
        };
        self.heard().into_iter().map(short).collect::<Vec<_>>().join(", ")
    }
}

fn bar(at: i64, [open, high, low, close]: [i64; 4], volume: i64) -> Bar {
    let price = Price;
    Bar {
        begin: Time(at),
        end: Time(at + 60),
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Qty(volume),
    }
}

#[test]
fn a_market_order_waits_for_the_next_open_and_slips() {
    let mut world = World::new(Rules { slippage: Slippage::Ticks(2), ..Rules::default() });
    world.venue.open(MARKET, &bar(0, [100, 110, 90, 105], 50));
    world.venue.close(MARKET, &bar(0, [100, 110, 90, 105], 50));
    world.buy(1, 10, None);
    assert_eq!(world.said(), "");
    world.venue.open(MARKET, &bar(60, [106, 110, 90, 105], 50));
    assert_eq!(world.said(), "filled 1 10@108 fee 1.08");
    let mut close = World::new(Rules { fill: BarFill::Close, ..Rules::default() });
    close.venue.close(MARKET, &bar(0, [100, 110, 90, 105], 50));
    close.buy(1, 10, None);
    assert_eq!(close.said(), "filled 1 10@105 fee 1.05");
}

#[test]
fn a_limit_order_fills_at_its_price_or_at_a_better_open_and_by_share_of_volume() {
    let mut world = World::new(Rules { volume_share_max: Some(0.1), ..Rules::default() });
    world.venue.close(MARKET, &bar(0, [100, 100, 100, 100], 50));
    world.buy(1, 7, Some(95));
    assert_eq!(world.said(), "accepted 1");
    world.venue.open(MARKET, &bar(60, [98, 99, 94, 96], 50));
    assert_eq!(world.said(), "");
    world.venue.point(MARKET, Time(80), Point { price: Price(94), is_jump: false });
    assert_eq!(world.said(), "filled 1 5@95 fee 0");
    world.venue.close(MARKET, &bar(60, [98, 99, 94, 96], 50));
    world.venue.open(MARKET, &bar(120, [93, 99, 93, 96], 50));
    assert_eq!(world.said(), "filled 1 2@93 fee 0");
}

#[test]
fn the_way_inside_a_bar() {
    let rose = bar(0, [100, 110, 90, 105], 1);
    let way = |path, held| points(&rose, path, held).map(|point| (point.price.0, point.is_jump));
    assert_eq!(way(Path::Base, 1), [(90, false), (110, false), (105, false)]);
    assert_eq!(way(Path::Worst, 1), [(90, true), (110, false), (105, false)]);
    assert_eq!(way(Path::Best, 1), [(110, true), (90, false), (105, false)]);
    assert_eq!(way(Path::Worst, -1), [(110, true), (90, false), (105, false)]);
}

#[test]
fn what_takes_eats_what_is_shown_and_the_rest_waits() {
    let half_life = Rules { impact: Impact::HalfLife { ns: 1_000 }, ..Rules::default() };
    let mut world = World::new(half_life);
    world.quote((99, 5), (101, 5));
    world.buy(1, 8, None);
    assert_eq!(world.said(), "filled 1 5@101 fee 0.505");
    world.quote((99, 6), (101, 5));
    assert_eq!(world.said(), "");
    world.now = Time(1_000_000);
    world.quote((99, 7), (101, 5));
    assert_eq!(world.said(), "filled 1 3@101 fee 0.303");
    world.submit(2, Side::Buy, 9, Some(101), TimeInForce::Fok);
    assert_eq!(world.said(), "accepted 2, expired 2 9");
    world.submit(3, Side::Sell, 9, Some(99), TimeInForce::Ioc);
    assert_eq!(world.said(), "accepted 3, filled 3 7@99 fee 0.693, expired 3 2");
}

#[test]
fn what_rests_waits_its_turn() {
    let mut world = World::new(Rules { queue: Queue::Power(1.0), ..Rules::default() });
    world.quote((99, 10), (101, 10));
    world.buy(1, 4, Some(99));
    assert_eq!(world.said(), "accepted 1");
    world.print(99, 6, Side::Sell);
    assert_eq!(world.said(), "");
    // Of the four that stood before it and are told of, half are taken back; nobody stands behind it.
    world.quote((99, 2), (101, 10));
    world.print(99, 4, Side::Sell);
    assert_eq!(world.said(), "filled 1 2@99 fee 0");
    world.print(98, 1, Side::Sell);
    assert_eq!(world.said(), "filled 1 2@99 fee 0");
    world.submit(2, Side::Sell, 3, Some(101), TimeInForce::Gtc);
    world.quote((102, 10), (103, 10));
    assert_eq!(world.said(), "accepted 2, filled 2 3@101 fee 0");
}

#[test]
fn with_single_orders_the_place_is_exact() {
    let mut world = World::new(Rules::default());
    let add = |id, qty| OrderDeed::Added { id, side: Side::Buy, price: Price(99), qty: Qty(qty) };
    world.venue.deed(Time(0), MARKET, add(1, 5));
    world.venue.deed(Time(0), MARKET, add(2, 5));
    world.buy(1, 4, Some(99));
    world.venue.deed(Time(1), MARKET, add(3, 5));
    world.venue.deed(Time(2), MARKET, OrderDeed::Removed { id: 1 });
    world.venue.deed(Time(3), MARKET, OrderDeed::Executed { id: 2, qty: Qty(5) });
    assert_eq!(world.said(), "accepted 1");
    // Somebody who came after us was traded with: we would have been first.
    world.venue.deed(Time(4), MARKET, OrderDeed::Executed { id: 3, qty: Qty(3) });
    assert_eq!(world.said(), "filled 1 3@99 fee 0");
}

#[test]
fn requests_and_reports_are_on_their_way_for_a_while() {
    let latency = Latency {
        feed: Delay::default(),
        order: Delay::Constant { ns: 10 },
        report: Delay::Measured { ns: vec![5] },
    };
    let mut world = World::new(Rules { latency, ..Rules::default() });
    world.quote((99, 5), (101, 5));
    world.buy(1, 1, None);
    assert_eq!(world.venue.next(), Some(Time(10)));
    world.now = Time(10);
    world.venue.advance(world.now);
    assert_eq!((world.said().as_str(), world.venue.next()), ("", Some(Time(15))));
    world.now = Time(15);
    assert_eq!(world.said(), "filled 1 1@101 fee 0.101");
}

#[test]
fn cancels_changes_and_questions_are_answered() {
    let mut world = World::new(Rules::default());
    world.quote((99, 5), (101, 5));
    world.buy(1, 9, Some(98));
    world.ask(VenueAsk::Replace { order: OrderId(1), qty: Qty(6), price: None });
    world.ask(VenueAsk::Query { order: OrderId(1) });
    assert_eq!(world.said(), "accepted 1, replaced 1 6, accepted 1");
    world.ask(VenueAsk::Replace { order: OrderId(1), qty: Qty(6), price: Some(Price(101)) });
    assert_eq!(world.said(), "replaced 1 6, filled 1 5@101 fee 0.505");
    world.ask(VenueAsk::Reconcile);
    assert_eq!(world.said(), "accepted 1, position 5, reconciled");
    world.ask(VenueAsk::Cancel { order: OrderId(1) });
    world.ask(VenueAsk::Cancel { order: OrderId(1) });
    world.ask(VenueAsk::Query { order: OrderId(1) });
    world.ask(VenueAsk::Query { order: OrderId(7) });
    assert_eq!(world.said(), "cancelled 1 1, cancel_rejected 1, cancelled 1 1, not_found 7");
    assert!(world.venue.is_idle());
}

#[test]
fn halts_and_faults() {
    let halts = vec![Halt { from: Time(10), until: Time(20) }];
    let mut world = World::new(Rules { halts, ..Rules::default() });
    world.quote((99, 5), (101, 5));
    world.buy(1, 1, Some(99));
    world.now = Time(10);
    world.buy(2, 1, None);
    world.print(98, 1, Side::Sell);
    assert_eq!(world.said(), "accepted 1, rejected 2 halted");
    world.now = Time(20);
    world.print(98, 1, Side::Sell);
    assert_eq!(world.said(), "filled 1 1@99 fee 0");
    let mut lost =
        World::new(Rules { faults: Faults { lose: 1.0, ..Faults::default() }, ..Rules::default() });
    lost.buy(1, 1, None);
    lost.now = lost.venue.next().expect("it is there");
    assert_eq!(lost.said(), "silent 1");
    let mut twice =
        World::new(Rules { faults: Faults { repeat: 1.0, ..Faults::default() }, ..Rules::default() });
    twice.buy(1, 1, Some(5));
    assert_eq!(twice.said(), "accepted 1, accepted 1");
    let bad = Rules { faults: Faults { lose: 2.0, ..Faults::default() }, ..Rules::default() };
    assert!(Venue::new(VENUE, bad).is_err());
}
