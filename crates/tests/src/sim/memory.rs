//! What the clients know: the answers they got, and what follows from them. An id means one order for ever,
//! an order never fills beyond its quantity, a position is the sum of its fills, money is what was paid in.

use model::{
    AccountId, AssetId, BookId, ClientOrderId, Command, Event, FirstAnswer, InstrumentId, Money, NewOrder,
    OrderId, Record, Reject, TradeSide, Traded, Transfer,
};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Memory {
    first: BTreeMap<(AccountId, ClientOrderId), (NewOrder, FirstAnswer)>,
    transfers: BTreeMap<(AccountId, ClientOrderId), Transfer>,
    orders: BTreeMap<OrderId, (i64, i64)>,
    pub positions: BTreeMap<(BookId, InstrumentId), i64>,
    pub paid_in: BTreeMap<AssetId, i128>,
    pub trades: u64,
}

impl Memory {
    /// Takes one acknowledged record in.
    ///
    /// # Errors
    /// What contradicts an earlier answer.
    pub fn take(&mut self, record: &Record) -> Result<(), String> {
        let seq = record.stamped.seq;
        let outcome = record.events.iter().try_for_each(|event| self.event(event));
        let told = outcome.and_then(|()| match &record.stamped.command {
            Command::PlaceOrder(order) => self.placed(order, &record.events),
            Command::Deposit(transfer) | Command::Withdraw(transfer) => {
                self.transferred(transfer, &record.events)
            }
            _ => Ok(()),
        });
        told.map_err(|wrong| format!("record {seq}: {wrong}; {record:?}"))
    }

    fn event(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::OrderAccepted(accepted) => {
                let before = self.orders.insert(accepted.order, (accepted.qty.0, 0));
                ensure(before.is_none(), || format!("order {} was accepted twice", accepted.order))?;
            }
            Event::OrderModified { order, changes, left, .. } => {
                let known = self.orders.get_mut(order).ok_or("a change of no order")?;
                if let Some(qty) = changes.qty {
                    known.0 = qty.0;
                }
                ensure(known.0 - known.1 == left.0, || format!("{order} has {left:?} left of {known:?}"))?;
            }
            Event::Traded(traded) => self.traded(traded)?,
            Event::Deposited { asset, amount, .. } => *self.paid_in.entry(*asset).or_default() += amount.0,
            Event::Withdrawn { asset, amount, .. } => *self.paid_in.entry(*asset).or_default() -= amount.0,
            _ => {}
        }
        Ok(())
    }

    fn traded(&mut self, traded: &Traded) -> Result<(), String> {
        self.trades += 1;
        let sign = traded.taker_side.sign();
        for (TradeSide { order, book, left, .. }, sign) in [(traded.taker, sign), (traded.maker, -sign)] {
            let known = self.orders.get_mut(&order).ok_or("a trade of no order")?;
            known.1 += traded.qty.0;
            let sound = known.1 <= known.0 && known.0 - known.1 == left.0 && traded.qty.0 > 0;
            ensure(sound, || format!("{order} has {left:?} left, of and filled: {known:?}"))?;
            *self.positions.entry((book, traded.instrument)).or_default() += sign * traded.qty.0;
        }
        Ok(())
    }

    fn placed(&mut self, order: &NewOrder, events: &[Event]) -> Result<(), String> {
        let answer = events.iter().find_map(|event| match event {
            Event::OrderAccepted(accepted) => Some(FirstAnswer::Accepted { order: accepted.order }),
            Event::OrderRejected { reason, .. } => Some(FirstAnswer::Rejected { reason: *reason }),
            _ => None,
        });
        let repeated = events.iter().find_map(|event| match event {
            Event::OrderRepeated { first, .. } => Some(*first),
            _ => None,
        });
        let Some(id) = order.client_order_id else {
            return ensure(answer.is_some() && repeated.is_none(), || "no answer".to_owned());
        };
        match (self.first.get(&(order.account, id)), answer, repeated) {
            (Some((body, first)), None, Some(again)) => {
                ensure(body == order && again == *first, || format!("the first answer was {first:?}"))
            }
            (Some((body, _)), Some(FirstAnswer::Rejected { reason: Reject::ClientIdReused }), None) => {
                ensure(body != order, || "a repeated order was taken for another".to_owned())
            }
            (None, Some(FirstAnswer::Rejected { reason: Reject::UnknownAccount { .. } }), None) => Ok(()),
            (None, Some(first), None) => {
                self.first.insert((order.account, id), (order.clone(), first));
                Ok(())
            }
            (known, ..) => Err(format!("an answer that does not fit to what was known: {known:?}")),
        }
    }

    fn transferred(&mut self, transfer: &Transfer, events: &[Event]) -> Result<(), String> {
        let Some(reference) = transfer.reference else { return Ok(()) };
        let key = (transfer.account, reference);
        let done =
            events.iter().any(|event| matches!(event, Event::Deposited { .. } | Event::Withdrawn { .. }));
        if done {
            let before = self.transfers.insert(key, *transfer);
            return ensure(before.is_none(), || "a transfer was done twice".to_owned());
        }
        let repeated = events.iter().any(|event| matches!(event, Event::TransferRepeated { .. }));
        let known = self.transfers.get(&key) == Some(transfer);
        ensure(repeated == known, || "a transfer was repeated, or not, against what was known".to_owned())
    }

    /// Holds the engine's state against what the events say.
    pub fn compare(&self, engine: &engine::Engine) -> Result<(), String> {
        for (&(book, instrument), &qty) in &self.positions {
            let held = engine.holding(book, instrument).map_or(0, |held| held.qty.0);
            ensure(held == qty, || format!("book {book} holds {held} of {instrument}, its fills say {qty}"))?;
        }
        let accounts = u32::try_from(engine.accounts().len()).unwrap_or(0);
        for (&asset, &paid) in &self.paid_in {
            let of = |account| engine.balance(AccountId(account), asset).map_or(Money::ZERO, |at| at.total);
            let held: i128 = (0..accounts).map(|account| of(account).0).sum();
            let house = engine.house(asset).map_or(0, |house| house.fees.0 + house.clearing.0);
            ensure(held + house == paid, || {
                format!("asset {asset}: {paid} was paid in, {held} is held and {house} is the house's")
            })?;
        }
        Ok(())
    }
}

pub(super) fn ensure(holds: bool, said: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(said()) }
}
