//! The line language: one command a line, as a trader types it; events and answers as lines back.
//! `parse(render(command)) == command` for every command. Names are looked up in a [`Directory`], orders in
//! [`OrderNames`]; what has no name there is written by its number (`#7`, `5ticks`, `3lots`).
//! Scenario files and the socket speak this. Nothing here decides anything, and no input makes it panic.

mod admin;
mod algo;
mod clause;
mod error;
mod event;
mod fees;
mod guard;
mod history;
mod kind;
mod listing;
mod market;
mod names;
mod order;
mod pen;
mod query;
mod reader;
mod reject;
mod risk;
mod venue;
mod what_if;
mod words;

pub use error::LineError;
pub use history::render_history;
pub use names::OrderNames;
pub use query::{Answer, Depth, Query, Working, Worth};
pub use words::Worded;

use crate::{AccountId, Command, Directory, Event, NewOrder, OrderFilter, OrderId, WhatIf};
use pen::Pen;
use reader::Reader;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Command(Command),
    /// A look at the present state; changes nothing.
    Show(Query),
    /// A look at what became of an order, from its acceptance on.
    History {
        account: AccountId,
        order: OrderId,
    },
    /// What would come of an order; changes nothing.
    WhatIf(Box<NewOrder>),
    /// Of a connection: which orders are cancelled when it ends.
    OnDisconnect(Option<OrderFilter>),
}

/// Reads one line; nothing but blanks and a comment is `None`.
///
/// # Errors
/// Which word is wrong, what was expected there, and which names exist.
pub fn parse(line: &str, directory: &Directory, orders: &OrderNames) -> Result<Option<Line>, LineError> {
    let mut reader = Reader::new(line, directory, orders);
    let Some(verb) = reader.optional() else { return Ok(None) };
    let said = match verb {
        "show" if reader.take("history") => {
            let (account, order) = history::read(&mut reader)?;
            Line::History { account, order }
        }
        "show" => Line::Show(query::read(&mut reader)?),
        "what_if" => Line::WhatIf(Box::new(what_if::read(&mut reader)?)),
        "on_disconnect" => Line::OnDisconnect(order::read_farewell(&mut reader)?),
        _ => Line::Command(read_command(verb, &mut reader)?),
    };
    reader.end()?;
    Ok(Some(said))
}

fn read_command(verb: &str, reader: &mut Reader) -> Result<Command, LineError> {
    for read in [order::read, market::read, listing::read, admin::read, risk::read, venue::read] {
        if let Some(command) = read(verb, reader)? {
            return Ok(command);
        }
    }
    Err(reader
        .unexpected("a command")
        .among(VERBS.iter().chain(&["on_disconnect", "show", "what_if"]).map(ToString::to_string)))
}

pub(crate) fn word_of_limit(kind: crate::LimitKind) -> &'static str {
    words::Worded::word(kind)
}

/// Every word that a command may begin with; `on_disconnect`, `show` and `what_if` begin lines that are none.
pub const VERBS: &[&str] = &[
    "time",
    "buy",
    "sell",
    "cancel",
    "modify",
    "cancel_all",
    "cancel_abandoned",
    "oco",
    "oto",
    "bracket",
    "cancel_group",
    "algo",
    "cancel_algo",
    "quote",
    "print",
    "mark",
    "funding",
    "borrow",
    "statistic",
    "asset",
    "list",
    "state",
    "fees",
    "split",
    "dividend",
    "rename",
    "delist",
    "user",
    "account",
    "book",
    "position_mode",
    "margin",
    "arm",
    "disarm",
    "deposit",
    "withdraw",
    "limit",
    "remove_limit",
    "trading",
    "kill",
    "release",
    "breaker",
    "reset_breaker",
    "acknowledge",
    "heartbeat",
    "set",
    "access",
    "venue",
    "report",
];

/// The command as a line that [`parse`] reads back as the same command.
#[must_use]
pub fn render_command(command: &Command, directory: &Directory, orders: &OrderNames) -> String {
    let mut pen = Pen::new(directory, orders);
    let written = order::write(command, &mut pen)
        || market::write(command, &mut pen)
        || listing::write(command, &mut pen)
        || admin::write(command, &mut pen)
        || risk::write(command, &mut pen)
        || venue::write(command, &mut pen);
    debug_assert!(written, "a command without words");
    pen.done()
}

/// The event as a line. Let `orders` hear the command first and learn the event, so that orders have names.
#[must_use]
pub fn render_event(event: &Event, directory: &Directory, orders: &OrderNames) -> String {
    let mut pen = Pen::new(directory, orders);
    event::write(event, &mut pen);
    pen.done()
}

/// The answer to a query, as lines.
#[must_use]
pub fn render_answer(
    query: &Query,
    answer: &Answer,
    directory: &Directory,
    orders: &OrderNames,
) -> Vec<String> {
    query::write_answer(query, answer, directory, orders)
}

/// What would come of an order, as lines.
#[must_use]
pub fn render_what_if(
    order: &NewOrder,
    answer: &WhatIf,
    directory: &Directory,
    orders: &OrderNames,
) -> Vec<String> {
    what_if::write_answer(order, answer, directory, orders)
}

/// What is to become of orders when a connection ends, as it is typed.
#[must_use]
pub fn render_farewell(farewell: Option<&OrderFilter>, directory: &Directory, orders: &OrderNames) -> String {
    let mut pen = Pen::new(directory, orders);
    order::write_farewell(farewell, &mut pen);
    pen.done()
}

/// A query as a line that [`parse`] reads back as the same query.
#[must_use]
pub fn render_query(query: &Query, directory: &Directory, orders: &OrderNames) -> String {
    let mut pen = Pen::new(directory, orders);
    query::write(query, &mut pen);
    pen.done()
}
