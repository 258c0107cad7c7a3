//! Uncrossing: the best orders of both sides trade with each other until they do not meet any more; in an auction
//! all at its price. The younger of two is the taker, though both pay what an auction costs. What orders may not
//! do in continuous trading they may not do here: trade within an account that prevents it or within a group, or
//! beyond the money there is. If that takes so much away that the book is crossed still, the rest trades
//! as orders that come would have: at the price of the older.

use super::standing::Standing;
use crate::Engine;
use crate::book::Front;
use crate::ledger::{Demand, reserved};
use model::{CancelCause, Event, InstrumentId, Price, Qty, Reject, SelfTrade, Side, TradeId, Traded};

impl Engine {
    /// At the price of an auction, or each at the price of the older order.
    pub(crate) fn match_standing(
        &mut self,
        instrument: InstrumentId,
        price: Option<Price>,
        events: &mut Vec<Event>,
    ) {
        while let Some([taker, maker]) = self.meeting(instrument, price) {
            let at = price.unwrap_or(maker.price);
            if self.keep_apart(taker.slot, maker.slot, events) {
                continue;
            }
            let shown = |front: &Front| self.orders.nodes.node(front.slot).qty;
            let qty = shown(&taker).min(shown(&maker));
            let short = [taker.slot, maker.slot].into_iter().find_map(|slot| {
                let reason = self.cover(slot, at, qty).err()?;
                Some((slot, reason))
            });
            match short {
                Some((slot, reason)) => self.cancel_working(slot, CancelCause::Refused { reason }, events),
                None => self.trade_standing(instrument, at, [&taker, &maker], qty, events),
            }
        }
    }

    /// The best orders of both sides if they meet, the younger first.
    fn meeting(&self, instrument: InstrumentId, price: Option<Price>) -> Option<[Front; 2]> {
        let book = &self.listings.get(instrument.0 as usize)?.book;
        let [bid, ask] =
            [book.front(&self.orders.nodes, Side::Buy)?, book.front(&self.orders.nodes, Side::Sell)?];
        let meet = match price {
            Some(price) => bid.price >= price && ask.price <= price,
            None => bid.price >= ask.price,
        };
        let younger = self.orders.at(bid.slot).id > self.orders.at(ask.slot).id;
        meet.then_some(if younger { [bid, ask] } else { [ask, bid] })
    }

    /// Orders that must not trade with each other: something of them goes.
    fn keep_apart(&mut self, younger: u32, older: u32, events: &mut Vec<Event>) -> bool {
        if self.are_grouped(younger, older) {
            self.cancel_working(younger, CancelCause::Group, events);
            return true;
        }
        let owner = |slot| self.orders.nodes.node(slot).owner;
        let mode = self.orders.at(younger).self_trade.filter(|_| owner(younger) == owner(older));
        let Some(mode) = mode else { return false };
        if mode == SelfTrade::Decrement {
            self.decrement_both(younger, older, events);
            return true;
        }
        if mode != SelfTrade::CancelNewest {
            self.cancel_working(older, CancelCause::SelfTrade, events);
        }
        if mode != SelfTrade::CancelOldest {
            self.cancel_working(younger, CancelCause::SelfTrade, events);
        }
        true
    }

    fn decrement_both(&mut self, younger: u32, older: u32, events: &mut Vec<Event>) {
        let by = self.orders.left(younger).min(self.orders.left(older));
        for slot in [older, younger] {
            let left = Qty(self.orders.left(slot).0.wrapping_sub(by.0));
            if left.is_zero() {
                self.cancel_working(slot, CancelCause::SelfTrade, events);
            } else {
                self.shrink_resting(slot, left, events);
            }
        }
    }

    /// Whether the account can pay what a trade at this price takes beyond what the order has reserved: a market
    /// order whose price moved, a margin order that trades farther from zero than its limit.
    fn cover(&self, slot: u32, price: Price, qty: Qty) -> Result<(), Reject> {
        let order = self.orders.at(slot);
        let held = self.ledger.positions.at(order.holding);
        let instrument = held.instrument;
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        let units = &listed.units;
        if !units.countable(price, qty) {
            return Err(Reject::TooLargeToCount);
        }
        if held.on_margin {
            let [here, kept] = [price, order.price].map(|price| Demand::of(units, order.side, price, qty));
            let value = here.value.saturating_sub(kept.value).max(0);
            let fees = here.fees.saturating_sub(kept.fees).max(0);
            let more = Demand { side: order.side, qty: 0, value, fees };
            if value == 0 && fees == 0 {
                return Ok(());
            }
            return self.ledger.check_margin(
                held.exposure,
                held.quote,
                listed.instrument.margin.initial,
                &more,
                order.reduce_only,
            );
        }
        let more = |price| reserved(units, order.side, price, qty);
        let more = more(price).saturating_sub(more(order.price));
        if order.side == Side::Sell || more <= 0 { Ok(()) } else { self.ledger.check_cash(held.quote, more) }
    }

    /// One match of two orders of the book: both sides posted, both reservations shrink, the event.
    fn trade_standing(
        &mut self,
        instrument: InstrumentId,
        price: Price,
        fronts: [&Front; 2],
        qty: Qty,
        events: &mut Vec<Event>,
    ) {
        let sides = fronts.map(|front| Standing::of(self, front, qty));
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        let (base, quote) = (listed.delivers(), listed.instrument.quote);
        let (units, initial) = (&listed.units, listed.instrument.margin.initial);
        let (value, fee) = (units.value(price, qty), units.auction_fee(price, qty));
        for (front, side) in fronts.into_iter().zip(&sides) {
            listed.book.fill_front(&mut self.orders.nodes, front, qty);
            self.ledger.post_fill(&side.fill(qty, value, fee), units, base, quote);
        }
        for Standing { order, before, left, .. } in &sides {
            let at = (order.side, order.price);
            self.ledger.rereserve(order.holding, units, initial, at, (*before, *left));
        }
        (listed.last, listed.last_at) = (Some(price), self.time);
        let steady = listed.is_steady(price);
        let felt = listed.felt;
        listed.volume = listed.volume.saturating_add(qty.0);
        self.trades = self.trades.wrapping_add(1);
        let [taker, maker] = &sides;
        events.push(Event::Traded(Traded {
            trade: TradeId(self.trades),
            instrument,
            price,
            qty,
            taker_side: taker.order.side,
            taker: self.side_of(taker, fee),
            maker: self.side_of(maker, fee),
        }));
        for side in [maker, taker] {
            self.stand_on(side, qty, events);
        }
        for side in [maker, taker] {
            self.trim(side.order.holding, events);
        }
        if !steady {
            self.feel_price(instrument);
        }
        if felt {
            let holdings = [maker, taker].map(|side| side.order.holding);
            self.feel_trade(holdings, instrument, events);
        }
        for side in [maker, taker].into_iter().filter(|side| side.order.special) {
            self.follow_fill(side.slot, qty, events);
        }
    }
}
