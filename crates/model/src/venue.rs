//! What the house and a venue say to each other. A gateway and the pretend venue speak exactly these.

use crate::{
    AccountId, ClientOrderId, InstrumentId, Money, OrderId, OrderType, Price, Priority, Qty, Side, Symbol,
    Time, TimeInForce, VenueId,
};
use serde::{Deserialize, Serialize};

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
