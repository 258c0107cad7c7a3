//! What the house and a venue say to each other. A gateway and the pretend venue speak exactly these.

use crate::{
    AccountId, ClientOrderId, InstrumentId, Money, Name, OrderId, OrderType, Price, Priority, Qty, Side,
    Symbol, Time, TimeInForce, VenueId,
};
use serde::{Deserialize, Serialize};

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
