//! The answer to an ordinary order, written straight into the bytes that are sent. It is what `OrderView` would be in
//! JSON, byte for byte, which a test holds.

use super::view::{Fate, average, cause_word, price_text, qty_text, time_in_force_word, type_word};
use crate::pen::{put, put_number, put_shown, put_text};
use model::line::Worded;
use model::{Directory, NewOrder, OrderType, Time, TimeInForce};

/// Room for most answers.
const ROOM: usize = 512;

/// None for an order that is not ordinary, or whose names are not known.
pub(super) fn written(
    order: &NewOrder,
    fate: &Fate,
    (time, seq): (Time, u64),
    names: &Directory,
) -> Option<Vec<u8>> {
    let is_plain = matches!(order.kind, OrderType::Limit { .. } | OrderType::Market) && order.book.is_none();
    let is_lasting = !matches!(order.time_in_force, TimeInForce::Gtd(_));
    let listed = names.instrument(order.instrument).filter(|_| is_plain && is_lasting)?;
    let opened = names.account(order.account)?;
    let mut out = Vec::with_capacity(ROOM);
    let json = &mut out;
    put(json, "{\"id\":\"");
    put_number(json, fate.order.0);
    put(json, "\"");
    if let Some(id) = &order.client_order_id {
        put(json, ",\"client_order_id\":");
        put_text(json, id.as_str());
    }
    put(json, ",\"user_id\":");
    put_number(json, opened.user.0.into());
    put(json, ",\"account\":");
    put_text(json, opened.name.as_str());
    put(json, ",\"book\":\"main\",\"symbol\":");
    put_text(json, listed.symbol.as_str());
    put_word(json, ",\"side\":\"", order.side.word());
    put_word(json, ",\"order_type\":\"", type_word(&order.kind));
    put_word(json, ",\"quantity\":\"", &qty_text(order.qty, listed.grid).0);
    if let Some(price) = order.kind.limit() {
        put_word(json, ",\"price\":\"", &price_text(price, listed.grid).0);
    }
    put_word(json, ",\"time_in_force\":\"", time_in_force_word(order.time_in_force));
    put_word(json, ",\"execution_status\":\"", fate.status.word());
    put_word(json, ",\"status\":\"", fate.status.derived());
    if fate.filled.is_zero() {
        put(json, ",\"filled_quantity\":\"0\"");
    } else {
        put_word(json, ",\"filled_quantity\":\"", &qty_text(fate.filled, listed.grid).0);
        if let Some(price) = average(fate.value, fate.filled, listed.grid) {
            put_word(json, ",\"average_price\":\"", &price.0);
        }
    }
    put(json, if order.reduce_only { ",\"reduce_only\":true" } else { ",\"reduce_only\":false" });
    if let Some(cause) = &fate.cause {
        put_word(json, ",\"reason\":\"", cause_word(cause));
    }
    if !fate.filled.is_zero() {
        put(json, ",\"fee\":\"");
        put_shown(json, &fate.fee);
        put(json, "\"");
    }
    put(json, ",\"created_at\":\"");
    let start = json.len();
    put_shown(json, &time);
    let moment = start..json.len();
    put(json, "\",\"updated_at\":\"");
    json.extend_from_within(moment);
    put(json, "\",\"seq\":");
    put_number(json, seq);
    put(json, "}");
    Some(out)
}

fn put_word(json: &mut Vec<u8>, name: &str, word: &str) {
    put(json, name);
    put(json, word);
    put(json, "\"");
}

#[cfg(test)]
mod tests {
    use super::super::view::OrderView;
    use super::*;
    use crate::probe::house;
    use model::line::{Line, OrderNames, parse};
    use model::{Command, Event, Stamped};

    #[test]
    fn an_answer_is_the_view_byte_for_byte() {
        let (mut names, mut engine) = house();
        let lines = [
            "deposit alice 1000000 USDT",
            "deposit alice 10 BTC",
            "buy alice 0.5 BTC-USDT @ 64000.5 id a\"\\1",
            "sell alice 0.0001 BTC-USDT @ 65000 day",
            "buy alice 1 BTC-USDT @ 63000 fok",
            "user bob",
            "account bob of bob cash USDT",
            "deposit bob 10 BTC",
            "sell bob 0.2 BTC-USDT @ 64000 ioc",
            "sell bob 0.1 BTC-USDT market ioc",
            "sell bob 9 BTC-USDT @ 64000 id rest",
        ];
        let mut held = 0;
        for (seq, line) in (100..).zip(lines) {
            let Ok(Some(Line::Command(command))) = parse(line, &names, &OrderNames::default()) else {
                panic!("{line}")
            };
            let (time, mut events) = (Time(1_795_271_400_123_000_000), Vec::new());
            engine.apply(&Stamped { seq, time, command: command.clone() }, &mut events);
            events.iter().for_each(|event| names.learn(event));
            let Command::PlaceOrder(order) = command else { continue };
            let Some(Event::OrderAccepted(accepted)) = events.first() else { panic!("{line}: {events:?}") };
            let fate = Fate::of(accepted.order, &events);
            let view = OrderView::placed(&order, &fate, (time, seq), &names).expect("a view");
            let view = serde_json::to_string(&view).expect("JSON");
            let told = written(&order, &fate, (time, seq), &names).expect("an ordinary order");
            assert_eq!(String::from_utf8(told).as_deref(), Ok(view.as_str()));
            held += 1;
        }
        assert_eq!(held, 6);
    }
}
