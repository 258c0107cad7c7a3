//! Orders of every type and with every clause.

use super::NOON;
use crate::directory::client;
use model::{
    AccountId, Algo, BookId, Condition, InstrumentId, NewAlgo, NewGroup, NewOrder, OrderId, OrderStatus,
    OrderType, PegTo, PostOnly, Price, Priority, Qty, Quoting, Rate, Route, RoutePlan, SelfTrade, Side,
    Slice, TimeInForce, TraceId, Trail, TrailBy, Trigger, TriggerSource, VenueId,
};

pub fn order(kind: OrderType) -> NewOrder {
    NewOrder::new(AccountId(300), InstrumentId(2), Side::Sell, Qty(5_000), kind)
}

pub fn limit() -> NewOrder {
    order(OrderType::Limit { price: Price(-10_000) })
}

pub fn kinds() -> Vec<(&'static str, OrderType)> {
    let price = Price(10_050);
    let trigger = Trigger { price: Price(9_500), source: TriggerSource::Mark };
    let trail = |by| {
        Box::new(Trail { by, activation: Some(Price(11_000)), step: Some(10), source: TriggerSource::BidAsk })
    };
    let bare = Trail { by: TrailBy::Ticks(7), activation: None, step: None, source: TriggerSource::Last };
    vec![
        ("market", OrderType::Market),
        ("limit", OrderType::Limit { price }),
        ("stop", OrderType::Stop { trigger }),
        ("stop_limit", OrderType::StopLimit { trigger, price }),
        ("market_if_touched", OrderType::MarketIfTouched { trigger }),
        ("limit_if_touched", OrderType::LimitIfTouched { trigger, price }),
        ("trailing_by_amount", OrderType::TrailingStop { trail: trail(TrailBy::Amount(-500)) }),
        ("trailing_by_percent", OrderType::TrailingStop { trail: trail(TrailBy::Percent(Rate(20_000_000))) }),
        ("trailing_by_ticks", OrderType::TrailingStop { trail: Box::new(bare) }),
        ("trailing_limit", OrderType::TrailingStopLimit { trail: Box::new(bare), limit_offset: -3 }),
        ("iceberg", OrderType::Iceberg { price, display: Qty(100) }),
        ("hidden", OrderType::Hidden { price }),
        ("market_to_limit", OrderType::MarketToLimit),
        ("pegged", OrderType::Pegged { to: PegTo::Mid, offset: -5, limit: Some(price) }),
    ]
}

/// Orders that differ from the plain limit in one clause each.
pub fn clauses() -> Vec<(&'static str, NewOrder)> {
    let (instrument, price, source) = (InstrumentId(1), Price(95), TriggerSource::DoubleLast);
    let mut all = Vec::new();
    let mut with = |name, change: &dyn Fn(&mut NewOrder)| {
        let mut order = limit();
        change(&mut order);
        all.push((name, order));
    };
    with("book", &|order| order.book = Some(BookId(7)));
    with("day", &|order| order.time_in_force = TimeInForce::Day);
    with("gtd", &|order| order.time_in_force = TimeInForce::Gtd(NOON));
    with("ioc", &|order| order.time_in_force = TimeInForce::Ioc);
    with("fok", &|order| order.time_in_force = TimeInForce::Fok);
    with("at_open", &|order| order.time_in_force = TimeInForce::AtOpen);
    with("at_close", &|order| order.time_in_force = TimeInForce::AtClose);
    with("id", &|order| order.client_order_id = Some(client("entry:2026-11-21#1")));
    with("post_only", &|order| order.post_only = Some(PostOnly::Reject));
    with("slide", &|order| order.post_only = Some(PostOnly::Slide));
    with("reduce_only", &|order| order.reduce_only = true);
    with("cancel_newest", &|order| order.self_trade = Some(SelfTrade::CancelNewest));
    with("decrement", &|order| order.self_trade = Some(SelfTrade::Decrement));
    with("min", &|order| order.qty_min = Some(Qty(10)));
    with("priority", &|order| order.priority = Priority::StopLoss);
    with("deadline", &|order| order.deadline = Some(NOON));
    with("route_venue", &|order| order.route = Route::Venue(VenueId(500)));
    with("route_smart", &|order| order.route = Route::Smart(RoutePlan::Sequential));
    with("if_above", &|order| order.condition = Some(Condition::Above { instrument, price, source }));
    with("if_below", &|order| order.condition = Some(Condition::Below { instrument, price, source }));
    with("if_at", &|order| order.condition = Some(Condition::At { time: NOON }));
    with("if_order", &|order| {
        order.condition = Some(Condition::Order { order: OrderId::new(9, 3), status: OrderStatus::Filled });
    });
    with("confidence", &|order| order.confidence = Some(Rate(800_000_000)));
    with("trace", &|order| order.trace = Some(TraceId(u64::MAX)));
    all
}

pub fn groups() -> Vec<(&'static str, NewGroup)> {
    let one = || Box::new(limit());
    vec![
        ("oco", NewGroup::Oco { first: one(), second: one() }),
        ("oto", NewGroup::Oto { first: one(), then: vec![limit(), limit()] }),
        ("bracket", NewGroup::Bracket { entry: one(), stop: Some(one()), target: None }),
    ]
}

pub fn algos() -> Vec<(&'static str, NewAlgo)> {
    let slices = || vec![Slice { at: NOON, done: Rate(250_000_000) }, Slice { at: NOON, done: Rate::ONE }];
    let quoting = Quoting {
        half_spread: 5,
        qty: Qty(10),
        levels: 3,
        level_step: 2,
        inventory_max: Qty(100),
        skew: -4,
        refresh: 1,
        stale_ns: 1_000_000_000,
    };
    let algos = [
        ("twap", Algo::Twap { slices: 10 }),
        ("vwap", Algo::Vwap { profile: slices() }),
        ("pov", Algo::Pov { rate: Rate(100_000_000) }),
        ("implementation_shortfall", Algo::ImplementationShortfall { schedule: slices() }),
        ("iceberg_slicer", Algo::IcebergSlicer { display: Qty(50), refresh_ns: 5_000_000 }),
        ("sniper", Algo::Sniper { price: Price(99), qty_min: Qty(7) }),
        ("quoting", Algo::Quoting { quoting }),
    ];
    let new = |algo| NewAlgo {
        parent: limit(),
        algo,
        start: Some(NOON),
        end: None,
        participation_max: Some(Rate(50_000_000)),
        price_limit: Some(Price(101)),
    };
    algos.into_iter().map(|(name, algo)| (name, new(algo))).collect()
}
