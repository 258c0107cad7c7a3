//! Parent orders. A parent waits and locks nothing; its algo cuts children from it, which pass every check like
//! any order. What the children have filled is what the parent has filled, at every moment, also after a crash:
//! the run is part of the state. Schedules come in as data; here they are only followed.

mod quoting;
mod schedule;
mod start;
mod step;

use crate::order::Proposal;
use crate::route::Routed;
use model::{Algo, BookId, InstrumentId, OrderId, Price, Qty, Rate, Side, Time};
use schedule::Point;
use serde::{Deserialize, Serialize};

/// What is done with the parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Worked over time.
    Algo(Algo),
    /// Taken over several markets.
    Route(Routed),
}

/// An algo at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) parent: OrderId,
    pub(crate) task: Task,
    pub(crate) book: BookId,
    pub(crate) instrument: InstrumentId,
    pub(crate) side: Side,
    start: Time,
    end: Time,
    participation_max: Option<Rate>,
    /// The worst price a child may have.
    limit: Option<Price>,
    /// Live children, oldest first.
    pub(crate) children: Vec<OrderId>,
    pub(crate) done: Qty,
    /// What is to be done by when, for those that have a schedule; and how many points are behind.
    points: Vec<Point>,
    passed: u32,
    /// The market's volume when it began.
    volume: i64,
    /// The next moment it looks at itself.
    pub(crate) next: Time,
    /// The fair price its quotes stand around, and whether one of them has traded since they were made.
    fair: Option<Price>,
    taken: bool,
}

impl Run {
    /// Whether it acts on what the market does, and not only on time.
    pub(crate) fn follows_market(&self) -> bool {
        matches!(self.task, Task::Algo(Algo::Pov { .. } | Algo::Sniper { .. } | Algo::Quoting { .. }))
    }

    /// Of a routed order.
    pub(crate) fn routing(parent: OrderId, proposal: &Proposal, start: Time, routed: Routed) -> Self {
        Self {
            parent,
            task: Task::Route(routed),
            book: proposal.book,
            instrument: proposal.instrument,
            side: proposal.side,
            start,
            end: Time::MAX,
            participation_max: None,
            limit: None,
            children: Vec::new(),
            done: Qty::ZERO,
            points: Vec::new(),
            passed: 0,
            volume: 0,
            next: Time::MAX,
            fair: None,
            taken: false,
        }
    }

    pub(crate) fn routed(&self) -> Option<&Routed> {
        match &self.task {
            Task::Route(routed) => Some(routed),
            Task::Algo(_) => None,
        }
    }

    pub(crate) fn routed_mut(&mut self) -> Option<&mut Routed> {
        match &mut self.task {
            Task::Route(routed) => Some(routed),
            Task::Algo(_) => None,
        }
    }
}
