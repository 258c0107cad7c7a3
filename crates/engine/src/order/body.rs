//! The fingerprint of an order's body: a repeated client id with the same body is a retry, with another body a
//! mistake. Plain orders are folded field by field; the rare ones by their bytes.

use crate::index::mix;
use model::{NewOrder, OrderType, Route, TimeInForce};
use xxhash_rust::xxh3::xxh3_64;

#[inline(always)]
pub(crate) fn body_of(order: &NewOrder) -> u64 {
    let kind = match order.kind {
        OrderType::Market => Some((0, 0)),
        OrderType::Limit { price } => Some((1, price.0)),
        OrderType::Hidden { price } => Some((2, price.0)),
        _ => None,
    };
    let plain = order.condition.is_none() && order.route == Route::Listing && order.trace.is_none();
    match kind {
        Some(kind) if plain && order.deadline.is_none() => folded(order, kind),
        _ => in_bytes(order),
    }
}

#[inline]
fn folded(order: &NewOrder, (kind, price): (u64, i64)) -> u64 {
    let until = match order.time_in_force {
        TimeInForce::Gtc => (0, 0),
        TimeInForce::Day => (1, 0),
        TimeInForce::Gtd(time) => (2, time.0),
        TimeInForce::Ioc => (3, 0),
        TimeInForce::Fok => (4, 0),
        TimeInForce::AtOpen => (5, 0),
        TimeInForce::AtClose => (6, 0),
    };
    let small = [
        kind,
        order.side as u64,
        until.0,
        order.post_only.map_or(0, |post| 1 | (post as u64) << 1),
        u64::from(order.reduce_only),
        order.self_trade.map_or(0, |mode| 1 | (mode as u64) << 1),
        order.priority as u64,
    ];
    let flags = small.into_iter().fold(0u64, |all, one| (all << 4) | one);
    let book = order.book.map_or(u64::MAX, |book| u64::from(book.0));
    let least = order.qty_min.map_or(u64::MAX, |qty| qty.0.cast_unsigned());
    let place = mix((u64::from(order.instrument.0) << 32) | flags, book);
    let size = mix(order.qty.0.cast_unsigned(), price.cast_unsigned());
    let plain = mix(place, size) ^ mix(until.1.cast_unsigned(), least);
    match order.confidence {
        None => plain,
        Some(confidence) => mix(plain, confidence.0.cast_unsigned()),
    }
}

#[cold]
fn in_bytes(order: &NewOrder) -> u64 {
    let unnamed = NewOrder { client_order_id: None, ..order.clone() };
    fingerprint(&unnamed)
}

/// Of anything that has a binary form.
pub(crate) fn fingerprint(body: &impl serde::Serialize) -> u64 {
    postcard::to_allocvec(body).map_or(0, |bytes| xxh3_64(&bytes))
}
