//! Orders over a socket. Those that come together go in together: one look at the door for all of them, and an
//! answer each, in their order, once they are durable.

use super::answer::Ticket;
use super::message::{Message, PlainPlace};
use super::session::Session;
use crate::auth::Power;
use crate::call::own_account;
use crate::door::LaneDoor;
use crate::order::body::OrderBody;
use crate::order::{change, place};
use crate::problem::Problem;
use model::{CancelOrder, Command, Grid, Money, OrderRef};
use std::collections::VecDeque;

/// So many go in at once, however many are here.
const AT_ONCE: usize = 256;

/// Of answers that show no quantity.
const NO_GRID: Grid = Grid { tick: Money::ONE, lot: Money::ONE };

/// Orders that were read and wait to go in.
pub(super) struct Entry {
    door: LaneDoor,
    commands: VecDeque<(u64, Command)>,
    tickets: Vec<Ticket>,
}

impl Entry {
    pub(super) fn new(door: LaneDoor) -> Self {
        Self { door, commands: VecDeque::new(), tickets: Vec::new() }
    }
}

impl Session {
    /// Takes the message if it is an ordinary order and nothing else; whatever is not is for the others.
    pub(super) fn place_plain(&mut self, text: &str) -> bool {
        self.read_plain(text).is_some_and(|(id, command, grid)| {
            self.add(id, command, grid);
            true
        })
    }

    fn read_plain(&self, text: &str) -> Option<(Box<str>, Command, Grid)> {
        let caller = self.caller.as_ref().filter(|caller| caller.can(Power::Trade))?;
        let message = PlainPlace::read(text)?;
        let (account, (instrument, grid)) = message.order.place(caller.user, &self.names)?;
        let order = message.order.read(account, (instrument, grid))?;
        Some((message.id_json(), Command::PlaceOrder(order), grid))
    }

    pub(super) fn place(&mut self, id: &str, order: Option<OrderBody>) -> Result<(), Problem> {
        let (command, grid) = self.read_order(order)?;
        self.add(id.into(), command, grid);
        Ok(())
    }

    fn read_order(&mut self, order: Option<OrderBody>) -> Result<(Command, Grid), Problem> {
        let caller = self.caller(Power::Trade)?;
        let body = order.ok_or_else(|| Problem::wrong("order", "is missing"))?;
        if self.names.instrument_named(&body.symbol).is_none() {
            self.names = self.desk.names.now();
        }
        let owner = own_account(&caller, body.account.as_deref(), &self.names).or_else(|_unknown| {
            self.names = self.desk.names.now();
            own_account(&caller, body.account.as_deref(), &self.names)
        })?;
        let wanted = place::read(&body, owner, &self.names)?;
        let grid = self.names.grid(wanted.shown.instrument).ok_or_else(Problem::internal)?;
        Ok((wanted.command, grid))
    }

    fn add(&mut self, id: Box<str>, command: Command, grid: Grid) {
        self.entry.tickets.push(Ticket { id, grid });
        self.entry.commands.push_back((self.entry.door.tag(), command));
        if self.entry.commands.len() >= AT_ONCE {
            self.send_orders();
        }
    }

    /// Lets those in that were read.
    pub(super) fn send_orders(&mut self) {
        let Entry { door, commands, tickets } = &mut self.entry;
        if commands.is_empty() {
            return;
        }
        if let Some((refused, back)) = door.send(commands, tickets) {
            let problem = Problem::from(refused);
            back.iter().for_each(|ticket| self.refuse(&ticket.id, &problem));
        }
    }

    async fn target(&self, message: &Message<'_>) -> Result<change::Target, Problem> {
        let caller = self.caller(Power::Trade)?;
        let order = match (&message.order_id, &message.client_order_id) {
            (Some(id), None) => change::named(id)?,
            (None, Some(client)) => {
                OrderRef::Client(client.parse().map_err(|error: model::TextError| {
                    Problem::wrong("client_order_id", error.to_string())
                })?)
            }
            _ => return Err(Problem::wrong("order_id", "or client_order_id is needed, one of the two")),
        };
        if let (OrderRef::Client(_), Some(named)) = (order, &message.account) {
            let names = self.desk.names.now();
            let account = own_account(&caller, Some(named), &names)?;
            return Ok(change::Target { account, order, instrument: None });
        }
        change::find(&self.desk, &caller, order).await
    }

    pub(super) async fn cancel(&mut self, id: &str, message: &Message<'_>) -> Result<(), Problem> {
        let change::Target { account, order, .. } = self.target(message).await?;
        self.add(id.into(), Command::CancelOrder(CancelOrder { account, order }), NO_GRID);
        Ok(())
    }

    pub(super) async fn modify(&mut self, id: &str, mut message: Message<'_>) -> Result<(), Problem> {
        let changes = message.changes.take().ok_or_else(|| Problem::wrong("changes", "are missing"))?;
        let target = self.target(&message).await?;
        let command = changes.read(&target, &self.desk.names.now())?;
        self.add(id.into(), command, NO_GRID);
        Ok(())
    }
}
