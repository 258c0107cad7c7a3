//! What the projection knows between records: who there is, what is open, what everybody has. It is loaded from
//! the tables themselves, so a projector can start wherever its cursor is.

use super::bars::Bars;
use super::kept::{Kept, Now};
use super::ledger::{Holder, Ledger};
use super::market::Market;
use super::metrics::Metrics;
use super::order::Order;
use crate::database::Table;
use crate::value::Value;
use model::{
    AccountId, AlgoId, AssetId, ClientOrderId, InstrumentId, Name, OrderId, Qty, Time, UserId, VenueId,
};
use std::collections::{HashMap, VecDeque};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) now: Now,
    pub(super) assets: HashMap<AssetId, Name>,
    pub(super) venues: HashMap<VenueId, Venue>,
    pub(super) accounts: HashMap<AccountId, Account>,
    pub(super) markets: Kept<InstrumentId, Option<Box<Market>>>,
    pub(super) orders: HashMap<OrderId, Order>,
    /// Orders at outside venues that have ended, as they did.
    pub(super) over: VecDeque<(Time, OrderId)>,
    pub(super) clients: HashMap<(AccountId, ClientOrderId), OrderId>,
    pub(super) algos: Kept<AlgoId, Algo>,
    pub(super) ledger: Ledger,
    pub(super) bars: Bars,
    pub(super) metrics: Metrics,
    pub(super) batch: Batch,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Venue {
    pub(super) name: Name,
    pub(super) outside: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) user: UserId,
    pub(super) on_margin: bool,
    pub(super) currency: AssetId,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Algo {
    pub(super) parent: OrderId,
    pub(super) done: Qty,
    pub(super) ended: Option<Time>,
}

/// Rows that no later event changes, and the keys of those that some did.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) orders: Vec<OrderId>,
    pub(super) order_events: Vec<Vec<Value>>,
    pub(super) trades: Vec<Vec<Value>>,
    pub(super) rejections: Vec<Vec<Value>>,
    pub(super) transfers: Vec<Vec<Value>>,
    pub(super) metrics: Vec<Vec<Value>>,
    /// Few, and in their order.
    pub(super) rare: Vec<Rare>,
}

#[derive(Debug)]
pub(super) enum Rare {
    Insert(&'static Table, Vec<Value>),
    Run(&'static str, Vec<Value>),
}

impl State {
    pub(super) fn market(&self, instrument: InstrumentId) -> Option<&Market> {
        self.markets.get(instrument)?.as_deref()
    }

    /// To be changed and written.
    pub(super) fn market_mut(&mut self, instrument: InstrumentId) -> Option<&mut Market> {
        self.markets.get(instrument)?;
        self.markets.touch(instrument, self.now).as_deref_mut()
    }

    pub(super) fn exchange(&self, venue: VenueId) -> String {
        match self.venues.get(&venue) {
            Some(venue) => venue.name.as_str().to_owned(),
            None if venue == VenueId::OWN => VenueId::OWN_NAME.to_owned(),
            None => format!("venue-{venue}"),
        }
    }

    pub(super) fn asset(&self, asset: AssetId) -> Option<String> {
        self.assets.get(&asset).map(|code| code.as_str().to_owned())
    }

    pub(super) fn holder(
        &self,
        account: AccountId,
        book: model::BookId,
        instrument: InstrumentId,
    ) -> Option<Holder> {
        let on_margin = self.accounts.get(&account)?.on_margin;
        Some(Holder { account, book, instrument, on_margin })
    }

    /// The order changes by this record; none if it is not one that is open.
    pub(super) fn order_mut(&mut self, id: OrderId) -> Option<&mut Order> {
        let order = self.orders.get_mut(&id)?;
        if !std::mem::replace(&mut order.touched, true) {
            self.batch.orders.push(id);
        }
        order.by = self.now;
        Some(order)
    }

    /// The order stands in the book as `change` leaves it, and its money with it.
    pub(super) fn restand(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) -> Option<()> {
        let order = self.order_mut(id)?;
        let before = order.resting();
        change(order);
        let (after, holder) = (order.resting(), order.holder);
        if before.is_none() && after.is_none() {
            return Some(());
        }
        let market = self.markets.get(holder.instrument)?.as_deref()?;
        self.ledger.reserve(&holder, market, (before.as_ref(), after.as_ref()), self.now)
    }
}
