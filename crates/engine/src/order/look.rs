//! Looking before leaping: what an order would trade if it came now, without changing anything. Follows the same
//! rules as crossing, self-trade prevention included, so that fill-or-kill is all or nothing under it. What may be
//! gone when its turn comes, a reduce-only order or a leg of a group, is not counted on, and yet paid for.

use super::Proposal;
use crate::Engine;
use crate::amount::ORDER_VALUE_MAX;
use crate::listing::Listed;
use model::{GroupId, Price, Qty, Reject, SelfTrade};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// What is sure to trade, and the most that may.
    pub(crate) qty: Qty,
    pub(crate) qty_most: Qty,
    /// The most that the trades may be worth in quote, as a size, and cost.
    pub(crate) value: i128,
    pub(crate) fees: i128,
    /// The same value with its sign, which prices below zero turn.
    pub(crate) net: i128,
    /// More than an order may be worth.
    pub(crate) too_large: bool,
}

/// So much at a price.
#[derive(Clone, Copy, Debug, Default)]
struct Lot {
    price: Price,
    qty: Qty,
}

impl Lot {
    fn add(&mut self, price: Price, qty: Qty) {
        *self = Self { price, qty: Qty(self.qty.0.saturating_add(qty.0)) };
    }
}

/// On the way through the book.
struct Walk<'a> {
    engine: &'a Engine,
    listed: &'a Listed,
    look: Look,
    left: Qty,
    /// What icebergs have behind what they show, at the price that is looked at: it comes after all that is shown.
    behind: Lot,
    /// What may be gone, at the dearest price of any of it.
    doubtful: Lot,
    /// A group's legs trade once between them.
    groups: Vec<GroupId>,
    /// An own order has only lowered the order: what comes after it is no longer all of it.
    lowered: bool,
}

impl Look {
    pub(crate) fn ahead(engine: &Engine, proposal: &Proposal) -> Self {
        let Some(listed) = engine.listings.get(proposal.instrument.0 as usize) else {
            return Self::default();
        };
        let (limit, opposite) = (proposal.limit(), proposal.side.opposite());
        let mut walk = Walk::new(engine, listed, proposal.qty);
        for slot in listed.book.orders(&engine.orders.nodes, opposite) {
            let (maker, node) = (engine.orders.at(slot), engine.orders.nodes.node(slot));
            if walk.behind.qty > Qty::ZERO && (maker.price != walk.behind.price || maker.hidden) {
                walk.take_behind();
            }
            if walk.left.is_zero() || !proposal.side.reaches(limit, maker.price) {
                break;
            }
            match proposal.self_trade.filter(|_| node.owner == proposal.account) {
                Some(SelfTrade::CancelOldest) => walk.pass(slot),
                Some(SelfTrade::Decrement) => walk.lower(slot),
                Some(_) => {
                    walk.behind = Lot::default();
                    break;
                }
                None => walk.meet(slot),
            }
        }
        walk.end()
    }

    pub(crate) fn countable(&self) -> Result<(), Reject> {
        if self.too_large { Err(Reject::TooLargeToCount) } else { Ok(()) }
    }
}

impl<'a> Walk<'a> {
    fn new(engine: &'a Engine, listed: &'a Listed, left: Qty) -> Self {
        let (look, lot) = (Look::default(), Lot::default());
        Self { engine, listed, look, left, behind: lot, doubtful: lot, groups: Vec::new(), lowered: false }
    }

    fn meet(&mut self, slot: u32) {
        let (order, shown) = (self.engine.orders.at(slot), self.engine.orders.nodes.node(slot).qty);
        let all = if order.special { self.engine.orders.left(slot) } else { shown };
        let sure = self.sure(slot, all);
        if sure < all {
            self.doubt(order.price, Qty(all.0.saturating_sub(sure.0)));
        }
        let reserve = Qty(sure.0.saturating_sub(shown.0));
        if reserve > Qty::ZERO {
            self.behind.add(order.price, reserve);
        }
        self.take(order.price, shown.min(sure));
    }

    /// What of an order will be there when its turn comes.
    fn sure(&mut self, slot: u32, all: Qty) -> Qty {
        let order = self.engine.orders.at(slot);
        let shared = if order.special { self.engine.shared(slot) } else { None };
        let first = shared.is_none_or(|(group, _)| !self.groups.contains(&group));
        self.groups.extend(shared.filter(|_| first).map(|(group, _)| group));
        if order.reduce_only || !first { Qty::ZERO } else { shared.map_or(all, |(_, least)| least.min(all)) }
    }

    /// An own order that will be gone, and its group with it.
    fn pass(&mut self, slot: u32) {
        self.sure(slot, Qty::ZERO);
    }

    /// An own order that lowers this one by what it has.
    fn lower(&mut self, slot: u32) {
        let sure = self.sure(slot, self.engine.orders.left(slot));
        self.left = Qty(self.left.0.saturating_sub(sure.0).max(0));
        self.lowered = true;
    }

    fn doubt(&mut self, price: Price, qty: Qty) {
        let dearest = if price.0.saturating_abs() > self.doubtful.price.0.saturating_abs() {
            price
        } else {
            self.doubtful.price
        };
        self.doubtful.add(dearest, qty);
    }

    fn take_behind(&mut self) {
        let Lot { price, qty } = std::mem::take(&mut self.behind);
        self.take(price, qty);
    }

    fn take(&mut self, price: Price, there: Qty) {
        let qty = self.pay(price, there);
        if !self.lowered {
            self.look.qty = Qty(self.look.qty.0.saturating_add(qty.0));
        }
    }

    fn pay(&mut self, price: Price, there: Qty) -> Qty {
        let qty = self.left.min(there);
        let units = &self.listed.units;
        self.left = Qty(self.left.0.saturating_sub(qty.0));
        let look = &mut self.look;
        look.qty_most = Qty(look.qty_most.0.saturating_add(qty.0));
        let value = units.value(price, qty);
        look.value = look.value.saturating_add(value.saturating_abs());
        look.net = look.net.saturating_add(value);
        look.fees = look.fees.saturating_add(units.taker_fee(price, qty));
        look.too_large |= look.value > ORDER_VALUE_MAX;
        qty
    }

    fn end(mut self) -> Look {
        self.take_behind();
        self.pay(self.doubtful.price, self.doubtful.qty);
        self.look
    }
}
