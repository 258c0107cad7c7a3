//! What the house and a venue say to each other. A gateway and the pretend venue speak exactly these.

use crate::{
    AccountId, BookId, ClientOrderId, Event, InstrumentId, Money, Name, OrderId, OrderType, Price, Priority,
    Qty, Side, Symbol, Time, TimeInForce, TradeId, VenueId,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A place that orders can go to. Venue 0, `own`, is there from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVenue {
    /// Unique in the house.
    pub name: Name,
    pub kind: VenueKind,
    /// How fast it may be asked; as fast as we can where there is none.
    pub budget: Option<RequestBudget>,
    /// A request that has waited so long is as urgent as one class above it, and so on.
    pub patience_ns: i64,
}

impl NewVenue {
    /// Where nothing is said.
    pub const PATIENCE_NS: i64 = 5_000_000_000;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VenueKind {
    /// A market of the house: its book is here and is shown.
    Own,
    /// A market of the house that shows nothing.
    Dark,
    /// Somebody else's: asked through a gateway, or through the pretend venue.
    Outside,
}

/// At most so many requests in any window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBudget {
    pub requests: u32,
    pub window_ns: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueRequest {
    pub venue: VenueId,
    pub account: AccountId,
    pub priority: Priority,
    pub deadline: Option<Time>,
    pub ask: VenueAsk,
}

/// A request of a live account, and proof of it: it is only ever made of an event that asks a real venue, so
/// whoever is handed one of these, as a gateway is, cannot send what belongs to paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveRequest<'a>(&'a VenueRequest);

impl<'a> LiveRequest<'a> {
    #[must_use]
    pub fn of(event: &'a Event) -> Option<Self> {
        if let Event::VenueAsked(request) = event { Some(Self(request)) } else { None }
    }

    #[must_use]
    pub fn get(self) -> &'a VenueRequest {
        self.0
    }
}

/// A request of a paper account: all that the pretend venue takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperRequest<'a>(&'a VenueRequest);

impl<'a> PaperRequest<'a> {
    #[must_use]
    pub fn of(event: &'a Event) -> Option<Self> {
        if let Event::PaperAsked(request) = event { Some(Self(request)) } else { None }
    }

    #[must_use]
    pub fn get(self) -> &'a VenueRequest {
        self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VenueAsk {
    Submit {
        order: OrderId,
        instrument: InstrumentId,
        side: Side,
        qty: Qty,
        kind: OrderType,
        time_in_force: TimeInForce,
        reduce_only: bool,
    },
    Cancel {
        order: OrderId,
    },
    Replace {
        order: OrderId,
        qty: Qty,
        price: Option<Price>,
    },
    /// What became of it? The only way out of `unknown`.
    Query {
        order: OrderId,
    },
    /// Orders, fills, positions and balances as the venue has them.
    Reconcile,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueReport {
    pub venue: VenueId,
    pub account: AccountId,
    /// The venue's own time.
    pub time: Time,
    pub say: VenueSay,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VenueSay {
    Accepted {
        order: OrderId,
        venue_order: ClientOrderId,
    },
    Rejected {
        order: OrderId,
        code: Symbol,
    },
    Filled(VenueFill),
    Cancelled {
        order: OrderId,
        left: Qty,
    },
    Replaced {
        order: OrderId,
        qty: Qty,
        price: Option<Price>,
    },
    CancelRejected {
        order: OrderId,
        code: Symbol,
    },
    ReplaceRejected {
        order: OrderId,
        code: Symbol,
    },
    Expired {
        order: OrderId,
        left: Qty,
    },
    /// Sent, and no answer.
    Silent {
        order: OrderId,
    },
    NotFound {
        order: OrderId,
    },
    Position {
        instrument: InstrumentId,
        qty: Qty,
        cost: Money,
    },
    Balance {
        asset: crate::AssetId,
        total: Money,
        available: Money,
    },
    Up,
    Down,
    Reconciled,
}

/// Counted once, by the venue's own fill id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueFill {
    pub order: OrderId,
    pub fill: ClientOrderId,
    pub price: Price,
    pub qty: Qty,
    pub fee: Money,
    pub fee_asset: crate::AssetId,
}

/// A fill as the house counted and booked it. The other side is the venue's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideTrade {
    pub trade: TradeId,
    pub venue: VenueId,
    pub order: OrderId,
    pub account: AccountId,
    pub book: BookId,
    pub instrument: InstrumentId,
    pub side: Side,
    pub price: Price,
    pub qty: Qty,
    /// What is open of the order after this.
    pub left: Qty,
    pub fee: Money,
    pub fee_asset: crate::AssetId,
}

/// Why a report changed less than it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Misfit {
    #[error("the house knows no such order at this venue")]
    UnknownOrder,
    #[error("the order is of another account")]
    OtherAccount,
    #[error("this was said before")]
    Repeated,
    #[error("the order had ended here")]
    Late,
    #[error("more was filled than was ordered")]
    Overfilled,
    #[error("this was not asked for")]
    NotAsked,
    #[error("the amounts cannot be counted")]
    Uncountable,
}
