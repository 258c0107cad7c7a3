//! Looking before leaping: what an order would trade if it came now, without changing anything. Follows the same
//! rules as crossing, self-trade prevention included, so that fill-or-kill is all or nothing under it.

use super::Proposal;
use crate::Engine;
use crate::amount::ORDER_VALUE_MAX;
use crate::listing::Listed;
use model::{Price, Qty, Reject, SelfTrade};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) qty: Qty,
    /// What the trades are worth in quote, as a size.
    pub(crate) value: i128,
    pub(crate) fees: i128,
    /// More than an order may be worth.
    pub(crate) too_large: bool,
}

/// What icebergs have behind what they show, at the price that is looked at: it comes after all that is shown.
#[derive(Clone, Copy, Debug, Default)]
struct Behind {
    price: Price,
    qty: Qty,
}

impl Look {
    /// Reduce-only orders that would be met are not counted on: the fills before them may take their position.
    pub(crate) fn ahead(engine: &Engine, proposal: &Proposal) -> Self {
        let mut look = Self::default();
        let Some(listed) = engine.listings.get(proposal.instrument.0 as usize) else { return look };
        let (limit, opposite) = (proposal.limit(), proposal.side.opposite());
        let mut left = proposal.qty;
        let mut behind = Behind::default();
        for slot in listed.book.orders(&engine.orders.nodes, opposite) {
            let (maker, node) = (engine.orders.at(slot), engine.orders.nodes.node(slot));
            if behind.qty > Qty::ZERO && (maker.price != behind.price || maker.hidden) {
                look.take(&mut left, behind.price, std::mem::take(&mut behind).qty, listed);
            }
            if left.is_zero() || !proposal.side.reaches(limit, maker.price) {
                break;
            }
            if node.owner == proposal.account && proposal.self_trade.is_some() {
                if proposal.self_trade == Some(SelfTrade::CancelOldest) {
                    continue;
                }
                return look;
            }
            if maker.reduce_only {
                continue;
            }
            if maker.special {
                let reserve = engine.orders.reserve_of(slot);
                behind = Behind { price: maker.price, qty: Qty(behind.qty.0.saturating_add(reserve.0)) };
            }
            look.take(&mut left, maker.price, node.qty, listed);
        }
        look.take(&mut left, behind.price, behind.qty, listed);
        look
    }

    fn take(&mut self, left: &mut Qty, price: Price, there: Qty, listed: &Listed) {
        let qty = (*left).min(there);
        *left = Qty(left.0.saturating_sub(qty.0));
        self.add(listed.units.value(price, qty), listed.units.taker_fee(price, qty), qty);
    }

    fn add(&mut self, value: i128, fee: i128, qty: Qty) {
        self.qty = Qty(self.qty.0.saturating_add(qty.0));
        self.value = self.value.saturating_add(value.saturating_abs());
        self.fees = self.fees.saturating_add(fee);
        self.too_large |= self.value > ORDER_VALUE_MAX;
    }

    pub(crate) fn countable(&self) -> Result<(), Reject> {
        if self.too_large { Err(Reject::TooLargeToCount) } else { Ok(()) }
    }
}
