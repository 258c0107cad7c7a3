//! What the clients know: the answers they got, and what follows from them. An order never fills beyond its
//! quantity, a position is the sum of its fills, money is what was paid in; what ids mean is in `ids`.

use super::ids::Ids;
use model::{
    AccountId, AlgoId, AssetId, BookId, Event, InstrumentId, Money, OrderId, OutsideTrade, Record, Stamped,
    TradeSide, Traded,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Memory {
    pub ids: Ids,
    orders: BTreeMap<OrderId, (i64, i64)>,
    positions: BTreeMap<(BookId, InstrumentId), i64>,
    paid_in: BTreeMap<AssetId, i128>,
    pub trades: u64,
    /// What each order filled at an outside venue, and the orders there that have ended.
    pub outside: BTreeMap<OrderId, i64>,
    over: BTreeSet<OrderId>,
    /// By algo: its parent, and what its children have filled. By child: its algo.
    parents: BTreeMap<AlgoId, (OrderId, i64)>,
    children: BTreeMap<OrderId, AlgoId>,
}

impl Memory {
    /// Takes one acknowledged record in.
    ///
    /// # Errors
    /// What contradicts an earlier answer.
    pub fn take(&mut self, record: &Record) -> Result<(), String> {
        let (Stamped { seq, time, command }, mut ended) = (&record.stamped, Vec::new());
        let outcome = record.events.iter().try_for_each(|event| self.event(event, &mut ended));
        let told = outcome.and_then(|()| self.ids.take(*time, command, &record.events, &ended));
        told.map_err(|wrong| format!("record {seq}: {wrong}; {record:?}"))
    }

    fn event(&mut self, event: &Event, ended: &mut Vec<OrderId>) -> Result<(), String> {
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
            Event::Traded(traded) => self.traded(traded, ended)?,
            Event::OutsideTraded(trade) => self.traded_outside(trade, ended)?,
            Event::OrderCancelled { order, .. } | Event::OrderExpired { order, .. } => {
                self.over.insert(*order);
                ended.push(*order);
            }
            Event::AlgoStarted { algo, parent } => drop(self.parents.insert(*algo, (*parent, 0))),
            Event::AlgoSliced { algo, child, .. } => drop(self.children.insert(*child, *algo)),
            // The end of a parent that was filled is its algo's.
            Event::AlgoEnded { algo, done } => {
                let (parent, sum) = self.parents.remove(algo).ok_or("the end of no algo")?;
                ensure(sum == done.0, || format!("the children of {algo} did {sum}, the parent {done:?}"))?;
                ended.push(parent);
            }
            Event::Deposited { asset, amount, .. } => *self.paid_in.entry(*asset).or_default() += amount.0,
            Event::Withdrawn { asset, amount, .. } => *self.paid_in.entry(*asset).or_default() -= amount.0,
            _ => {}
        }
        Ok(())
    }

    fn traded(&mut self, traded: &Traded, ended: &mut Vec<OrderId>) -> Result<(), String> {
        self.trades += 1;
        let sign = traded.taker_side.sign();
        for (TradeSide { order, book, left, .. }, sign) in [(traded.taker, sign), (traded.maker, -sign)] {
            let known = self.orders.get_mut(&order).ok_or("a trade of no order")?;
            known.1 += traded.qty.0;
            let sound = known.1 <= known.0 && known.0 - known.1 == left.0 && traded.qty.0 > 0;
            ensure(sound, || format!("{order} has {left:?} left, of and filled: {known:?}"))?;
            if let Some(parent) = self.children.get(&order).and_then(|algo| self.parents.get_mut(algo)) {
                parent.1 += traded.qty.0;
                let whole = self.orders.get_mut(&parent.0).ok_or("a child of no order")?;
                whole.1 += traded.qty.0;
                ensure(whole.1 <= whole.0, || format!("{} has filled {whole:?}", parent.0))?;
            }
            ended.extend((left.0 == 0).then_some(order));
            *self.positions.entry((book, traded.instrument)).or_default() += sign * traded.qty.0;
        }
        Ok(())
    }

    /// Of an outside venue; a late one is of an order that has ended.
    fn traded_outside(&mut self, trade: &OutsideTrade, ended: &mut Vec<OrderId>) -> Result<(), String> {
        self.trades += 1;
        let known = self.orders.get_mut(&trade.order).ok_or("a fill of no order")?;
        known.1 += trade.qty.0;
        *self.outside.entry(trade.order).or_default() += trade.qty.0;
        *self.positions.entry((trade.book, trade.instrument)).or_default() += trade.side.sign() * trade.qty.0;
        if self.over.contains(&trade.order) {
            return Ok(());
        }
        let sound = known.1 <= known.0 && known.0 - known.1 == trade.left.0 && trade.qty.0 > 0;
        ensure(sound, || format!("{trade:?}, of and filled: {known:?}"))?;
        let parent = self.children.get(&trade.order).and_then(|algo| self.parents.get_mut(algo));
        parent.into_iter().for_each(|parent| parent.1 += trade.qty.0);
        if trade.left.0 == 0 {
            self.over.insert(trade.order);
            ended.push(trade.order);
        }
        Ok(())
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
            let house =
                engine.house(asset).map_or(0, |house| house.fees.0 + house.clearing.0 + house.insurance.0);
            let house = house + engine.outside_balance(asset).0;
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
