//! What the clients know of their ids: an id is one order and a reference one transfer for as long as the house
//! remembers it, which is while the order lives and the retention after its end. What is over may be used again.

use super::memory::ensure;
use model::{
    AccountId, Bound, ClientOrderId, Command, Event, FirstAnswer, NewGroup, NewOrder, OrderId, Reject,
    Setting, Time, Transfer,
};
use std::collections::{BTreeMap, VecDeque};

/// The house forgets at least so many of those that are over, with every command.
const FORGOTTEN_AT_ONCE: usize = 64;
const DAY_NS: i64 = 86_400_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Order(AccountId, ClientOrderId),
    Transfer(AccountId, ClientOrderId),
}

/// What an id was used for, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Used {
    /// The command that brought the order.
    Order(Box<Command>, FirstAnswer),
    Transfer {
        transfer: Transfer,
        inward: bool,
    },
}

#[derive(Debug)]
pub(super) struct Ids {
    used: BTreeMap<Key, Used>,
    orders: BTreeMap<OrderId, Key>,
    /// In the order they ended.
    ended: VecDeque<(Time, Key)>,
    retention_ns: i64,
    max: usize,
    /// Over, and perhaps still counted by the house.
    lingering: usize,
    now: Time,
    pub forgotten: u64,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            used: BTreeMap::new(),
            orders: BTreeMap::new(),
            ended: VecDeque::new(),
            retention_ns: DAY_NS,
            max: usize::MAX,
            lingering: 0,
            now: Time(i64::MIN),
            forgotten: 0,
        }
    }
}

impl Ids {
    /// Takes one acknowledged command in; `ended` are the orders that it ended.
    ///
    /// # Errors
    /// If the answer contradicts an earlier one that must still be remembered.
    pub fn take(
        &mut self,
        time: Time,
        command: &Command,
        events: &[Event],
        ended: &[OrderId],
    ) -> Result<(), String> {
        self.pass(time);
        match command {
            Command::PlaceOrder(order) => self.placed(order, command, events)?,
            Command::PlaceAlgo(algo) => self.placed(&algo.parent, command, events)?,
            Command::PlaceGroup(group) => self.placed_together(group, command, events)?,
            Command::Deposit(transfer) => self.transferred(transfer, true, events)?,
            Command::Withdraw(transfer) => self.transferred(transfer, false, events)?,
            _ => {}
        }
        let over = ended.iter().filter_map(|order| self.orders.remove(order));
        self.ended.extend(over.map(|key| (self.now, key)));
        for event in events {
            match event {
                Event::Configured(Setting::ClientIdRetention { ns }) => self.retention_ns = *ns,
                Event::Configured(Setting::ClientIdsMax { count }) => self.max = *count as usize,
                _ => {}
            }
        }
        Ok(())
    }

    fn pass(&mut self, time: Time) {
        self.now = self.now.max(time);
        let over = |ended: &Time| ended.saturating_add_ns(self.retention_ns) <= self.now;
        let count = self.ended.iter().take_while(|(ended, _)| over(ended)).count();
        for (_, key) in self.ended.drain(..count) {
            self.used.remove(&key);
        }
        self.forgotten += count as u64;
        self.lingering = (self.lingering + count).saturating_sub(FORGOTTEN_AT_ONCE);
    }

    fn placed(&mut self, order: &NewOrder, command: &Command, events: &[Event]) -> Result<(), String> {
        // What it set in motion comes after its own answer.
        let (answer, repeated) = events.iter().find_map(|event| own_answer(order, event)).unwrap_or_default();
        let Some(id) = order.client_order_id else {
            return ensure(answer.is_some() && repeated.is_none(), || "no answer".to_owned());
        };
        let key = Key::Order(order.account, id);
        match (self.used.get(&key), answer, repeated) {
            (Some(Used::Order(body, first)), None, Some(again)) => {
                ensure(**body == *command && again == *first, || format!("the first answer was {first:?}"))
            }
            (
                Some(Used::Order(body, _)),
                Some(FirstAnswer::Rejected { reason: Reject::ClientIdReused }),
                None,
            ) => ensure(**body != *command, || "a repeated order was taken for another".to_owned()),
            (None, Some(FirstAnswer::Rejected { reason: Reject::UnknownAccount { .. } }), None) => Ok(()),
            (None, Some(FirstAnswer::Rejected { reason }), None) if is_full(&reason) => self.check_full(),
            (None, Some(first), None) => {
                self.check_room()?;
                self.used.insert(key, Used::Order(Box::new(command.clone()), first));
                match first {
                    FirstAnswer::Accepted { order } => drop(self.orders.insert(order, key)),
                    FirstAnswer::Rejected { .. } => self.ended.push_back((self.now, key)),
                }
                Ok(())
            }
            (known, ..) => Err(format!("an answer that does not fit to what was known: {known:?}")),
        }
    }

    /// All orders of a group are new, or nothing came of it.
    fn placed_together(
        &mut self,
        group: &NewGroup,
        command: &Command,
        events: &[Event],
    ) -> Result<(), String> {
        let placed = events.iter().find_map(|event| match event {
            Event::GroupPlaced { orders, .. } => Some(orders),
            _ => None,
        });
        for (leg, order) in legs(group).into_iter().zip(placed.into_iter().flatten()) {
            let Some(id) = leg.client_order_id else { continue };
            let key = Key::Order(leg.account, id);
            ensure(!self.used.contains_key(&key), || "an id was taken twice".to_owned())?;
            let first = FirstAnswer::Accepted { order: *order };
            self.used.insert(key, Used::Order(Box::new(command.clone()), first));
            self.orders.insert(*order, key);
        }
        Ok(())
    }

    fn transferred(&mut self, transfer: &Transfer, inward: bool, events: &[Event]) -> Result<(), String> {
        let Some(reference) = transfer.reference else { return Ok(()) };
        let key = Key::Transfer(transfer.account, reference);
        let asked = Used::Transfer { transfer: *transfer, inward };
        let known = self.used.get(&key);
        for event in events {
            match event {
                Event::Deposited { .. } | Event::Withdrawn { .. } => {
                    ensure(known.is_none(), || "a transfer was done twice".to_owned())?;
                    self.check_room()?;
                    self.used.insert(key, asked);
                    self.ended.push_back((self.now, key));
                    return Ok(());
                }
                Event::TransferRepeated { .. } => {
                    return ensure(known == Some(&asked), || "a new transfer was called repeated".to_owned());
                }
                Event::CommandRejected { reason, .. } if is_full(reason) => return self.check_full(),
                _ => {}
            }
        }
        ensure(known != Some(&asked), || "a repeated transfer was refused".to_owned())
    }

    fn check_room(&self) -> Result<(), String> {
        let (count, max) = (self.used.len(), self.max);
        ensure(count < max, || format!("one more id was taken beyond {count} of {max}"))
    }

    fn check_full(&self) -> Result<(), String> {
        let (count, max) = (self.used.len() + self.lingering, self.max);
        ensure(count >= max, || format!("an id was refused for want of room with {count} of {max}"))
    }
}

/// The answer to the order itself, if this is it: the first, or the first again.
fn own_answer(order: &NewOrder, event: &Event) -> Option<(Option<FirstAnswer>, Option<FirstAnswer>)> {
    match event {
        Event::OrderAccepted(accepted) => Some((Some(FirstAnswer::Accepted { order: accepted.order }), None)),
        Event::OrderRejected { reason, client_order_id, .. } if *client_order_id == order.client_order_id => {
            Some((Some(FirstAnswer::Rejected { reason: *reason }), None))
        }
        Event::OrderRepeated { first, .. } => Some((None, Some(*first))),
        _ => None,
    }
}

fn legs(group: &NewGroup) -> Vec<&NewOrder> {
    match group {
        NewGroup::Oco { first, second } => vec![first, second],
        NewGroup::Oto { first, then } => std::iter::once(&**first).chain(then).collect(),
        NewGroup::Bracket { entry, stop, target } => {
            let exits = [stop, target].into_iter().flatten().map(|exit| &**exit);
            std::iter::once(&**entry).chain(exits).collect()
        }
    }
}

fn is_full(reason: &Reject) -> bool {
    matches!(reason, Reject::BoundReached { what: Bound::ClientIds })
}
