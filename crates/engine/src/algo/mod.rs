//! Parent orders. A parent waits and locks nothing; its algo cuts children from it, which pass every check like
//! any order. What the children have filled is what the parent has filled, at every moment, also after a crash:
//! the run is part of the state. Schedules come in as data; here they are only followed.

mod quoting;
mod schedule;
mod start;
mod step;

use model::{Algo, BookId, InstrumentId, OrderId, Price, Qty, Rate, Side, Time};
use schedule::Point;
use serde::{Deserialize, Serialize};

/// An algo at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) parent: OrderId,
    pub(crate) algo: Algo,
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
        matches!(self.algo, Algo::Pov { .. } | Algo::Sniper { .. } | Algo::Quoting { .. })
    }
}
