//! The answers of orders over a socket: short, and written as bytes where the durable answers arrive.

use crate::order::view::{Fate, qty_text};
use crate::pen::{put, put_number};
use model::line::Worded;
use model::{Event, FirstAnswer, Grid, OrderId, Reject};
use serde_json::json;

/// What an answer is about.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// The client's own id of the message, as JSON.
    pub(crate) id: Box<str>,
    pub(crate) grid: Grid,
}

pub(super) fn answer(out: &mut Vec<u8>, ticket: &Ticket, seq: u64, events: &[Event]) {
    put(out, "{\"id\":");
    put(out, &ticket.id);
    said(out, ticket, events);
    put(out, ",\"seq\":");
    put_number(out, seq);
    put(out, "}");
}

fn said(out: &mut Vec<u8>, ticket: &Ticket, events: &[Event]) {
    for event in events {
        match event {
            Event::OrderAccepted(accepted) => return placed(out, accepted.order, ticket, events),
            Event::OrderRepeated { first: FirstAnswer::Accepted { order }, .. } => {
                put(out, ",\"type\":\"repeated\",\"order_id\":\"");
                put_number(out, order.0);
                return put(out, "\"");
            }
            Event::OrderRejected { reason, .. }
            | Event::ModifyRejected { reason, .. }
            | Event::CancelRejected { reason, .. }
            | Event::CommandRejected { reason }
            | Event::OrderRepeated { first: FirstAnswer::Rejected { reason }, .. } => {
                return refused(out, reason);
            }
            _ => {}
        }
    }
    put(out, ",\"type\":\"done\"");
}

fn placed(out: &mut Vec<u8>, order: OrderId, ticket: &Ticket, events: &[Event]) {
    let fate = Fate::of(order, events);
    put(out, ",\"type\":\"placed\",\"order_id\":\"");
    put_number(out, order.0);
    put(out, "\",\"execution_status\":\"");
    put(out, fate.status.word());
    put(out, "\",\"filled_quantity\":\"");
    if fate.filled.is_zero() {
        put(out, "0");
    } else {
        put(out, &qty_text(fate.filled, ticket.grid).0);
    }
    put(out, "\"");
}

fn refused(out: &mut Vec<u8>, reason: &Reject) {
    put(out, ",\"type\":\"refused\",\"code\":\"");
    put(out, reason.code());
    put(out, "\",\"detail\":");
    put(out, &json!(format!("{reason}: {}", reason.advice())).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AssetId, Money};

    #[test]
    fn an_answer_is_json_with_the_client_s_own_id() {
        let grid = Grid { tick: Money::ONE, lot: Money::ONE };
        let ticket = Ticket { id: "\"a\\\"b\"".into(), grid };
        let mut out = Vec::new();
        let reason = Reject::InsufficientFunds { asset: AssetId(0), needed: Money(2), free: Money(1) };
        answer(&mut out, &ticket, 7, &[Event::CommandRejected { reason }]);
        let told: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(
            (&told["id"], &told["type"], &told["seq"]),
            (&json!("a\"b"), &json!("refused"), &json!(7))
        );
        assert_eq!(told["code"], "insufficient_funds");
        out.clear();
        answer(&mut out, &ticket, 8, &[Event::TimeAdvanced]);
        assert_eq!(out, b"{\"id\":\"a\\\"b\",\"type\":\"done\",\"seq\":8}");
    }
}
