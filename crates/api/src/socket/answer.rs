//! The answers of orders over a socket: short, written where the durable answers arrive, and handed over a batch at
//! a time, so that an order costs no task and no wake-up of its own.

use crate::feed::Outbox;
use crate::order::view::{Fate, qty_text};
use axum::extract::ws::Utf8Bytes;
use model::line::Worded;
use model::{Event, FirstAnswer, Grid, OrderId, Reject};
use node::Reply;
use serde_json::json;
use std::fmt::Write;
use std::sync::Arc;

/// Whose answer, and what it was about.
pub(crate) struct Ticket {
    /// The client's own id of the message, as JSON.
    pub(crate) id: Box<str>,
    pub(crate) grid: Grid,
    pub(crate) outbox: Arc<Outbox>,
}

/// Answers of one batch, for one socket after the other.
#[derive(Default)]
pub(crate) struct Bundled {
    outbox: Option<Arc<Outbox>>,
    messages: Vec<Utf8Bytes>,
}

impl Bundled {
    pub(crate) fn add(&mut self, ticket: &Ticket, reply: &Reply) {
        if self.outbox.as_ref().is_some_and(|outbox| !Arc::ptr_eq(outbox, &ticket.outbox)) {
            self.flush();
        }
        self.outbox.get_or_insert_with(|| Arc::clone(&ticket.outbox));
        self.messages.push(answer(ticket, reply).into());
    }

    pub(crate) fn flush(&mut self) {
        if let Some(outbox) = self.outbox.take() {
            // A socket that is gone hears nothing more.
            outbox.push_all(self.messages.drain(..));
        }
        self.messages.clear();
    }
}

fn answer(ticket: &Ticket, reply: &Reply) -> String {
    let mut out = String::with_capacity(160);
    out.push_str("{\"id\":");
    out.push_str(&ticket.id);
    for event in reply.events() {
        match event {
            Event::OrderAccepted(accepted) => {
                placed(&mut out, accepted.order, ticket, reply);
                return out;
            }
            Event::OrderRepeated { first: FirstAnswer::Accepted { order }, .. } => {
                end(
                    &mut out,
                    format_args!(",\"type\":\"repeated\",\"order_id\":\"{order}\",\"seq\":{}}}", reply.seq),
                );
                return out;
            }
            Event::OrderRejected { reason, .. }
            | Event::ModifyRejected { reason, .. }
            | Event::CancelRejected { reason, .. }
            | Event::CommandRejected { reason }
            | Event::OrderRepeated { first: FirstAnswer::Rejected { reason }, .. } => {
                refused(&mut out, reason, reply.seq);
                return out;
            }
            _ => {}
        }
    }
    end(&mut out, format_args!(",\"type\":\"done\",\"seq\":{}}}", reply.seq));
    out
}

fn placed(out: &mut String, order: OrderId, ticket: &Ticket, reply: &Reply) {
    let fate = Fate::of(order, reply.events());
    let (status, filled) = (fate.status.word(), qty_text(fate.filled, ticket.grid).0);
    end(
        out,
        format_args!(
            ",\"type\":\"placed\",\"order_id\":\"{order}\",\"execution_status\":\"{status}\",\
             \"filled_quantity\":\"{filled}\",\"seq\":{}}}",
            reply.seq
        ),
    );
}

fn refused(out: &mut String, reason: &Reject, seq: u64) {
    let detail = json!(format!("{reason}: {}", reason.advice()));
    end(
        out,
        format_args!(
            ",\"type\":\"refused\",\"code\":\"{}\",\"detail\":{detail},\"seq\":{seq}}}",
            reason.code()
        ),
    );
}

fn end(out: &mut String, rest: std::fmt::Arguments<'_>) {
    // Writing into memory does not fail.
    out.write_fmt(rest).unwrap_or_default();
}
