//! Every cell of the table of pairs, in the engine and through a whole node: what the tables refuse is refused
//! with exactly their reason, and what they allow is accepted.

use engine::pairs::{
    FLAG_SMART, KIND_FLAG, KIND_ROLE, KIND_SMART, KIND_TIME, KINDS, PART, ROLES, TIME_FLAG, TIME_ROLE,
    TIME_SMART, TIMES, Verdict,
};
use model::{
    AccountId, CancelCause, Combination, Command, Condition, Event, InstrumentId, InstrumentState, NewGroup,
    NewOrder, OrderFilter, OrderType, PegTo, PostOnly, Price, Print, Qty, Reject, Route, RoutePlan,
    SelfTrade, Side, TimeInForce, Trail, TrailBy, Transfer, Trigger, TriggerSource, VenueId,
};
use tests::scenario::{House, InEngine, InNode};
use tests::sim::setup::{self, START};

const SPOT: InstrumentId = InstrumentId(0);
/// On margin, with a position to reduce, and the other side of every trade.
const TRADER: AccountId = AccountId(3);
const MAKER: AccountId = AccountId(4);

/// One of each type, for the side that reduces. Those with a price stand away from the market, so that they can
/// be post-only; those that wait have not been reached.
fn kind(at: usize) -> OrderType {
    let price = Price(105);
    let trigger = |at| Trigger { price: Price(at), source: TriggerSource::Last };
    let trail = Trail { by: TrailBy::Ticks(20), activation: None, step: None, source: TriggerSource::Last };
    match at {
        0 => OrderType::Market,
        1 => OrderType::Limit { price },
        2 => OrderType::Stop { trigger: trigger(80) },
        3 => OrderType::StopLimit { trigger: trigger(80), price },
        4 => OrderType::MarketIfTouched { trigger: trigger(120) },
        5 => OrderType::LimitIfTouched { trigger: trigger(120), price },
        6 => OrderType::TrailingStop { trail: Box::new(trail) },
        7 => OrderType::TrailingStopLimit { trail: Box::new(trail), limit_offset: 1 },
        8 => OrderType::Iceberg { price, display: Qty(1) },
        9 => OrderType::Hidden { price },
        10 => OrderType::MarketToLimit,
        _ => OrderType::Pegged { to: PegTo::OwnSide, offset: 0, limit: None },
    }
}

fn time(at: usize) -> TimeInForce {
    match at {
        0 => TimeInForce::Gtc,
        1 => TimeInForce::Day,
        2 => TimeInForce::Gtd(START.saturating_add_ns(1_000_000_000)),
        3 => TimeInForce::Ioc,
        4 => TimeInForce::Fok,
        5 => TimeInForce::AtOpen,
        _ => TimeInForce::AtClose,
    }
}

fn order(kind_at: usize, time_at: usize) -> NewOrder {
    let order = NewOrder::new(TRADER, SPOT, Side::Sell, Qty(1), kind(kind_at));
    NewOrder { time_in_force: time(time_at), ..order }
}

/// The flags whose bits are set, in the order of the tables.
fn flagged(order: NewOrder, flags: usize) -> NewOrder {
    let has = |flag: usize| flags >> flag & 1 == 1;
    let condition =
        Condition::Above { instrument: SPOT, price: Price(1_000), source: TriggerSource::default() };
    NewOrder {
        post_only: has(0).then_some(PostOnly::Reject),
        reduce_only: has(1),
        self_trade: has(2).then_some(SelfTrade::CancelNewest),
        qty_min: has(3).then_some(Qty(1)),
        condition: has(4).then_some(condition),
        ..order
    }
}

fn limit(side: Side, price: i64) -> Box<NewOrder> {
    let kind = OrderType::Limit { price: Price(price) };
    Box::new(NewOrder::new(TRADER, SPOT, side, Qty(1), kind))
}

/// A group in which the order has that place, and whose other orders are plain.
fn group(order: NewOrder, role: usize) -> NewGroup {
    let leg = Box::new(order);
    match role {
        0 => NewGroup::Oco { first: leg, second: limit(Side::Sell, 106) },
        1 => NewGroup::Oto { first: leg, then: vec![*limit(Side::Sell, 106)] },
        2 => NewGroup::Oto { first: limit(Side::Buy, 90), then: vec![*leg] },
        3 => NewGroup::Bracket { entry: leg, stop: None, target: Some(limit(Side::Buy, 50)) },
        4 => NewGroup::Bracket { entry: limit(Side::Buy, 90), stop: Some(leg), target: None },
        _ => NewGroup::Bracket { entry: limit(Side::Buy, 90), stop: None, target: Some(leg) },
    }
}

fn alone(kind: usize, time: usize, flags: usize) -> Verdict {
    let of_flag = |flag: usize| KIND_FLAG[kind][flag].or(TIME_FLAG[time][flag]);
    KIND_TIME[kind][time].or_else(|| (0..5).filter(|flag| flags >> flag & 1 == 1).find_map(of_flag))
}

fn smart(kind: usize, time: usize, flags: usize) -> Verdict {
    let of_flag = |flag: usize| FLAG_SMART[flag];
    let here = KIND_SMART[kind].or(TIME_SMART[time]);
    let here = here.or_else(|| (0..5).filter(|flag| flags >> flag & 1 == 1).find_map(of_flag));
    alone(kind, time, flags).or(here)
}

fn grouped(kind: usize, time: usize, role: usize) -> Verdict {
    KIND_ROLE[kind][role].or(TIME_ROLE[time][role]).or(KIND_TIME[kind][time])
}

/// A market with orders on both sides, a last price, and a position of the trader.
fn set_up(house: &mut dyn House) {
    let maker = |side, qty, price| {
        let kind = OrderType::Limit { price: Price(price) };
        Command::PlaceOrder(NewOrder::new(MAKER, SPOT, side, Qty(qty), kind))
    };
    let deposit = |account| {
        let (asset, amount) = (model::AssetId(0), setup::units(10_000_000));
        Command::Deposit(Transfer { account, asset, amount, reference: None })
    };
    let buy = NewOrder { side: Side::Buy, qty: Qty(5_000), ..order(0, 0) };
    let mut commands = setup::commands();
    commands.extend([
        deposit(TRADER),
        deposit(MAKER),
        maker(Side::Sell, 5_000, 101),
        Command::PlaceOrder(buy),
        maker(Side::Sell, 5_000, 101),
        maker(Side::Buy, 5_000, 99),
        Command::Print(Print { instrument: SPOT, venue: VenueId(0), price: Price(100), qty: Qty(1) }),
    ]);
    for command in commands {
        house.apply(command, START).unwrap();
    }
}

/// Of the order itself: what its parts are refused for is another matter.
fn refusal(events: &[Event]) -> Option<Reject> {
    let parts = events.iter().any(|event| matches!(event, Event::RouteChosen { .. }));
    events.iter().filter(|_| !parts).find_map(|event| match event {
        Event::OrderRejected { reason, .. }
        | Event::CommandRejected { reason }
        | Event::OrderCancelled { cause: CancelCause::Refused { reason }, .. } => Some(*reason),
        _ => None,
    })
}

fn set_state(house: &mut dyn House, state: InstrumentState) {
    house.apply(Command::SetInstrumentState { instrument: SPOT, state }, START).unwrap();
}

/// Sends what is in a cell, takes it back, and says what is not as the tables have it.
fn try_cell(house: &mut dyn House, command: Command, time: usize, expected: Verdict) -> Option<String> {
    // An order for the open comes before it.
    let before_open = TIMES[time] == "at_open";
    if before_open {
        set_state(house, InstrumentState::PreOpen);
    }
    let events = house.apply(command, START).unwrap();
    let right = match (refusal(&events), expected) {
        (Some(Reject::IllegalCombination { what }), Some(expected)) => what == expected && events.len() == 1,
        (None, None) => matches!(events.first(), Some(Event::OrderAccepted(_))),
        _ => false,
    };
    let filter = OrderFilter { account: Some(TRADER), ..OrderFilter::default() };
    house.apply(Command::CancelMany(filter), START).unwrap();
    if before_open {
        set_state(house, InstrumentState::Trading);
    }
    house.check().unwrap();
    (!right).then(|| format!("expected {expected:?}, came {events:?}"))
}

/// Every cell; gives how many were legal and how many not.
fn check_every_cell(house: &mut dyn House) -> (usize, usize) {
    set_up(house);
    let (mut legal, mut wrong) = ([0, 0], Vec::new());
    let mut note = |verdict: Verdict, said: Option<String>, cell: String| {
        legal[usize::from(verdict.is_some())] += 1;
        wrong.extend(said.map(|said| format!("{cell}: {said}")));
    };
    for (kind, time) in (0..KINDS.len()).flat_map(|kind| (0..TIMES.len()).map(move |time| (kind, time))) {
        let cell = format!("{} {}", KINDS[kind], TIMES[time]);
        for flags in 0..32 {
            let (verdict, order) = (alone(kind, time, flags), flagged(order(kind, time), flags));
            let said = try_cell(house, Command::PlaceOrder(order), time, verdict);
            note(verdict, said, format!("{cell} flags {flags:05b}"));
        }
        for flags in 0..32 {
            let (verdict, order) = (smart(kind, time, flags), flagged(order(kind, time), flags));
            let plan = if flags & 1 == 0 { RoutePlan::Spray } else { RoutePlan::Sequential };
            let order = NewOrder { route: Route::Smart(plan), ..order };
            let said = try_cell(house, Command::PlaceOrder(order), time, verdict);
            note(verdict, said, format!("{cell} flags {flags:05b}, routed"));
        }
        for (role, name) in ROLES.iter().enumerate() {
            let (verdict, group) = (grouped(kind, time, role), group(order(kind, time), role));
            let said = try_cell(house, Command::PlaceGroup(Box::new(group)), time, verdict);
            note(verdict, said, format!("{cell} as {name}"));
            let routed = NewOrder { route: Route::Venue(VenueId(1)), ..order(kind, time) };
            let part = Command::PlaceGroup(Box::new(self::group(routed, role)));
            note(PART, try_cell(house, part, time, PART), format!("{cell} as {name}, routed"));
        }
    }
    assert!(wrong.is_empty(), "{} cells are otherwise:\n{}", wrong.len(), wrong.join("\n"));
    (legal[0], legal[1])
}

#[test]
fn every_cell_holds_in_the_engine() {
    let (legal, illegal) = check_every_cell(&mut InEngine::default());
    assert_eq!(legal + illegal, 12 * 7 * (32 + 32 + 6 + 6));
}

#[test]
fn every_cell_holds_in_a_node_and_after_its_restart() {
    let mut node = InNode::start().expect("a node starts");
    let (legal, illegal) = check_every_cell(&mut node);
    assert_eq!(legal + illegal, 12 * 7 * (32 + 32 + 6 + 6));
    node.restart().map(drop).unwrap();
}

/// Reduce-only in a cash account is a matter of the account, and so is not in the tables.
#[test]
fn reduce_only_needs_a_position_on_margin() {
    let mut house = InEngine::default();
    set_up(&mut house);
    let order = NewOrder { account: AccountId(0), reduce_only: true, ..order(1, 0) };
    let events = house.apply(Command::PlaceOrder(order), START).unwrap();
    let what = Combination::ReduceOnlyCash;
    assert_eq!(refusal(&events), Some(Reject::IllegalCombination { what }));
}
