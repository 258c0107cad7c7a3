//! One record into the state, event by event. `None` from any step: the record does not follow from those before,
//! or counts what cannot be counted; nothing of its batch is written then.

use super::ledger::{Fill, Holder, Posted};
use super::order::{Order, end_of};
use super::state::{Algo, Rare, State};
use super::tables;
use super::words;
use crate::decimal::Decimal;
use crate::value::Value;
use model::{
    AccountId, Changes, Command, Event, NewOrder, OrderAccepted, OrderId, OrderRef, OrderStatus, Price, Qty,
    Record, Reject, Route, Side as Direction, TradeId, TradeSide, Traded,
};

/// The event at hand.
pub(super) struct At<'a> {
    pub(super) record: &'a Record,
    pub(super) n: i64,
    /// Orders of the command that were not accepted yet.
    asked: Vec<&'a NewOrder>,
}

/// What a row of an order's history says beside the order itself.
#[derive(Default)]
pub(super) struct Told {
    pub(super) price: Option<Decimal>,
    pub(super) last: Option<Decimal>,
    pub(super) reason: Option<&'static str>,
    /// The second of two sides.
    pub(super) maker: bool,
}

/// One side of a trade, as it was booked.
pub(super) struct Side {
    pub(super) trade: TradeId,
    pub(super) order: OrderId,
    pub(super) holder: Holder,
    pub(super) maker: bool,
    pub(super) fill: Fill,
    pub(super) posted: Posted,
}

impl At<'_> {
    fn command(&self) -> &'static str {
        words::command(&self.record.stamped.command)
    }
}

impl State {
    pub(super) fn apply(&mut self, record: &Record) -> Option<()> {
        self.now.seq = record.stamped.seq;
        self.now.time = self.now.time.max(record.stamped.time);
        self.close_days()?;
        let asked = words::orders_of(&record.stamped.command);
        let mut at = At { record, n: 0, asked };
        for event in &record.events {
            self.event(event, &mut at)?;
            at.n = at.n.checked_add(1)?;
        }
        Some(())
    }

    fn event(&mut self, event: &Event, at: &mut At<'_>) -> Option<()> {
        match event {
            Event::OrderAccepted(accepted) => self.accepted(accepted, at),
            Event::Traded(traded) => self.traded(traded, at),
            Event::OrderRested { order, price, .. } => self.rested(*order, *price, at),
            Event::OrderModified { order, changes, left, kept_place } => {
                self.modified(*order, changes, *left, *kept_place, at)
            }
            Event::OrderCancelled { order, cause, .. } => {
                let reason = Some(words::cancel_cause(cause));
                let refused = Self::is_venues_refusal(at);
                let status = if refused { OrderStatus::Rejected } else { OrderStatus::Cancelled };
                self.ended(*order, status, "cancelled", reason, at)
            }
            Event::OrderExpired { order, .. } => {
                self.ended(*order, OrderStatus::Expired, "expired", None, at)
            }
            Event::OrderHeld { order } => {
                self.restand(*order, |order| {
                    order.rest = None;
                    order.status = OrderStatus::Held;
                })?;
                self.tell(*order, "held", Told::default(), at)
            }
            Event::OrderTriggered { order, price } => {
                let known = self.order_mut(*order)?;
                // One that is worked by its parts waits for them.
                let worked = known.works.is_some();
                known.status = if worked { OrderStatus::Held } else { OrderStatus::Accepted };
                let price = self.price_of(*order, *price);
                self.tell(*order, "triggered", Told { price, ..Told::default() }, at)
            }
            Event::OrderReplenished { order, .. } => self.tell(*order, "replenished", Told::default(), at),
            Event::RouteChosen { order, .. } => self.tell(*order, "routed", Told::default(), at),
            Event::GroupPlaced { group, orders } => orders.iter().try_for_each(|order| {
                self.order_mut(*order)?.group = Some(*group);
                self.tell(*order, "grouped", Told::default(), at)
            }),
            Event::AlgoStarted { .. } | Event::AlgoSliced { .. } | Event::AlgoEnded { .. } => {
                self.algo_event(event, at)
            }
            Event::OrderRejected { .. }
            | Event::CommandRejected { .. }
            | Event::ModifyRejected { .. }
            | Event::CancelRejected { .. }
            | Event::OrderRepeated { .. } => self.refused(event, at),
            Event::VenueAsked(_)
            | Event::PaperAsked(_)
            | Event::VenueSaid(_)
            | Event::OrderStatusChanged { .. }
            | Event::OutsideTraded(_)
            | Event::ReportMisfit { .. } => self.outside_event(event, at),
            Event::Liquidated { order, .. } => self.tell(*order, "liquidation", Told::default(), at),
            Event::FlattenSent { order, .. } => self.tell(*order, "flatten", Told::default(), at),
            _ => self.rare_event(event, at),
        }
    }

    fn accepted(&mut self, accepted: &OrderAccepted, at: &mut At<'_>) -> Option<()> {
        let OrderAccepted { order, account, book, instrument, side, qty } = *accepted;
        let venue = self.market(instrument)?.venue;
        let asks = |asked: &&NewOrder| {
            let there = asked.instrument == instrument || asked.route == Route::Venue(venue);
            asked.account == account && there
        };
        let place = at.asked.iter().position(asks);
        let asked = place.map(|place| at.asked.remove(place));
        let holder = self.holder(account, book, instrument)?;
        let user = self.accounts.get(&account)?.user;
        let market = self.market(instrument)?;
        let made = Order::new(holder, user, (side, qty.0), asked, market, self.now);
        if let Some(client) = made.client {
            self.clients.insert((account, client), order);
        }
        self.orders.insert(order, made);
        self.tell(order, "accepted", Told::default(), at)
    }

    fn rested(&mut self, id: OrderId, price: Price, at: &At<'_>) -> Option<()> {
        let shown = self.price_of(id, price);
        self.restand(id, |order| {
            order.rest = Some(price);
            order.price.clone_from(&shown);
            let traded = order.filled > 0;
            order.status = if traded { OrderStatus::PartiallyFilled } else { OrderStatus::Open };
        })?;
        self.tell(id, "rested", Told { price: shown, ..Told::default() }, at)
    }

    fn traded(&mut self, traded: &Traded, at: &At<'_>) -> Option<()> {
        self.bar_of_trade(traded)?;
        let Traded { instrument, price, .. } = *traded;
        self.market_mut(instrument)?.last = Some(price);
        let taker = (traded.taker, traded.taker_side, false);
        let maker = (traded.maker, traded.taker_side.opposite(), true);
        // Where both are one account's it matters who is first: who comes to the book finds the other's side
        // posted; of two that stood in it, the younger is.
        let stood = self.orders.get(&traded.taker.order)?.rest.is_some();
        let sides = if stood { [taker, maker] } else { [maker, taker] };
        sides.into_iter().try_for_each(|(side, direction, maker)| {
            self.fill_side(traded, &side, (direction, maker), at)?;
            self.fill_parent(side.order, (price, traded.qty), (side.fee.0, maker), at)
        })
    }

    fn fill_side(
        &mut self,
        traded: &Traded,
        side: &TradeSide,
        (direction, maker): (Direction, bool),
        at: &At<'_>,
    ) -> Option<()> {
        let Traded { trade, instrument, price, qty, .. } = *traded;
        let holder = self.holder(side.account, side.book, instrument)?;
        let fill = Fill { side: direction, price, qty: qty.0, fee: side.fee.0 };
        let market = self.markets.get(instrument)?.as_deref()?;
        let posted = self.ledger.fill(&holder, market, &fill, self.now)?;
        let (shown_price, shown_qty) = (market.price(price), market.quantity(qty.0));
        self.trade_row(&Side { trade, order: side.order, holder, maker, fill, posted })?;
        self.restand(side.order, |order| {
            order.filled = order.filled.saturating_add(qty.0);
            order.value = order.value.saturating_add(posted.value);
            order.fee = order.fee.saturating_add(side.fee.0);
            let whole = side.left.is_zero();
            order.rest = order.rest.filter(|_| !whole);
            order.status = if whole { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        })?;
        let told = Told { price: Some(shown_price), last: Some(shown_qty), reason: None, maker };
        self.tell(side.order, "traded", told, at)
    }

    pub(super) fn trade_row(&mut self, side: &Side) -> Option<()> {
        let Side { trade, order, holder, maker, fill, posted } = *side;
        let user = self.accounts.get(&holder.account)?.user;
        let market = self.market(holder.instrument)?;
        let row = vec![
            trade.into(),
            if maker { "MAKER" } else { "TAKER" }.into(),
            order.into(),
            holder.account.into(),
            user.into(),
            holder.book.into(),
            holder.instrument.into(),
            market.symbol.into(),
            words::side(fill.side).into(),
            market.quantity(fill.qty).into(),
            market.price(fill.price).into(),
            model::Money(posted.value).into(),
            model::Money(fill.fee).into(),
            model::Money(posted.realised).into(),
            model::Money(posted.cash).into(),
            self.now.time.into(),
            self.now.seq.into(),
        ];
        self.batch.trades.push(row);
        Some(())
    }

    /// What a child fills its parent fills.
    pub(super) fn fill_parent(
        &mut self,
        child: OrderId,
        (price, qty): (Price, Qty),
        (fee, maker): (i128, bool),
        at: &At<'_>,
    ) -> Option<()> {
        let order = self.orders.get(&child)?;
        let instrument = order.holder.instrument;
        let running = order.child_of.and_then(|algo| self.algos.get(algo));
        let running = running.filter(|algo| algo.ended.is_none());
        let Some(parent) = running.map(|algo| algo.parent) else { return Some(()) };
        let market = self.market(instrument)?;
        let value = market.value(price, qty.0)?;
        let (shown, last) = (market.price(price), market.quantity(qty.0));
        let order = self.order_mut(parent)?;
        order.filled = order.filled.checked_add(qty.0)?;
        order.value = order.value.checked_add(value)?;
        order.fee = order.fee.checked_add(fee)?;
        if order.status != OrderStatus::Held {
            order.status = OrderStatus::PartiallyFilled;
        }
        let told = Told { price: Some(shown), last: Some(last), reason: None, maker };
        self.tell(parent, "traded", told, at)
    }

    fn modified(
        &mut self,
        id: OrderId,
        changes: &Changes,
        left: Qty,
        kept_place: bool,
        at: &At<'_>,
    ) -> Option<()> {
        let instrument = self.orders.get(&id)?.holder.instrument;
        let market = self.market(instrument)?;
        let price = changes.price.map(|price| market.price(price));
        let stop = changes.trigger.map(|price| market.price(price));
        let display = changes.display.map(|qty| market.quantity(qty.0));
        let outside = market.outside;
        self.restand(id, |order| {
            order.qty = changes.qty.map_or(order.qty, |qty| qty.0);
            order.filled = order.qty.saturating_sub(left.0);
            order.rest = order.rest.filter(|_| kept_place || outside);
            if outside {
                order.rest = order.rest.map(|rest| changes.price.unwrap_or(rest));
                order.more = None;
                let over = order.rest.is_some() && left.is_zero();
                order.status = if over { OrderStatus::Filled } else { order.status };
            }
            order.price = price.clone().or_else(|| order.price.take());
            order.stop = stop.or_else(|| order.stop.take());
            order.display = display.or_else(|| order.display.take());
            if let Some(until) = changes.time_in_force {
                order.time_in_force = words::time_in_force(until);
                order.ends = end_of(until);
            }
        })?;
        self.tell(id, "modified", Told { price, ..Told::default() }, at)
    }

    fn ended(
        &mut self,
        id: OrderId,
        status: OrderStatus,
        event: &'static str,
        reason: Option<&'static str>,
        at: &At<'_>,
    ) -> Option<()> {
        self.restand(id, |order| {
            (order.rest, order.more) = (None, None);
            order.status = status;
            order.reason = reason;
        })?;
        self.tell(id, event, Told { reason, ..Told::default() }, at)
    }

    fn algo_event(&mut self, event: &Event, at: &At<'_>) -> Option<()> {
        match event {
            Event::AlgoStarted { algo, parent } => {
                let order = self.order_mut(*parent)?;
                (order.works, order.status) = (Some(*algo), OrderStatus::Held);
                let account = order.holder.account;
                *self.algos.touch(*algo, self.now) = Algo { parent: *parent, ..Algo::default() };
                let kind = match &at.record.stamped.command {
                    Command::PlaceAlgo(placed) => words::algo(&placed.algo),
                    _ => "ROUTE",
                };
                let row = vec![
                    (*algo).into(),
                    (*parent).into(),
                    account.into(),
                    kind.into(),
                    self.now.time.into(),
                    Value::Null,
                    0i64.into(),
                ];
                self.batch.rare.push(Rare::Insert(&tables::ALGOS, row));
                self.tell(*parent, "algo_started", Told::default(), at)
            }
            Event::AlgoSliced { algo, child, qty } => {
                self.order_mut(*child)?.child_of = Some(*algo);
                let parent = self.algos.get(*algo)?.parent;
                let market = self.market(self.orders.get(&parent)?.holder.instrument)?;
                let last = Some(market.quantity(qty.0));
                self.tell(parent, "sliced", Told { last, ..Told::default() }, at)
            }
            Event::AlgoEnded { algo, done } => {
                let time = self.now.time;
                let run = self.algos.touch(*algo, self.now);
                (run.done, run.ended) = (*done, Some(time));
                let parent = run.parent;
                let order = self.order_mut(parent)?;
                if !order.status.is_final() {
                    let whole = order.filled >= order.qty;
                    order.status = if whole { OrderStatus::Filled } else { OrderStatus::Held };
                    return self.tell(parent, "algo_ended", Told::default(), at);
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    fn refused(&mut self, event: &Event, at: &mut At<'_>) -> Option<()> {
        let named = words::named_by(&at.record.stamped.command);
        let named = named.and_then(|(account, order)| self.find(account, order));
        let (account, reason) = match event {
            Event::OrderRejected { account, client_order_id, reason } => {
                let place = at.asked.iter().position(|asked| asked.client_order_id == *client_order_id);
                let asked = place.map(|place| at.asked.remove(place));
                return self.reject(Some(*account), None, asked, reason, at);
            }
            Event::OrderRepeated { .. } => {
                at.asked.clear();
                return Some(());
            }
            Event::ModifyRejected { account, reason } => {
                self.tell_refused(named, "modify_rejected", reason, at)?;
                (Some(*account), reason)
            }
            Event::CancelRejected { account, reason } => {
                self.tell_refused(named, "cancel_rejected", reason, at)?;
                (Some(*account), reason)
            }
            Event::CommandRejected { reason } => (at.asked.first().map(|order| order.account), reason),
            _ => return Some(()),
        };
        self.reject(account, named, None, reason, at)
    }

    fn tell_refused(
        &mut self,
        order: Option<OrderId>,
        event: &'static str,
        reason: &Reject,
        at: &At<'_>,
    ) -> Option<()> {
        let Some(order) = order else { return Some(()) };
        self.tell(order, event, Told { reason: Some(reason.code()), ..Told::default() }, at)
    }

    fn reject(
        &mut self,
        account: Option<AccountId>,
        order: Option<OrderId>,
        asked: Option<&NewOrder>,
        reason: &Reject,
        at: &At<'_>,
    ) -> Option<()> {
        let market = asked.and_then(|asked| self.market(asked.instrument));
        let quantity = asked.zip(market).map(|(asked, market)| market.quantity(asked.qty.0));
        let limit = asked.and_then(|asked| asked.kind.limit());
        let price = limit.zip(market).map(|(price, market)| market.price(price));
        let row = vec![
            self.now.seq.into(),
            at.n.into(),
            self.now.time.into(),
            account.into(),
            at.command().into(),
            asked.and_then(|asked| asked.client_order_id).into(),
            order.into(),
            market.map(|market| market.symbol).into(),
            asked.map(|asked| words::side(asked.side)).into(),
            quantity.into(),
            price.into(),
            reason.code().into(),
            reason.to_string().into(),
        ];
        self.batch.rejections.push(row);
        Some(())
    }

    fn find(&self, account: AccountId, order: OrderRef) -> Option<OrderId> {
        let id = match order {
            OrderRef::Id(id) => id,
            OrderRef::Client(client) => *self.clients.get(&(account, client))?,
        };
        let order = self.orders.get(&id)?;
        (order.holder.account == account && !order.status.is_final()).then_some(id)
    }

    fn price_of(&self, order: OrderId, price: Price) -> Option<Decimal> {
        let instrument = self.orders.get(&order)?.holder.instrument;
        self.market(instrument).map(|market| market.price(price))
    }

    /// A row of the order's history, with the order as it is now.
    pub(super) fn tell(&mut self, id: OrderId, event: &'static str, told: Told, at: &At<'_>) -> Option<()> {
        let order = self.order_mut(id)?;
        let (status, qty, filled) = (order.status, order.qty, order.filled);
        let instrument = order.holder.instrument;
        let market = self.market(instrument)?;
        // Two sides of one event may both concern an algo's parent.
        let n = at.n.checked_mul(2)?.checked_add(i64::from(told.maker))?;
        let row = vec![
            id.into(),
            self.now.seq.into(),
            n.into(),
            self.now.time.into(),
            at.command().into(),
            event.into(),
            words::status(status).into(),
            market.quantity(qty).into(),
            market.quantity(filled).into(),
            told.price.into(),
            told.last.into(),
            told.reason.into(),
        ];
        self.batch.order_events.push(row);
        Some(())
    }
}
