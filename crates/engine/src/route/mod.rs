//! Smart routing: one order over the markets of several venues. A routed order is a parent like that of an algo:
//! it waits and locks nothing, and its parts are children that pass every check. The choice is pure (`choose`);
//! here it is fed from the books, carried out, and carried on where a market refuses, halts or ends.
//! What an order has not got stands in one market; `RouteChosen` says of every part where it goes and why.

mod change;
mod choose;
mod offers;
mod once;
mod pass;
mod place;
mod send;
mod siblings;

pub(crate) use siblings::Siblings;

use model::{InstrumentId, OrderId, Reject, RoutePlan};
use serde::{Deserialize, Serialize};

/// How far the order is on its way through the markets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Pass {
    /// Nobody has been asked.
    Begins,
    /// The dark venues have been.
    Shown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Routed {
    plan: RoutePlan,
    pass: Pass,
    /// Markets that did not do in this pass what was asked of them, and the last reason given.
    shut: Vec<InstrumentId>,
    refused: Option<Reject>,
    /// What goes out next goes there because something did not come off elsewhere.
    rerouted: bool,
    /// The child that stands, and where.
    resting: Option<(OrderId, InstrumentId)>,
}

impl Routed {
    fn new(plan: RoutePlan) -> Self {
        let (shut, refused, resting) = (Vec::new(), None, None);
        Self { plan, pass: Pass::Begins, shut, refused, rerouted: false, resting }
    }

    /// From the start, over all markets.
    fn begin_again(&mut self, rerouted: bool) {
        *self = Self { rerouted, ..Self::new(self.plan) };
    }

    pub(crate) fn resting(&self) -> Option<OrderId> {
        self.resting.map(|(child, _)| child)
    }
}
