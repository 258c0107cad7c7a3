//! What is kept of an order at an outside venue beside its record: what was asked and not answered yet, which
//! fills were counted, what is reserved for it. Kept for a day after its end, because a late fill is still money.

use super::line::Place;
use model::{AccountId, CancelCause, ClientOrderId, OrderStatus, Price, Qty, Side, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether a request waits in the line or is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    Waits(Place),
    Left,
}

impl Way {
    pub(crate) fn place(self) -> Option<Place> {
        if let Self::Waits(place) = self { Some(place) } else { None }
    }
}

/// A change that was asked for: the whole quantity and, if it has one, the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) qty: Qty,
    pub(crate) price: Option<Price>,
    /// Not the owner's wish: the order has to be smaller, or to go.
    pub(crate) forced: bool,
    /// It left once, and may have arrived.
    pub(crate) sent: bool,
    /// More than once.
    pub(crate) asked_again: bool,
    pub(crate) way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outside {
    pub(crate) account: AccountId,
    pub(crate) holding: u32,
    pub(crate) side: Side,
    /// All that was filled, also beyond what was ordered.
    pub(crate) filled: Qty,
    /// The venue's fill ids, as hashes.
    pub(crate) fills: BTreeSet<(u64, u64)>,
    /// What is locked for it: so many lots at this price.
    pub(crate) reserved: (Price, Qty),
    /// Lots that it may still reduce, if it only reduces.
    pub(crate) claimed: Qty,
    pub(crate) closes: bool,
    pub(crate) deadline: Time,
    pub(crate) submit: Way,
    pub(crate) change: Option<Change>,
    pub(crate) cancel: Option<(CancelCause, Way)>,
    pub(crate) query: Option<Way>,
    /// The whole quantity it is to come to, once the change on its way is answered.
    pub(crate) wanted: Option<Qty>,
    /// A cancel that the venue refused and that is asked for again.
    pub(crate) insists: Option<CancelCause>,
    /// Its own end has come, and the cancel stands for that.
    pub(crate) expires: bool,
    /// Nobody knows how it stands.
    pub(crate) unknown: bool,
    /// The venue's word on quantity and price is believed, whatever was asked for.
    pub(crate) asks_size: bool,
    /// How often it was asked about in vain, and when it is again.
    pub(crate) tries: u32,
    pub(crate) again: Time,
    /// The venue says it ended, with so much open; fills are missing.
    pub(crate) closing: Option<(OrderStatus, Qty)>,
    pub(crate) venue_order: Option<ClientOrderId>,
    pub(crate) ended: bool,
}

impl Outside {
    pub(crate) fn is_sent(&self) -> bool {
        self.submit == Way::Left
    }

    /// Whether the venue has shown that it has the order.
    pub(crate) fn is_known_there(&self) -> bool {
        self.venue_order.is_some() || !self.filled.is_zero()
    }

    pub(crate) fn status(&self) -> OrderStatus {
        if self.unknown || self.closing.is_some() {
            OrderStatus::Unknown
        } else if self.cancel.is_some() {
            OrderStatus::PendingCancel
        } else if self.change.is_some() {
            OrderStatus::PendingReplace
        } else if self.is_known_there() {
            OrderStatus::Open
        } else {
            OrderStatus::PendingNew
        }
    }

    /// The requests of it that wait in the line.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let cancel = self.cancel.map(|(_, way)| way);
        let ways = [Some(self.submit), self.change.map(|change| change.way), cancel, self.query];
        ways.into_iter().flatten().filter_map(Way::place)
    }
}
