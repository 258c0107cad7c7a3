//! Resting: what did not trade stands in the book, with its money reserved.

use super::Proposal;
use crate::Engine;
use crate::amount::add_qty;
use crate::book::Resting;
use crate::ledger::Ledger;
use crate::listing::Listed;
use crate::orders::Orders;
use crate::risk::Approved;
use model::{Event, OrderStatus, Qty, Time};

impl Engine {
    #[inline]
    pub(crate) fn rest(
        &mut self,
        approved: &Approved<&Proposal>,
        slot: u32,
        left: Qty,
        events: &mut Vec<Event>,
    ) {
        let proposal = approved.get();
        let order = self.orders.at_mut(slot);
        order.status = OrderStatus::Open;
        let (id, price, ends) = (order.id, order.price, order.ends);
        let Some(listed) = self.listings.get_mut(proposal.instrument.0 as usize) else { return };
        let resting = Resting {
            slot,
            side: proposal.side,
            visible: !proposal.hidden,
            price,
            id,
            owner: proposal.account,
            qty: left,
        };
        listed.book.rest(&mut self.orders.nodes, &resting);
        let initial = listed.instrument.margin.initial;
        let at = (proposal.side, price);
        self.ledger.rereserve(proposal.holding, &listed.units, initial, at, (Qty::ZERO, left));
        if proposal.reduce_only {
            add_qty(&mut self.ledger.positions.at_mut(proposal.holding).reducing, left.0);
        }
        if ends != Time::MAX {
            self.ends.insert((ends, id.0));
            self.next_end = self.next_end.min(ends);
        }
        events.push(Event::OrderRested { order: id, price, left, hidden: proposal.hidden });
    }

    /// The parts that an order in the book of `holding`'s instrument touches.
    #[inline]
    pub(crate) fn with_listing(
        &mut self,
        holding: u32,
        change: impl FnOnce(&mut Listed, &mut Orders, &mut Ledger),
    ) {
        let instrument = self.ledger.positions.at(holding).instrument;
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            change(listed, &mut self.orders, &mut self.ledger);
        }
    }
}
