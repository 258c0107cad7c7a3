//! Resting: what did not trade stands in the book, with its money reserved.

use super::{Proposal, Special};
use crate::Engine;
use crate::amount::add_qty;
use crate::book::Resting;
use crate::ledger::Ledger;
use crate::listing::Listed;
use crate::orders::Orders;
use crate::risk::Approved;
use model::{Event, OrderStatus, Price, Qty, Time};

impl Engine {
    #[inline]
    pub(crate) fn rest(
        &mut self,
        approved: Approved<&Proposal>,
        slot: u32,
        left: Qty,
        events: &mut Vec<Event>,
    ) {
        let place = self.orders.at(slot).price;
        self.rest_at(approved, slot, place, left, events);
    }

    /// An order that an auction takes at any price stands before all others, with money for the price it has.
    #[inline]
    pub(crate) fn rest_at(
        &mut self,
        approved: Approved<&Proposal>,
        slot: u32,
        place: Price,
        left: Qty,
        events: &mut Vec<Event>,
    ) {
        let proposal = approved.get();
        let order = self.orders.at_mut(slot);
        order.status = OrderStatus::Open;
        let (id, price, ends) = (order.id, order.price, order.ends);
        let shown = if order.special { self.show(slot, left) } else { left };
        let Some(listed) = self.listings.get_mut(proposal.instrument.0 as usize) else { return };
        let resting = Resting {
            slot,
            side: proposal.side,
            visible: !proposal.hidden,
            price: place,
            id,
            owner: proposal.account,
            qty: shown,
        };
        listed.book.rest(&mut self.orders.nodes, &resting);
        let minded = listed.minded;
        let initial = listed.instrument.margin.initial;
        let at = (proposal.side, price);
        self.ledger.rereserve(proposal.holding, &listed.units, initial, at, (Qty::ZERO, left));
        if proposal.reduce_only {
            add_qty(&mut self.ledger.positions.at_mut(proposal.holding).reducing, left.0);
        }
        if ends != Time::MAX {
            self.due_at(id, ends);
        }
        if minded {
            self.touch(proposal.instrument);
        }
        events.push(Event::OrderRested { order: id, price, left, hidden: proposal.hidden });
    }

    /// How much of what is open an order shows; the rest stands behind.
    #[cold]
    pub(crate) fn show(&mut self, slot: u32, left: Qty) -> Qty {
        let display = self.orders.special(slot).and_then(Special::display);
        let shown = display.map_or(left, |display| display.min(left));
        if display.is_some() {
            let holding = self.orders.at(slot).holding;
            self.with_listing(holding, |listed, _, _| {
                listed.icebergs.insert(slot);
            });
        }
        self.orders.set_reserve(slot, Qty(left.0.saturating_sub(shown.0)));
        shown
    }

    /// An iceberg whose shown part is gone shows the next, at the back of its price.
    #[cold]
    pub(crate) fn replenish(&mut self, slot: u32, left: Qty, events: &mut Vec<Event>) {
        let shown = self.show(slot, left);
        let (order, owner) =
            (*self.orders.at(slot), self.ledger.positions.at(self.orders.at(slot).holding).account);
        let resting = order.resting(owner, shown);
        self.with_listing(order.holding, |listed, orders, _| listed.book.rest(&mut orders.nodes, &resting));
        events.push(Event::OrderReplenished { order: order.id, shown, left });
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
