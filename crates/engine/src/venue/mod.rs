//! Orders at outside venues, and on their way there. An approved order joins the venue's line; the budget lets it
//! out as an event that a gateway (or, for a paper account, the pretend venue) acts on; what came of it comes back
//! as commands. Nothing here guesses: an order that nobody knows about is `unknown`, asked about, and never sent
//! again. `takes` says what a venue is asked, `line` who goes first, `serve` what leaves, `report` what comes back.
//!
//! Paper cannot reach a broker: `serve` is the one place where a request becomes an event, the account's mode
//! decides there which of two it is, and only the live one makes a `model::LiveRequest`.

mod behind;
mod call_back;
mod change;
mod check;
mod fill;
mod known;
mod line;
mod link;
mod outside;
mod report;
mod send;
mod serve;

use crate::Engine;
use known::Known;
use line::{Line, Sent, WAITING_MAX};
use model::{AccountId, Bound, OrderId, Reject, Time, VenueId};
use outside::Outside;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) use line::Sent as SentRequests;

/// How long an order is remembered after its end, and how many at the most.
const REMEMBERED_NS: i64 = 24 * 3600 * model::NANOS_PER_SECOND;
const REMEMBERED_MAX: usize = 1 << 20;
/// Fill ids kept at one venue.
const FILLS_MAX: u64 = 1 << 22;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Link {
    /// Nothing leaves.
    #[default]
    Down,
    /// It is back, and has not said yet how it stands: only questions and cancels leave.
    Reconciling,
    Up,
}

/// One venue, as the engine deals with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Desk {
    pub(crate) link: Link,
    pub(crate) line: Line,
    pub(crate) sent: Sent,
    /// Accounts to ask about, and those asked about: when to ask again, how often it was in vain.
    pub(crate) to_reconcile: BTreeSet<AccountId>,
    pub(crate) reconciling: BTreeMap<AccountId, (Time, u32)>,
    /// Live ones, and those that ended not long ago.
    pub(crate) orders: Known,
    /// When an order's deadline is, and when it is asked about again.
    pub(crate) moments: BTreeSet<(Time, u64)>,
    /// Ended orders, by their end.
    pub(crate) over: VecDeque<(Time, u64)>,
    pub(crate) fills: u64,
}

#[derive(Debug)]
pub(crate) struct Desks {
    pub(crate) all: BTreeMap<VenueId, Desk>,
    /// Balances that fills from outside have overdrawn: those are booked whatever is there.
    pub(crate) owing: BTreeSet<u32>,
    /// There is something to send or to look at now.
    pub(crate) stirred: bool,
    /// The next moment at which there is.
    pub(crate) wake: Time,
}

impl Desks {
    pub(crate) fn new() -> Self {
        Self { all: BTreeMap::new(), owing: BTreeSet::new(), stirred: false, wake: Time::MAX }
    }
}

impl Desk {
    fn check_room(&self) -> Result<(), Reject> {
        let full = self.line.orders() >= WAITING_MAX;
        if full { Err(Reject::BoundReached { what: Bound::VenueQueue }) } else { Ok(()) }
    }

    pub(crate) fn order(&self, order: OrderId) -> Option<&Outside> {
        self.orders.get(order.0)
    }

    fn order_mut(&mut self, order: OrderId) -> Option<&mut Outside> {
        self.orders.get_mut(order.0)
    }

    /// It has ended: what of it waits is gone, and it is remembered for a while.
    fn retire(&mut self, order: OrderId, now: Time) {
        let Some(known) = self.orders.get_mut(order.0).filter(|known| !known.ended) else { return };
        known.ended = true;
        for place in known.places() {
            self.line.leave(place);
        }
        for moment in [known.deadline, known.again] {
            self.moments.remove(&(moment, order.0));
        }
        (known.change, known.cancel, known.query) = (None, None, None);
        (known.again, known.wanted, known.insists) = (Time::MAX, None, None);
        (known.unknown, known.closing) = (false, None);
        self.over.push_back((now, order.0));
        self.orders.lay_down(order.0);
    }

    /// Forgets what ended long enough ago, and the oldest where it is too much.
    fn forget(&mut self, now: Time) {
        while let Some(&(ended, order)) = self.over.front() {
            let crowded = self.over.len() > REMEMBERED_MAX || self.fills > FILLS_MAX;
            if !crowded && ended.saturating_add_ns(REMEMBERED_NS) > now {
                return;
            }
            self.over.pop_front();
            let Some(known) = self.orders.forget(order) else { continue };
            known.query.and_then(outside::Way::place).into_iter().for_each(|place| self.line.leave(place));
            known
                .cancel
                .and_then(|(_, way)| way.place())
                .into_iter()
                .for_each(|place| self.line.leave(place));
            self.fills = self.fills.saturating_sub(known.fills.len() as u64);
        }
    }
}

impl Engine {
    /// The desk of the venue that an order's market is listed on.
    pub(crate) fn desk_of(&self, slot: u32) -> Option<VenueId> {
        let instrument = self.instrument_of(slot);
        Some(self.listings.get(instrument.0 as usize)?.instrument.venue)
    }

    pub(crate) fn outside(&self, slot: u32) -> Option<&Outside> {
        let desk = self.desks.all.get(&self.desk_of(slot)?)?;
        desk.order(self.orders.at(slot).id)
    }

    fn outside_mut(&mut self, slot: u32) -> Option<&mut Outside> {
        let (venue, order) = (self.desk_of(slot)?, self.orders.at(slot).id);
        self.desks.all.get_mut(&venue)?.order_mut(order)
    }

    fn desk_mut(&mut self, slot: u32) -> Option<&mut Desk> {
        let venue = self.desk_of(slot)?;
        self.desks.all.get_mut(&venue)
    }

    /// Something is to be sent, or looked at, before this command is over.
    fn stir_desks(&mut self) {
        self.desks.stirred = true;
        self.unsettled = true;
    }
}
