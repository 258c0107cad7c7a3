//! An order that is not for the market it names: to one venue it goes as an order for the market there; a smart
//! one becomes a parent. It is taken if one of its markets would take it.

use super::Routed;
use crate::Engine;
use crate::algo::Run;
use crate::order::{Named, Proposal, Special, Stage, pairs};
use crate::risk;
use model::{AlgoId, Combination, Event, NewOrder, OrderId, Reject, Route, RoutePlan};

impl Engine {
    #[cold]
    pub(crate) fn place_routed(&mut self, order: &NewOrder, named: Option<Named>, events: &mut Vec<Event>) {
        let placed = match order.route {
            Route::Listing => return self.place_named(order, named, events),
            Route::Venue(venue) => self.market_at(order.instrument, venue).map(|instrument| {
                let there = NewOrder { instrument, route: Route::Listing, ..order.clone() };
                self.place_named(&there, named, events);
            }),
            Route::Smart(plan) => self.place_smart(order, plan, named, events),
        };
        if let Err(reason) = placed {
            self.refuse(order, named, reason, events);
        }
    }

    fn place_smart(
        &mut self,
        order: &NewOrder,
        plan: RoutePlan,
        named: Option<Named>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let proposal = self.propose(order)?;
        self.check_smart(order)?;
        self.check_waiting(order, &proposal)?;
        let slot = self.open_order(&proposal, order, named, events);
        self.algos_made = self.algos_made.wrapping_add(1);
        let (id, parent) = (AlgoId(self.algos_made), self.orders.at(slot).id);
        let waits = Special::new(order, Stage::Conditional, None);
        self.hold(slot, Special { algo: Some(id), ..waits });
        events.push(Event::AlgoStarted { algo: id, parent });
        self.algos.insert(id.0, self.run_of(parent, &proposal, plan));
        self.enter(slot, Stage::Conditional, events);
        Ok(())
    }

    /// Whether the order is one to be routed, from a market of the house.
    pub(crate) fn check_smart(&self, order: &NewOrder) -> Result<(), Reject> {
        let outside = self.is_outside(order.instrument).then_some(Combination::VenueFlag);
        match pairs::check_smart(order).or(outside) {
            Some(what) => Err(Reject::IllegalCombination { what }),
            None => Ok(()),
        }
    }

    fn run_of(&self, parent: OrderId, proposal: &Proposal, plan: RoutePlan) -> Run {
        Run::routing(parent, proposal, self.time, Routed::new(plan))
    }

    /// The form of the whole, as the first market sees it that would take it; else as its own does.
    pub(crate) fn check_form_anywhere(&self, proposal: &Proposal) -> Result<(), Reject> {
        let own = risk::check_form(self, proposal);
        let others = self.markets_of(proposal.instrument).into_iter();
        let takes = |instrument| risk::check_form(self, &Proposal { instrument, ..*proposal }).is_ok();
        if own.is_ok() || others.into_iter().any(takes) { Ok(()) } else { own }
    }
}
