//! What is known of the market from outside: quotes, prints, marks, funding. Inputs, so commands.

use crate::{InstrumentId, Price, Qty, Rate, VenueId};
use serde::{Deserialize, Serialize};

/// The best bid and ask of a venue; a missing side is no side, not a zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub instrument: InstrumentId,
    pub venue: VenueId,
    pub bid: Option<Level>,
    pub ask: Option<Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    pub price: Price,
    pub qty: Qty,
}

/// A trade of others on a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    pub instrument: InstrumentId,
    pub venue: VenueId,
    pub price: Price,
    pub qty: Qty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub instrument: InstrumentId,
    pub price: Price,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funding {
    pub instrument: InstrumentId,
    pub rate: Rate,
}
