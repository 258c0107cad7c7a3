//! The table of pairs: which words of an order go together. Four small tables (type with time in force, type
//! with flag, time in force with flag, type with its place in a group), looked up one after the other; the
//! first that refuses gives the reason. `docs/PAIRS.md` is rendered from here.

use model::{Combination, NewOrder, OrderType, Route, TimeInForce};

pub const KINDS: [&str; 12] = [
    "market",
    "limit",
    "stop",
    "stop_limit",
    "market_if_touched",
    "limit_if_touched",
    "trailing_stop",
    "trailing_stop_limit",
    "iceberg",
    "hidden",
    "market_to_limit",
    "pegged",
];
pub const TIMES: [&str; 7] = ["gtc", "day", "gtd", "ioc", "fok", "at_open", "at_close"];
pub const FLAGS: [&str; 5] = ["post_only", "reduce_only", "self_trade", "min_qty", "condition"];
/// The places an order can have in a group.
pub const ROLES: [&str; 6] =
    ["oco leg", "oto first", "oto then", "bracket entry", "bracket stop", "bracket target"];

/// Legal, or why not.
pub type Verdict = Option<Combination>;

const OK: Verdict = None;
const WAITS: Verdict = Some(Combination::MarketWaits);
const AUCT: Verdict = Some(Combination::AuctionSpecial);
const ICEB: Verdict = Some(Combination::IcebergImmediate);
const HIDD: Verdict = Some(Combination::HiddenImmediate);
const PEGG: Verdict = Some(Combination::PeggedImmediate);
const POST: Verdict = Some(Combination::PostOnlyMarket);
const POSTI: Verdict = Some(Combination::PostOnlyImmediate);
const MINQ: Verdict = Some(Combination::MinQtyRests);
const LEGI: Verdict = Some(Combination::LegImmediate);
const STOP: Verdict = Some(Combination::NotStop);
const TARG: Verdict = Some(Combination::NotTarget);
const SMART: Verdict = Some(Combination::SmartKind);
const SMARTP: Verdict = Some(Combination::SmartPostOnly);
/// Any order of a group, or the parent of an algo, that is routed to a venue or over several.
pub const PART: Verdict = Some(Combination::RoutedPart);
const VKIN: Verdict = Some(Combination::VenueKind);
const VFLG: Verdict = Some(Combination::VenueFlag);

/// A market order without an end of its own is done at once, whatever its time in force says. The time of an
/// order that waits for a price is that of its waiting; `ioc` and `fok` count from then on.
#[rustfmt::skip]
pub const KIND_TIME: [[Verdict; 7]; 12] = [
    //   gtc  day  gtd    ioc   fok   at_open at_close
    [OK, OK, WAITS, OK,   OK,   OK,   OK],   // market
    [OK, OK, OK,    OK,   OK,   OK,   OK],   // limit
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // stop
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // stop_limit
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // market_if_touched
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // limit_if_touched
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // trailing_stop
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // trailing_stop_limit
    [OK, OK, OK,    ICEB, ICEB, AUCT, AUCT], // iceberg
    [OK, OK, OK,    HIDD, HIDD, AUCT, AUCT], // hidden
    [OK, OK, OK,    OK,   OK,   AUCT, AUCT], // market_to_limit
    [OK, OK, OK,    PEGG, PEGG, AUCT, AUCT], // pegged
];

/// Whether reduce-only suits the account is a check of the account.
#[rustfmt::skip]
pub const KIND_FLAG: [[Verdict; 5]; 12] = [
    //  post  reduce self min   condition
    [POST, OK, OK, OK,   OK], // market
    [OK,   OK, OK, OK,   OK], // limit
    [POST, OK, OK, MINQ, OK], // stop
    [OK,   OK, OK, MINQ, OK], // stop_limit
    [POST, OK, OK, MINQ, OK], // market_if_touched
    [OK,   OK, OK, MINQ, OK], // limit_if_touched
    [POST, OK, OK, MINQ, OK], // trailing_stop
    [OK,   OK, OK, MINQ, OK], // trailing_stop_limit
    [OK,   OK, OK, MINQ, OK], // iceberg
    [OK,   OK, OK, MINQ, OK], // hidden
    [POST, OK, OK, MINQ, OK], // market_to_limit
    [POST, OK, OK, MINQ, OK], // pegged
];

#[rustfmt::skip]
pub const TIME_FLAG: [[Verdict; 5]; 7] = [
    //  post   reduce self min   condition
    [OK,    OK, OK, MINQ, OK],   // gtc
    [OK,    OK, OK, MINQ, OK],   // day
    [OK,    OK, OK, MINQ, OK],   // gtd
    [POSTI, OK, OK, OK,   OK],   // ioc
    [POSTI, OK, OK, MINQ, OK],   // fok
    [POSTI, OK, OK, MINQ, AUCT], // at_open
    [POSTI, OK, OK, MINQ, AUCT], // at_close
];

#[rustfmt::skip]
pub const KIND_ROLE: [[Verdict; 6]; 12] = [
    //  oco   first then entry stop  target
    [LEGI, OK, OK, OK, STOP, TARG], // market
    [OK,   OK, OK, OK, STOP, OK],   // limit
    [OK,   OK, OK, OK, OK,   TARG], // stop
    [OK,   OK, OK, OK, OK,   TARG], // stop_limit
    [OK,   OK, OK, OK, STOP, OK],   // market_if_touched
    [OK,   OK, OK, OK, STOP, OK],   // limit_if_touched
    [OK,   OK, OK, OK, OK,   TARG], // trailing_stop
    [OK,   OK, OK, OK, OK,   TARG], // trailing_stop_limit
    [OK,   OK, OK, OK, STOP, OK],   // iceberg
    [OK,   OK, OK, OK, STOP, OK],   // hidden
    [LEGI, OK, OK, OK, STOP, TARG], // market_to_limit
    [OK,   OK, OK, OK, STOP, TARG], // pegged
];

/// A leg that is to wait for another cannot be immediate or wait for an auction.
#[rustfmt::skip]
pub const TIME_ROLE: [[Verdict; 6]; 7] = [
    //  oco   first then  entry stop  target
    [OK,   OK,   OK,   OK,   OK,   OK],   // gtc
    [OK,   OK,   OK,   OK,   OK,   OK],   // day
    [OK,   OK,   OK,   OK,   OK,   OK],   // gtd
    [LEGI, OK,   OK,   OK,   LEGI, LEGI], // ioc
    [LEGI, OK,   OK,   OK,   LEGI, LEGI], // fok
    [LEGI, LEGI, LEGI, LEGI, LEGI, LEGI], // at_open
    [LEGI, LEGI, LEGI, LEGI, LEGI, LEGI], // at_close
];

/// Smart routing takes and moves: what is hidden, shown in parts, or priced by one book stays in that book. An
/// order that waits for a price is routed when its moment comes.
#[rustfmt::skip]
pub const KIND_SMART: [Verdict; 12] = [
    OK, OK, OK, OK, OK, OK, OK, OK, SMART, SMART, SMART, SMART,
];

#[rustfmt::skip]
pub const TIME_SMART: [Verdict; 7] = [
    OK, OK, OK, OK, OK, AUCT, AUCT,
];

pub const FLAG_SMART: [Verdict; 5] = [SMARTP, OK, OK, OK, OK];
/// What goes to an outside venue. It is asked for market and limit orders that stay, go with the session, or take
/// what is there; the rest of an allowed order (its trigger, condition, group, or a date on which it ends) is kept
/// here, and the venue never hears of it.
#[rustfmt::skip]
pub const KIND_OUTSIDE: [Verdict; 12] = [
    OK, OK,         // market, limit
    OK, OK, OK, OK, // stop, stop_limit, market_if_touched, limit_if_touched
    OK, OK,         // trailing_stop, trailing_stop_limit
    VKIN, VKIN, VKIN, VKIN, // iceberg, hidden, market_to_limit, pegged
];

#[rustfmt::skip]
pub const TIME_OUTSIDE: [Verdict; 7] = [
    //gtc day gtd ioc fok at_open at_close
    OK,  OK, OK, OK, OK, OK,    OK,
];

#[rustfmt::skip]
pub const FLAG_OUTSIDE: [Verdict; 5] = [
    //post reduce self  min   condition
    VFLG,  OK,    VFLG, VFLG, OK,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    OcoLeg,
    OtoFirst,
    OtoThen,
    Entry,
    Stop,
    Target,
}

/// The order by itself.
#[inline]
#[must_use]
pub fn check(order: &NewOrder) -> Verdict {
    let (kind, time) = (kind_of(&order.kind), time_of(order.time_in_force));
    let flags = flags_of(order);
    verdict(&KIND_TIME, kind, time)
        .or_else(|| if flags.contains(&true) { check_flags(kind, time, flags) } else { OK })
}

fn check_flags(kind: usize, time: usize, flags: [bool; 5]) -> Verdict {
    let mut set = flags.into_iter().enumerate().filter(|(_, set)| *set);
    set.find_map(|(flag, _)| verdict(&KIND_FLAG, kind, flag).or_else(|| verdict(&TIME_FLAG, time, flag)))
}

/// In a group.
#[must_use]
pub fn check_role(order: &NewOrder, role: Role) -> Verdict {
    let routed = if order.route == Route::Listing { OK } else { PART };
    let (kind, time) = (kind_of(&order.kind), time_of(order.time_in_force));
    let pairs =
        || verdict(&KIND_ROLE, kind, role as usize).or_else(|| verdict(&TIME_ROLE, time, role as usize));
    routed.or_else(pairs)
}

/// An order that is routed over several markets.
#[must_use]
pub fn check_smart(order: &NewOrder) -> Verdict {
    let at = |table: &[Verdict], at: usize| table.get(at).copied().flatten();
    let mut flags = flags_of(order).into_iter().enumerate().filter(|(_, set)| *set);
    at(&KIND_SMART, kind_of(&order.kind))
        .or_else(|| at(&TIME_SMART, time_of(order.time_in_force)))
        .or_else(|| flags.find_map(|(flag, _)| at(&FLAG_SMART, flag)))
}

/// The order at an outside venue.
#[must_use]
pub fn check_outside(order: &NewOrder) -> Verdict {
    let one = |table: &[Verdict], at: usize| table.get(at).copied().flatten();
    let flags = flags_of(order).into_iter().enumerate().filter(|(_, set)| *set);
    one(&KIND_OUTSIDE, kind_of(&order.kind))
        .or_else(|| one(&TIME_OUTSIDE, time_of(order.time_in_force)))
        .or_else(|| flags.into_iter().find_map(|(flag, _)| one(&FLAG_OUTSIDE, flag)))
}

#[inline]
fn verdict<const COLUMNS: usize, const ROWS: usize>(
    table: &[[Verdict; COLUMNS]; ROWS],
    row: usize,
    column: usize,
) -> Verdict {
    table.get(row).and_then(|row| row.get(column)).copied().flatten()
}

/// Whether the order has each flag, in the tables' order.
#[inline]
fn flags_of(order: &NewOrder) -> [bool; 5] {
    [
        order.post_only.is_some(),
        order.reduce_only,
        order.self_trade.is_some(),
        order.qty_min.is_some(),
        order.condition.is_some(),
    ]
}

#[inline]
fn kind_of(kind: &OrderType) -> usize {
    match kind {
        OrderType::Market => 0,
        OrderType::Limit { .. } => 1,
        OrderType::Stop { .. } => 2,
        OrderType::StopLimit { .. } => 3,
        OrderType::MarketIfTouched { .. } => 4,
        OrderType::LimitIfTouched { .. } => 5,
        OrderType::TrailingStop { .. } => 6,
        OrderType::TrailingStopLimit { .. } => 7,
        OrderType::Iceberg { .. } => 8,
        OrderType::Hidden { .. } => 9,
        OrderType::MarketToLimit => 10,
        OrderType::Pegged { .. } => 11,
    }
}

#[inline]
fn time_of(time: TimeInForce) -> usize {
    match time {
        TimeInForce::Gtc => 0,
        TimeInForce::Day => 1,
        TimeInForce::Gtd(_) => 2,
        TimeInForce::Ioc => 3,
        TimeInForce::Fok => 4,
        TimeInForce::AtOpen => 5,
        TimeInForce::AtClose => 6,
    }
}
