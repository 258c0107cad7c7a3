//! An order as the events leave it, and its rows.

use super::kept::Now;
use super::ledger::{Holder, Resting};
use super::market::Market;
use super::tables::ORDERS;
use super::words;
use crate::decimal::Decimal;
use crate::value::Value;
use model::{
    AlgoId, ClientOrderId, GroupId, Money, NewOrder, OrderId, OrderStatus, OrderType, PostOnly, Price,
    Priority, Side, Time, TimeInForce, TraceId, UserId,
};

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) holder: Holder,
    pub(super) user: UserId,
    pub(super) side: Side,
    pub(super) client: Option<ClientOrderId>,
    pub(super) qty: i64,
    pub(super) filled: i64,
    pub(super) value: i128,
    pub(super) fee: i128,
    pub(super) status: OrderStatus,
    /// Where it stands in the book, if it does; at an outside venue, the price it is reserved at.
    pub(super) rest: Option<Price>,
    /// What is reserved instead while a change of it is on its way to a venue.
    pub(super) more: Option<More>,
    /// The algo that sent it, and the one that works it.
    pub(super) child_of: Option<AlgoId>,
    pub(super) works: Option<AlgoId>,
    pub(super) group: Option<GroupId>,
    pub(super) price: Option<Decimal>,
    pub(super) stop: Option<Decimal>,
    pub(super) display: Option<Decimal>,
    pub(super) time_in_force: &'static str,
    pub(super) ends: Option<Time>,
    pub(super) reason: Option<&'static str>,
    pub(super) by: Now,
    pub(super) touched: bool,
    /// What never changes, until it is written.
    pub(super) new: Option<New>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct More {
    pub(super) price: Price,
    pub(super) lots: i64,
    /// The change has left for the venue.
    pub(super) sent: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct New {
    order_type: &'static str,
    reduce_only: bool,
    post_only: Option<PostOnly>,
    priority: Priority,
    trace: Option<TraceId>,
    created: Now,
}

impl Order {
    pub(super) fn new(
        holder: Holder,
        user: UserId,
        (side, qty): (Side, i64),
        asked: Option<&NewOrder>,
        market: &Market,
        now: Now,
    ) -> Self {
        let kind = asked.map(|order| &order.kind);
        let until = asked.map(|order| order.time_in_force);
        let display = match kind {
            Some(OrderType::Iceberg { display, .. }) => Some(market.quantity(display.0)),
            _ => None,
        };
        Self {
            holder,
            user,
            side,
            client: asked.and_then(|order| order.client_order_id),
            qty,
            filled: 0,
            value: 0,
            fee: 0,
            status: OrderStatus::Accepted,
            rest: None,
            more: None,
            child_of: None,
            works: None,
            group: None,
            price: kind.and_then(OrderType::limit).map(|price| market.price(price)),
            stop: kind.and_then(trigger_of).map(|price| market.price(price)),
            display,
            time_in_force: until.map_or("GTC", words::time_in_force),
            ends: until.and_then(end_of),
            reason: None,
            by: now,
            touched: false,
            new: Some(New {
                order_type: kind.map_or("ALGO_CHILD", words::order_type),
                reduce_only: asked.is_some_and(|order| order.reduce_only),
                post_only: asked.and_then(|order| order.post_only),
                priority: asked.map_or(Priority::Normal, |order| order.priority),
                trace: asked.and_then(|order| order.trace),
                created: now,
            }),
        }
    }

    pub(super) fn left(&self) -> i64 {
        self.qty.saturating_sub(self.filled).max(0)
    }

    pub(super) fn resting(&self) -> Option<Resting> {
        let rest = self.rest?;
        let (price, left) = self.more.map_or((rest, self.left()), |more| (more.price, more.lots));
        Some(Resting { side: self.side, price, left })
    }

    /// The whole row, or none if it was written before.
    pub(super) fn row(&self, id: OrderId, market: &Market) -> Option<Vec<Value>> {
        let new = self.new?;
        let mut row = Vec::with_capacity(ORDERS.columns.len());
        row.extend([
            id.into(),
            self.user.into(),
            self.holder.account.into(),
            self.holder.book.into(),
            self.holder.instrument.into(),
            market.symbol.into(),
            words::side(self.side).into(),
            new.order_type.into(),
            self.client.into(),
            new.reduce_only.into(),
            new.post_only.map(words::post_only).into(),
            words::priority(new.priority).into(),
            new.trace.map(|trace| trace.0).into(),
            new.created.time.into(),
            new.created.seq.into(),
        ]);
        self.put_changing(market, &mut row);
        Some(row)
    }

    /// Its key, and what may have changed.
    pub(super) fn change(&self, id: OrderId, market: &Market) -> Vec<Value> {
        let mut row = Vec::with_capacity(ORDERS.columns.len());
        row.push(id.into());
        self.put_changing(market, &mut row);
        row
    }

    fn put_changing(&self, market: &Market, row: &mut Vec<Value>) {
        row.extend([
            market.quantity(self.qty).into(),
            self.price.clone().into(),
            self.stop.clone().into(),
            self.display.clone().into(),
            self.time_in_force.into(),
            self.ends.into(),
            words::status(self.status).into(),
            market.quantity(self.filled).into(),
            market.average(self.value, self.filled).into(),
            Money(self.value).into(),
            Money(self.fee).into(),
            self.reason.into(),
            self.child_of.or(self.works).into(),
            self.group.into(),
            self.by.time.into(),
            self.by.seq.into(),
            self.qty.into(),
            self.filled.into(),
            self.rest.map(|price| price.0).into(),
            self.more.map(|more| more.price.0).into(),
            self.more.map(|more| more.lots).into(),
            self.more.map(|more| more.sent).into(),
        ]);
    }
}

pub(super) fn trigger_of(kind: &OrderType) -> Option<Price> {
    match kind {
        OrderType::Stop { trigger }
        | OrderType::StopLimit { trigger, .. }
        | OrderType::MarketIfTouched { trigger }
        | OrderType::LimitIfTouched { trigger, .. } => Some(trigger.price),
        _ => None,
    }
}

pub(super) fn end_of(until: TimeInForce) -> Option<Time> {
    match until {
        TimeInForce::Gtd(time) => Some(time),
        _ => None,
    }
}
