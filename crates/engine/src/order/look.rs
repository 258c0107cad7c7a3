//! Looking before leaping: what an order would trade if it came now, without changing anything. Follows the same
//! rules as crossing, self-trade prevention included, so that fill-or-kill is all or nothing under it.

use super::Proposal;
use crate::Engine;
use crate::amount::ORDER_VALUE_MAX;
use model::{Qty, Reject, SelfTrade};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) qty: Qty,
    /// What the trades are worth in quote, as a size.
    pub(crate) value: i128,
    pub(crate) fees: i128,
    /// More than an order may be worth.
    pub(crate) too_large: bool,
}

impl Look {
    /// Reduce-only orders that would be met are not counted on: the fills before them may take their position.
    pub(crate) fn ahead(engine: &Engine, proposal: &Proposal) -> Self {
        let mut look = Self::default();
        let Some(listed) = engine.listings.get(proposal.instrument.0 as usize) else { return look };
        let (limit, opposite) = (proposal.limit(), proposal.side.opposite());
        let mut left = proposal.qty;
        for slot in listed.book.orders(&engine.orders.nodes, opposite) {
            let (maker, node) = (engine.orders.at(slot), engine.orders.nodes.node(slot));
            if left.is_zero() || !proposal.side.reaches(limit, maker.price) {
                break;
            }
            if node.owner == proposal.account && proposal.self_trade.is_some() {
                if proposal.self_trade == Some(SelfTrade::CancelOldest) {
                    continue;
                }
                break;
            }
            if maker.reduce_only {
                continue;
            }
            let qty = left.min(node.qty);
            left = Qty(left.0.saturating_sub(qty.0));
            look.add(listed.units.value(maker.price, qty), listed.units.taker_fee(maker.price, qty), qty);
        }
        look
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
