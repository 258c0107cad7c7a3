//! Levels and single orders of the catalogue as a source: a market order walks through levels that are shown, the
//! place in a queue is exact where every order is known, and auctions trade at one price.

use super::world::{cents, plan, strategy};
use backtest::{
    BacktestError, Feed, Made, MarketPlan, Outcome, Plan, Tick, TickChunk, Ticks, run, run_slowly,
};
use model::{
    AccountKind, Fees, InstrumentClass, InstrumentId, OrderType, Price, Print, Qty, Quote, Side, Time,
    TimeInForce, VenueId,
};
use sim::{OrderDeed, Rules, Session};
use std::sync::Arc;
use strategy::{Intents, Order, Reads, Strategy, StrategyError, Tag, View};

struct Told(TickChunk);

impl Ticks for Told {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        Ok((chunk == 0).then(|| Arc::clone(&self.0)))
    }
}

/// Places its orders at the first quote, and those after it at later ones.
struct Script(Vec<Order>);

impl Strategy for Script {
    fn on_quote(&mut self, _at: usize, _quote: &Quote, _view: &View<'_>, out: &mut Intents) {
        self.0.drain(..).for_each(|order| out.push(strategy::Intent::Place(order)));
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        Ok(Vec::new())
    }

    fn load(&mut self, _state: &[u8]) -> Result<(), StrategyError> {
        Ok(())
    }
}

fn ends(ticks: Vec<(i64, Tick)>, what: Vec<Order>, rules: Rules) -> Outcome {
    let ticks: TickChunk = ticks.into_iter().map(|(time, tick)| (Time(time), tick)).collect();
    let market = MarketPlan {
        class: InstrumentClass::Equity,
        tick: cents(),
        fees: Fees::default(),
        ..MarketPlan::new("X-USD", Feed::TickStream(Arc::new(Told(ticks))))
    };
    let mut one = strategy("script", &[]);
    let reads = Reads { quotes: true, ..Reads::default() };
    let make = move || -> Result<Box<dyn Strategy>, StrategyError> { Ok(Box::new(Script(what.clone()))) };
    one.made = Some(Made { reads, warm_up: 0, make: Arc::new(make) });
    let mut plan: Plan = plan(vec![market], vec![one]);
    plan.accounts[0].kind = AccountKind::Margin;
    plan.rules = rules;
    let outcome = run(&plan).expect("it is there");
    assert_eq!(outcome, run_slowly(&plan).expect("it is there"));
    outcome
}

fn order(side: Side, qty: i64, kind: OrderType, time_in_force: TimeInForce) -> Order {
    Order { at: 0, tag: Tag(1), side, qty: Qty(qty), kind, time_in_force, reduce_only: false }
}

fn level(side: Side, price: i64, qty: i64, is_last: bool) -> Tick {
    Tick::Level { side, price: Price(price), qty: Qty(qty), is_last }
}

fn deed(deed: OrderDeed) -> Tick {
    Tick::Order { deed, is_last: true }
}

fn added(id: u64, side: Side, price: i64, qty: i64) -> Tick {
    deed(OrderDeed::Added { id, side, price: Price(price), qty: Qty(qty) })
}

#[test]
fn a_market_order_walks_through_the_levels_that_are_shown() {
    let ticks = vec![
        (0, Tick::Anew),
        (0, level(Side::Buy, 1_000, 5, false)),
        (0, level(Side::Sell, 1_001, 4, false)),
        (0, level(Side::Sell, 1_003, 9, true)),
        (1, level(Side::Buy, 999, 7, true)),
        (2, level(Side::Buy, 1_001, 1, false)),
        (2, level(Side::Sell, 1_001, 0, true)),
    ];
    let what = vec![order(Side::Buy, 10, OrderType::Market, TimeInForce::Gtc)];
    let outcome = ends(ticks, what, Rules::default());
    assert_eq!(outcome.fills, 2);
    // Four at 10.01 and six at 10.03; the middle is 10.02 in the end.
    let account = &outcome.accounts[0];
    assert!((account.turnover - (40.04 + 60.18)).abs() < 1e-9, "{}", account.turnover);
}

#[test]
fn where_every_order_is_known_the_place_in_the_queue_is_exact() {
    let ticks = |executed: i64| {
        vec![
            (0, added(1, Side::Buy, 1_000, 5)),
            (0, added(2, Side::Sell, 1_002, 5)),
            (1, added(3, Side::Buy, 1_000, 5)),
            (2, deed(OrderDeed::Executed { id: 1, qty: Qty(executed) })),
            (3, deed(OrderDeed::Changed { id: 1, side: Side::Buy, price: Price(1_000), qty: Qty(1) })),
            (4, deed(OrderDeed::Removed { id: 1 })),
            (5, deed(OrderDeed::Executed { id: 3, qty: Qty(2) })),
        ]
    };
    // Ours joined after the first and before the third, so it trades only when the third does.
    let what = vec![order(Side::Buy, 2, OrderType::Limit { price: Price(1_000) }, TimeInForce::Gtc)];
    let outcome = ends(ticks(4), what.clone(), Rules::default());
    assert_eq!((outcome.fills, outcome.until), (1, Time(5)));
    let mut short = ticks(4);
    short.truncate(6);
    assert_eq!(ends(short, what, Rules::default()).fills, 0);
}

#[test]
fn auctions_take_the_first_print_of_their_hour() {
    let hour = 3_600_000_000_000;
    let print = |price: i64, qty: i64| {
        let print =
            Print { instrument: InstrumentId(0), venue: VenueId(0), price: Price(price), qty: Qty(qty) };
        Tick::Print(print, None)
    };
    let ticks = vec![
        (hour, level(Side::Buy, 1_000, 5, false)),
        (hour, level(Side::Sell, 1_002, 5, true)),
        (2 * hour, print(1_001, 50)),
        (3 * hour, print(1_005, 50)),
        (4 * hour, print(1_010, 40)),
        (5 * hour, print(1_020, 40)),
    ];
    let session = Some(Session { open_s: 2 * 3600, close_s: 4 * 3600 });
    let what = vec![
        order(Side::Buy, 3, OrderType::Market, TimeInForce::AtOpen),
        order(Side::Sell, 9, OrderType::Limit { price: Price(1_009) }, TimeInForce::AtClose),
    ];
    let rules = Rules { session, volume_share_max: Some(0.1), ..Rules::default() };
    let outcome = ends(ticks.clone(), what.clone(), rules);
    // Three at 10.01, and four of nine at 10.10: a tenth of what traded there.
    assert_eq!(outcome.fills, 2);
    assert!((outcome.accounts[0].turnover - (30.03 + 40.40)).abs() < 1e-9);
    // Without hours nobody knows when auctions are, and the venue says so.
    assert_eq!(ends(ticks, what, Rules::default()).fills, 0);
}
