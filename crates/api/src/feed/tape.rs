//! Trades of a market, to whoever listens to it.

use super::{Feed, Message, locked};
use crate::names::Names;
use crate::order::view::{price_text, qty_text};
use model::line::Worded;
use model::{Event, InstrumentId, Price, Qty, Side, Stamped};
use serde_json::json;
use std::sync::atomic::Ordering;

struct Tick {
    instrument: InstrumentId,
    price: Price,
    qty: Qty,
    side: Option<Side>,
    id: Option<u64>,
}

fn tick_of(event: &Event) -> Option<Tick> {
    Some(match event {
        Event::Traded(traded) => Tick {
            instrument: traded.instrument,
            price: traded.price,
            qty: traded.qty,
            side: Some(traded.taker_side),
            id: Some(traded.trade.0),
        },
        Event::Printed(print) => {
            Tick { instrument: print.instrument, price: print.price, qty: print.qty, side: None, id: None }
        }
        _ => return None,
    })
}

pub(super) fn tell(feed: &Feed, names: &Names, stamped: &Stamped, event: &Event) {
    let Some(tick) = tick_of(event) else { return };
    let mut tapes = locked(&feed.tapes);
    let Some(listeners) = tapes.get_mut(&tick.instrument) else { return };
    let names = names.now();
    let Some(listed) = names.instrument(tick.instrument) else { return };
    let message = json!({
        "channel": "trades", "symbol": listed.symbol.as_str(), "type": "trade", "seq": stamped.seq,
        "time": stamped.time.to_string(), "id": tick.id.map(|id| id.to_string()),
        "price": price_text(tick.price, listed.grid), "quantity": qty_text(tick.qty, listed.grid),
        "side": tick.side.map(Worded::word),
    });
    let message = Message::from(message.to_string());
    let before = listeners.len();
    listeners.retain(|outbox| outbox.push(message.clone()));
    feed.tape_count.fetch_sub(before - listeners.len(), Ordering::AcqRel);
}
