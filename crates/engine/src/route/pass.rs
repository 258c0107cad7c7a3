//! One pass of a routed order over its markets: the dark ones are asked, then what is shown is taken, then what is
//! behind it, and what is left stands in one place. In a spray all slices go at once; in sequence one after the
//! other, and whatever the one has set off happens before the next is chosen.

use super::Pass;
use super::choose::{Slice, Why, choose, gathered, rank_places};
use super::send::taking;
use crate::Engine;
use model::{AlgoId, CancelCause, Event, InstrumentId, NewOrder, Price, Qty, RoutePlan, TimeInForce};

/// Choices in a row; after so many the order gets back in line.
const CHOICES_MAX: usize = 64;

impl Engine {
    /// The moment of a routed order: it has come, a part of it has ended, or it was changed.
    pub(crate) fn step_route(&mut self, id: AlgoId, events: &mut Vec<Event>) {
        let Some((run, routed)) = self.routed(id) else { return };
        if self.orders.left(run.parent.slot()).is_zero() {
            return self.finish(id, events);
        }
        if let Some((child, market)) = routed.resting {
            if self.is_live(child) {
                return;
            }
            if self.is_open(market) {
                return self.give_up(id, CancelCause::PartEnded, events);
            }
            self.begin_again(id, true);
        }
        let Some(order) = self.routed_order(id) else { return };
        let begins = self.routed(id).is_some_and(|(_, routed)| routed.pass == Pass::Begins);
        if begins {
            if order.time_in_force == TimeInForce::Fok || order.qty_min.is_some() {
                return self.route_at_once(id, &order, events);
            }
            if let Some(routed) = self.routed_mut(id) {
                routed.pass = Pass::Shown;
            }
            self.ask_dark(id, &order, events);
        }
        if self.take_shown(id, &order, events) {
            self.take_hidden(id, &order, events);
            self.leave_rest(id, &order, events);
        } else if let Some((run, _)) = self.routed(id) {
            let parent = run.parent;
            self.put_in_line(parent, None);
        }
    }

    pub(super) fn begin_again(&mut self, id: AlgoId, rerouted: bool) {
        if let Some(routed) = self.routed_mut(id) {
            routed.begin_again(rerouted);
        }
    }

    fn shut_markets(&self, id: AlgoId) -> Vec<InstrumentId> {
        self.routed(id).map_or_else(Vec::new, |(_, routed)| routed.shut.clone())
    }

    fn ask_dark(&mut self, id: AlgoId, order: &NewOrder, events: &mut Vec<Event>) {
        for market in self.dark_markets(order, &self.shut_markets(id)) {
            if let Some(price) = self.dark_price(order, order.kind.limit(), market) {
                self.sweep(id, order, market, (Some(price), Why::Dark), events);
            }
        }
    }

    /// What is not shown comes after all that is, and before the order stands anywhere.
    fn take_hidden(&mut self, id: AlgoId, order: &NewOrder, events: &mut Vec<Event>) {
        let shut = self.shut_markets(id);
        for market in self.markets_of(order.instrument) {
            if !shut.contains(&market) && self.trades_now(market) {
                self.sweep(id, order, market, (order.kind.limit(), Why::Hidden), events);
            }
        }
    }

    /// Takes what one market has up to a price, shown or not, if it has anything.
    fn sweep(
        &mut self,
        id: AlgoId,
        order: &NewOrder,
        market: InstrumentId,
        (price, why): (Option<Price>, Why),
        events: &mut Vec<Event>,
    ) {
        let left = self.routed_left(id).min(self.reducible_at(order, market));
        let Some(slice) = self.slice_at(market, left, price, why) else { return };
        let there = self.looked(&taking(order, &slice)).map_or(Qty::ZERO, |look| look.qty_most);
        let slice = Slice { qty: slice.qty.min(there), ..slice };
        if slice.qty > Qty::ZERO {
            self.take_slice(id, &slice, None, events);
        }
    }

    pub(super) fn slice_at(
        &self,
        market: InstrumentId,
        qty: Qty,
        price: Option<Price>,
        why: Why,
    ) -> Option<Slice> {
        let venue = self.listings.get(market.0 as usize)?.instrument.venue;
        (qty > Qty::ZERO).then_some(Slice { market, venue, qty, price, why })
    }

    /// Takes what is shown, cheapest first. False if there is more to do after what this has set off.
    fn take_shown(&mut self, id: AlgoId, order: &NewOrder, events: &mut Vec<Event>) -> bool {
        let in_sequence = order.route == model::Route::Smart(RoutePlan::Sequential);
        for _ in 0..CHOICES_MAX {
            let left = self.routed_left(id);
            let candidates = self.candidates(order, order.kind.limit(), left, &self.shut_markets(id));
            let chosen = choose(order.side, &candidates, left);
            if in_sequence {
                let Some(first) = chosen.first() else { return true };
                self.take_slice(id, first, None, events);
                return false;
            }
            let slices = gathered(chosen);
            if slices.is_empty() {
                return true;
            }
            for slice in &slices {
                self.take_slice(id, slice, None, events);
            }
        }
        false
    }

    /// What is left stands in the best place that takes it; or goes.
    fn leave_rest(&mut self, id: AlgoId, order: &NewOrder, events: &mut Vec<Event>) {
        let left = self.routed_left(id);
        let Some((_, routed)) = self.routed(id).filter(|_| left > Qty::ZERO) else { return };
        let stands = matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd(_));
        let Some(price) = order.kind.limit().filter(|_| stands) else {
            let refused = routed.refused.map(|reason| CancelCause::Refused { reason });
            return self.give_up(id, refused.unwrap_or(CancelCause::NothingLeftToTrade), events);
        };
        let mut places = self.places(order, price, &self.shut_markets(id));
        rank_places(order.side, &mut places);
        for place in places {
            let slice = self.slice_at(place.market, self.routed_left(id), Some(price), Why::Rest);
            if slice.is_some_and(|slice| self.stand(id, &slice, events)) {
                return;
            }
        }
        let refused = self.routed(id).and_then(|(_, routed)| routed.refused);
        let refused = refused.map(|reason| CancelCause::Refused { reason });
        self.give_up(id, refused.unwrap_or(CancelCause::NothingLeftToTrade), events);
    }
}
