//! Whether a venue is there, and whether it and the house agree. A venue that comes back is first asked how it
//! stands, for every account that deals there; until it has said so, no order leaves, only questions and cancels.

use super::outside::Way;
use super::{Desk, Link};
use crate::Engine;
use model::{AccountId, Event, InstrumentId, Misfit, OrderId, Qty, VenueId, VenueSay};
use std::collections::BTreeSet;

impl Engine {
    pub(super) fn take_of_venue(
        &mut self,
        venue: VenueId,
        account: AccountId,
        say: &VenueSay,
        events: &mut Vec<Event>,
    ) {
        match say {
            VenueSay::Up => self.come_up(venue, events),
            VenueSay::Down => self.go_down(venue, events),
            VenueSay::Reconciled => self.take_reconciled(venue, account, events),
            VenueSay::Position { instrument, qty, .. } => {
                self.compare_position(venue, account, (*instrument, *qty), events);
            }
            _ => {}
        }
    }

    /// What was on its way may have been lost: those orders are unknown from here on.
    fn go_down(&mut self, venue: VenueId, events: &mut Vec<Event>) {
        let Some(desk) = self.desks.all.get_mut(&venue) else { return };
        desk.link = Link::Down;
        desk.reconciling.clear();
        desk.to_reconcile.clear();
        let mut lost = Vec::new();
        for (order, known) in desk.orders.live_mut() {
            if known.query == Some(Way::Left) {
                known.query = None;
            }
            if known.awaits() {
                known.unknown = true;
                lost.push(OrderId(order));
            }
        }
        for order in lost {
            self.restate(order, events);
        }
    }

    fn come_up(&mut self, venue: VenueId, events: &mut Vec<Event>) {
        // Whatever was before: a connection that is new has forgotten what the last one was asked.
        self.go_down(venue, events);
        let accounts = self.accounts_at(venue);
        let Some(desk) = self.desks.all.get_mut(&venue) else { return };
        desk.link = if accounts.is_empty() { Link::Up } else { Link::Reconciling };
        desk.to_reconcile = accounts;
        for order in unknown_at(desk, None) {
            self.ask_about(order);
        }
    }

    /// Those with an order there, or a position.
    fn accounts_at(&self, venue: VenueId) -> BTreeSet<AccountId> {
        let here = |instrument: InstrumentId| {
            let listed = self.listings.get(instrument.0 as usize);
            listed.is_some_and(|listed| listed.instrument.venue == venue)
        };
        let exposures = self.ledger.positions.exposures.iter();
        let held = exposures.filter(|open| !open.qty.is_zero() && here(open.instrument));
        let orders = self.desks.all.get(&venue).into_iter().flat_map(|desk| desk.orders.values());
        held.map(|open| open.account).chain(orders.map(|known| known.account)).collect()
    }

    fn take_reconciled(&mut self, venue: VenueId, account: AccountId, events: &mut Vec<Event>) {
        let Some(desk) = self.desks.all.get_mut(&venue) else { return };
        if desk.reconciling.remove(&account).is_none() {
            let (order, what) = (None, Misfit::NotAsked);
            return events.push(Event::ReportMisfit { venue, account, order, what });
        }
        if desk.reconciling.is_empty() && desk.to_reconcile.is_empty() && desk.link == Link::Reconciling {
            desk.link = Link::Up;
        }
        for order in unknown_at(desk, Some(account)) {
            self.ask_about(order);
        }
    }

    fn compare_position(
        &self,
        venue: VenueId,
        account: AccountId,
        (instrument, theirs): (InstrumentId, Qty),
        events: &mut Vec<Event>,
    ) {
        let listed = self.listings.get(instrument.0 as usize);
        if listed.is_none_or(|listed| listed.instrument.venue != venue) {
            let (order, what) = (None, Misfit::NotAsked);
            return events.push(Event::ReportMisfit { venue, account, order, what });
        }
        let ours = self.exposure(account, instrument).map_or(Qty::ZERO, |open| open.qty);
        if ours != theirs {
            events.push(Event::BreakFound { account, instrument, ours, theirs });
        }
    }
}

/// Orders that nobody knows about, of one account or of all.
fn unknown_at(desk: &Desk, account: Option<AccountId>) -> Vec<OrderId> {
    let unknown = desk.orders.live().filter(|(_, known)| known.unknown || known.closing.is_some());
    let of = unknown.filter(|(_, known)| account.is_none_or(|account| account == known.account));
    of.map(|(order, _)| OrderId(order)).collect()
}
