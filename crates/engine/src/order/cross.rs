//! Crossing: an incoming order against the book, best price first, then time, at the resting order's price.
//! Decides who trades; what a trade means is in the ledger, what an end means in `end.rs`.

use super::standing::Standing;
use super::{Proposal, Remainder};
use crate::Engine;
use crate::book::Front;
use crate::ledger::Fill;
use crate::orders::Record;
use crate::risk::Approved;
use model::{CancelCause, Changes, Event, Money, OrderStatus, Qty, SelfTrade, TradeId, TradeSide, Traded};

/// What crossing left.
struct Crossed {
    left: Qty,
    /// It must not rest, whatever it was.
    stopped: Option<CancelCause>,
}

impl Engine {
    /// Trades what can trade of `qty`; the rest goes where the order says.
    #[inline]
    pub(crate) fn cross_and_rest(
        &mut self,
        approved: Approved<&Proposal>,
        slot: u32,
        qty: Qty,
        events: &mut Vec<Event>,
    ) {
        let proposal = approved.get();
        let Crossed { left, stopped } = self.cross(proposal, slot, qty, events);
        if let Some(cause) = stopped {
            return self.end_unrested(slot, left, cause, events);
        }
        if left.is_zero() {
            return self.end_order(slot, OrderStatus::Filled, events);
        }
        match proposal.remainder {
            Remainder::Rests => self.rest(approved, slot, left, events),
            _ => self.end_unrested(slot, left, CancelCause::NothingLeftToTrade, events),
        }
    }

    #[inline]
    fn cross(&mut self, taker: &Proposal, slot: u32, qty: Qty, events: &mut Vec<Event>) -> Crossed {
        let (against, limit) = (taker.side.opposite(), taker.limit());
        let mut left = qty;
        if self.gathers(taker.instrument) {
            return Crossed { left, stopped: None };
        }
        while !left.is_zero() {
            let Some(listed) = self.listings.get(taker.instrument.0 as usize) else { break };
            let Some(front) = listed.book.front(&self.orders.nodes, against) else { break };
            if !taker.side.reaches(limit, front.price) {
                break;
            }
            let maker = self.orders.nodes.node(front.slot);
            let owner = maker.owner;
            if taker.special && self.are_grouped(slot, front.slot) {
                return Crossed { left, stopped: Some(CancelCause::Group) };
            }
            let maker = self.orders.nodes.node(front.slot);
            if owner == taker.account
                && let Some(mode) = taker.self_trade
            {
                let resting = self.orders.left(front.slot);
                let (after, stopped) = self.prevent(mode, slot, left, &front, resting, events);
                left = after;
                if stopped {
                    return Crossed { left, stopped: Some(CancelCause::SelfTrade) };
                }
                continue;
            }
            let trade = left.min(maker.qty);
            left = Qty(left.0.wrapping_sub(trade.0));
            self.trade(taker, slot, left, &front, trade, events);
        }
        Crossed { left, stopped: None }
    }

    /// One match: both sides posted, the maker's reservation shrinks, the event.
    #[inline]
    fn trade(
        &mut self,
        taker: &Proposal,
        slot: u32,
        left: Qty,
        front: &Front,
        qty: Qty,
        events: &mut Vec<Event>,
    ) {
        let maker = Standing::of(self, front, qty);
        let Some(listed) = self.listings.get_mut(taker.instrument.0 as usize) else { return };
        let (price, units) = (front.price, &listed.units);
        let value = units.value(price, qty);
        let (maker_fee, taker_fee) = (units.maker_fee(price, qty), units.taker_fee(price, qty));
        listed.book.fill_front(&mut self.orders.nodes, front, qty);
        (listed.last, listed.last_at) = (Some(price), self.time);
        let steady = listed.is_steady(price);
        listed.volume = listed.volume.saturating_add(qty.0);
        let (minds_last, minded) = (listed.watchers.minds_last(price), listed.minded);
        let felt = listed.felt;
        let (base, quote) = (listed.delivers(), listed.instrument.quote);
        let made = maker.fill(qty, value, maker_fee);
        let took = Fill { holding: taker.holding, side: taker.side, fee: taker_fee, reduces: false, ..made };
        let initial = listed.instrument.margin.initial;
        self.ledger.post_fill(&made, units, base, quote);
        self.ledger.post_fill(&took, units, base, quote);
        let Record { holding, side, price: limit, .. } = maker.order;
        self.ledger.rereserve(holding, units, initial, (side, limit), (maker.before, maker.left));
        if taker.on_margin {
            self.ledger.relock_holding(taker.holding, initial);
        }
        self.trades = self.trades.wrapping_add(1);
        events.push(Event::Traded(Traded {
            trade: TradeId(self.trades),
            instrument: taker.instrument,
            price,
            qty,
            taker_side: taker.side,
            taker: TradeSide {
                order: self.orders.at(slot).id,
                account: taker.account,
                book: taker.book,
                left,
                fee: Money(taker_fee),
            },
            maker: self.side_of(&maker, maker_fee),
        }));
        self.stand_on(&maker, qty, events);
        self.trim(holding, events);
        self.trim(taker.holding, events);
        if !steady {
            self.feel_price(taker.instrument);
        }
        if felt {
            self.feel_trade([holding, taker.holding], taker.instrument, events);
        }
        if minded || minds_last {
            self.touch(taker.instrument);
            self.hear_last(taker.instrument, price);
        }
        if maker.order.special || taker.special {
            self.follow_trade(slot, front.slot, maker.left, qty, events);
        }
    }

    /// What the trade means for those that the two orders belong to.
    #[cold]
    fn follow_trade(&mut self, taker: u32, maker: u32, left: Qty, qty: Qty, events: &mut Vec<Event>) {
        if !left.is_zero() {
            self.follow_fill(maker, qty, events);
        }
        self.count_fill(taker, qty);
        self.follow_fill(taker, qty, events);
    }

    /// The two sides are one account. Gives what is left of the newest, and whether it stops here.
    fn prevent(
        &mut self,
        mode: SelfTrade,
        slot: u32,
        left: Qty,
        front: &Front,
        resting: Qty,
        events: &mut Vec<Event>,
    ) -> (Qty, bool) {
        match mode {
            SelfTrade::CancelNewest => (left, true),
            SelfTrade::CancelOldest => {
                self.cancel_working(front.slot, CancelCause::SelfTrade, events);
                (left, false)
            }
            SelfTrade::CancelBoth => {
                self.cancel_working(front.slot, CancelCause::SelfTrade, events);
                (left, true)
            }
            SelfTrade::Decrement => {
                let both = left.min(resting);
                let after = Qty(left.0.wrapping_sub(both.0));
                if both == resting {
                    self.cancel_working(front.slot, CancelCause::SelfTrade, events);
                } else {
                    self.shrink_resting(front.slot, Qty(resting.0.wrapping_sub(both.0)), events);
                }
                if after.is_zero() {
                    return (left, true);
                }
                let order = self.orders.at_mut(slot);
                order.qty = Qty(order.qty.0.wrapping_sub(both.0));
                let changes = Changes { qty: Some(order.qty), ..Changes::default() };
                events.push(Event::OrderModified { order: order.id, changes, left: after, kept_place: true });
                (after, false)
            }
        }
    }
}

impl Engine {
    /// Lowers what is left of a working order; it keeps its place. What is not shown goes first.
    pub(crate) fn shrink_resting(&mut self, slot: u32, left: Qty, events: &mut Vec<Event>) {
        if self.orders.is_outside(slot) {
            let less = self.orders.left(slot).0.wrapping_sub(left.0);
            let qty = Qty(self.target_outside(slot).0.wrapping_sub(less));
            return self.resize_outside(slot, qty, CancelCause::Group, events);
        }
        let before = self.orders.left(slot);
        let less = before.0.wrapping_sub(left.0);
        let rests = self.orders.nodes.rests(slot, self.orders.at(slot).id);
        let mut touched = false;
        let order = self.orders.at_mut(slot);
        order.qty = Qty(order.qty.0.wrapping_sub(less));
        let (id, qty, holding, side, price) = (order.id, order.qty, order.holding, order.side, order.price);
        let (reduce_only, special) = (order.reduce_only, order.special);
        if special {
            let reserve = self.orders.reserve_of(slot).0.saturating_sub(less).max(0);
            self.orders.set_reserve(slot, Qty(reserve));
        }
        if rests {
            let shown = Qty(left.0.wrapping_sub(self.orders.reserve_of(slot).0));
            self.with_listing(holding, |listed, orders, ledger| {
                listed.book.decrease(&mut orders.nodes, slot, shown);
                let initial = listed.instrument.margin.initial;
                ledger.rereserve(holding, &listed.units, initial, (side, price), (before, left));
                touched = listed.gathers();
            });
        }
        if touched {
            self.touch(self.instrument_of(slot));
        }
        if reduce_only && rests {
            self.release_reducing(holding, less);
        }
        let changes = Changes { qty: Some(qty), ..Changes::default() };
        events.push(Event::OrderModified { order: id, changes, left, kept_place: true });
        if special {
            self.part_shrunk(slot, less, events);
        }
    }
}
