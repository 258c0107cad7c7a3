//! Orders at outside venues: how they stand, what of them is reserved, and what was filled there. Fills that come
//! after an order's end are booked as well, so an order at a venue is known for a day after it, as in the engine.
//! Absent: how many lots an approved change was cut to; that is known when the change leaves, and reserved then.

use super::apply::{At, Told};
use super::ledger::Fill;
use super::metrics::DAY_NS;
use super::order::{More, Order};
use super::state::State;
use super::words;
use model::{
    Command, Event, Misfit, OrderId, OrderStatus, OrderType, OutsideTrade, Price, Qty, Side, VenueAsk,
    VenueReport, VenueSay,
};

/// Beside the quote, an order without a price reserves so many hundredths more.
const ROOM: i64 = 5;

impl State {
    pub(super) fn outside_event(&mut self, event: &Event, at: &At<'_>) -> Option<()> {
        match event {
            Event::OrderStatusChanged { order, status } => self.stands(*order, *status, at),
            Event::OutsideTraded(trade) => self.outside_traded(trade, at),
            Event::VenueAsked(request) | Event::PaperAsked(request) => self.asked_venue(&request.ask, at),
            Event::VenueSaid(report) => self.venue_said(report, at),
            Event::ReportMisfit { order: Some(order), what, .. } if self.is_known_outside(*order) => {
                let reason = Some(words::misfit(*what));
                self.tell(*order, "misfit", Told { reason, ..Told::default() }, at)
            }
            _ => Some(()),
        }
    }

    /// Orders of outside markets are known until a day after their end.
    fn is_known_outside(&self, id: OrderId) -> bool {
        let Some(order) = self.orders.get(&id) else { return false };
        let outside = self.market(order.holder.instrument).is_some_and(|market| market.outside);
        outside && (!order.status.is_final() || !self.is_long_ago(order))
    }

    pub(super) fn is_long_ago(&self, order: &Order) -> bool {
        order.by.time.saturating_add_ns(DAY_NS) < self.now.time
    }

    fn stands(&mut self, id: OrderId, status: OrderStatus, at: &At<'_>) -> Option<()> {
        let first = self.orders.get(&id)?.rest.is_none() && status == OrderStatus::PendingNew;
        let rest = if first { Some(self.worst_outside(id)?) } else { None };
        let asked = self.asked_change(id, at);
        self.restand(id, |order| {
            order.rest = rest.or(order.rest);
            let traded = status == OrderStatus::Open && order.filled > 0;
            order.status = if traded { OrderStatus::PartiallyFilled } else { status };
            match status {
                OrderStatus::PendingReplace => order.more = asked.or(order.more),
                OrderStatus::Unknown => {}
                OrderStatus::PendingCancel => order.more = order.more.filter(|more| more.sent),
                _ => order.more = None,
            }
        })?;
        self.tell(id, "status", Told::default(), at)
    }

    /// Its own limit, or the worst that the quotes let one expect of an order without.
    fn worst_outside(&self, id: OrderId) -> Option<Price> {
        let order = self.orders.get(&id)?;
        let market = self.market(order.holder.instrument)?;
        let limit = order.price.as_ref().and_then(crate::decimal::Decimal::to_money);
        if let Some(limit) = limit {
            return limit.steps_of(market.tick).ok().map(Price);
        }
        let trades = market.state == words::instrument_state(model::InstrumentState::Trading);
        let quoted = if order.side == Side::Buy { market.ask } else { market.bid };
        let quoted = quoted.filter(|_| trades).map(|level| level.price);
        // Told before the request leaves, and put right by the request.
        let Some(near) = quoted.or(market.mark).or(market.last) else { return Some(Price(0)) };
        let room = (near.0.saturating_abs() / 100).saturating_mul(ROOM).saturating_add(1);
        Some(match order.side {
            Side::Buy => Price(near.0.saturating_add(room)),
            Side::Sell => near,
        })
    }

    /// What the owner's change, which is in the line from now on, may come to.
    fn asked_change(&self, id: OrderId, at: &At<'_>) -> Option<More> {
        let Command::ModifyOrder(modify) = &at.record.stamped.command else { return None };
        let order = self.orders.get(&id)?;
        let named = match modify.order {
            model::OrderRef::Id(named) => named == id,
            model::OrderRef::Client(client) => order.client == Some(client),
        };
        let rest = order.rest.filter(|_| named)?;
        let qty = modify.changes.qty.map_or(order.qty, |qty| qty.0);
        Some(More {
            price: worse(order.side, rest, modify.changes.price.unwrap_or(rest)),
            lots: qty.saturating_sub(order.filled).max(order.left()),
            sent: false,
        })
    }

    fn asked_venue(&mut self, ask: &VenueAsk, at: &At<'_>) -> Option<()> {
        let (order, event) = match ask {
            VenueAsk::Submit { order, .. } => (*order, "sent"),
            VenueAsk::Cancel { order } => (*order, "cancel_sent"),
            VenueAsk::Replace { order, .. } => (*order, "replace_sent"),
            VenueAsk::Query { order } => (*order, "query_sent"),
            VenueAsk::Reconcile => return Some(()),
        };
        if !self.is_known_outside(order) {
            return Some(());
        }
        self.restand(order, |order| match ask {
            VenueAsk::Submit { kind: OrderType::Limit { price }, .. } => order.rest = Some(*price),
            VenueAsk::Replace { qty, price, .. } => {
                let Some(rest) = order.rest else { return };
                order.more = Some(More {
                    price: worse(order.side, rest, price.unwrap_or(rest)),
                    lots: qty.0.saturating_sub(order.filled).max(order.left()),
                    sent: true,
                });
            }
            _ => {}
        })?;
        self.tell(order, event, Told::default(), at)
    }

    fn venue_said(&mut self, report: &VenueReport, at: &At<'_>) -> Option<()> {
        let Some((id, event)) = words::said(&report.say) else { return Some(()) };
        if !self.is_known_outside(id) {
            return Some(());
        }
        let unfit = at.record.events.iter().any(|event| {
            let Event::ReportMisfit { what, .. } = event else { return false };
            matches!(what, Misfit::UnknownOrder | Misfit::OtherAccount | Misfit::NotAsked | Misfit::Late)
        });
        if !unfit {
            self.restand(id, |order| match report.say {
                // The change that was on its way came to nothing, or the order has it: that is told.
                VenueSay::Cancelled { .. } | VenueSay::Expired { .. } | VenueSay::ReplaceRejected { .. } => {
                    order.more = None;
                }
                // What may be lost is in the line once more.
                VenueSay::Accepted { .. } if order.status == OrderStatus::Unknown => {
                    order.more = order.more.map(|more| More { sent: false, ..more });
                }
                _ => {}
            })?;
        }
        self.tell(id, event, Told::default(), at)
    }

    fn outside_traded(&mut self, trade: &OutsideTrade, at: &At<'_>) -> Option<()> {
        let OutsideTrade { order: id, account, instrument, side, price, qty, .. } = *trade;
        let holder = self.holder(account, trade.book, instrument)?;
        let market = self.markets.get(instrument)?.as_deref()?;
        // A fee in another asset is no part of the position, nor of what the trade paid.
        let in_quote = trade.fee_asset == market.quote;
        let fee = if in_quote { trade.fee.0 } else { 0 };
        let fill = Fill { side, price, qty: qty.0, fee };
        let posted = self.ledger.fill(&holder, market, &fill, self.now)?;
        self.trade_row(&super::apply::Side {
            trade: trade.trade,
            order: id,
            holder,
            maker: false,
            fill,
            posted,
        })?;
        if !in_quote && trade.fee.0 != 0 {
            self.moved("fee", (account, trade.fee_asset), trade.fee.checked_neg()?, at)?;
        }
        let Some(order) = self.orders.get(&id) else { return Some(()) };
        let ended = order.status.is_final();
        let open = if ended { 0 } else { order.left().saturating_sub(trade.left.0) };
        self.restand(id, |order| {
            order.filled = order.filled.saturating_add(qty.0);
            order.value = order.value.saturating_add(posted.value);
            order.fee = order.fee.saturating_add(fee);
            if ended {
                return;
            }
            let left = trade.left.0;
            order.more = order.more.map(|more| {
                let lots = more.lots.saturating_sub(open).max(left);
                More { lots, ..more }
            });
            if left == 0 {
                (order.rest, order.more, order.status) = (None, None, OrderStatus::Filled);
            } else if order.status == OrderStatus::Open {
                order.status = OrderStatus::PartiallyFilled;
            }
        })?;
        let market = self.market(instrument)?;
        let (shown, last) = (market.price(price), market.quantity(qty.0));
        self.tell(id, "traded", Told { price: Some(shown), last: Some(last), ..Told::default() }, at)?;
        if open > 0 { self.fill_parent(id, (price, Qty(open)), (fee, false), at) } else { Some(()) }
    }

    /// Whether the end that the record tells of is a refusal by the venue.
    pub(super) fn is_venues_refusal(at: &At<'_>) -> bool {
        let Command::Venue(report) = &at.record.stamped.command else { return false };
        matches!(report.say, VenueSay::Rejected { .. })
    }
}

/// The price that needs more to be locked: the higher one, as far from zero as it gets.
fn worse(side: Side, one: Price, other: Price) -> Price {
    let size = |price: Price| price.0.saturating_abs();
    match side {
        Side::Buy if one.0 >= 0 && other.0 >= 0 => one.max(other),
        _ if size(one) >= size(other) => one,
        _ => other,
    }
}
