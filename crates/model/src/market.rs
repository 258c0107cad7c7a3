//! What is known of the market from outside: quotes, prints, marks, funding. Inputs, so commands.

use crate::{InstrumentId, Price, Qty, Rate, Time, VenueId};
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

/// What those who are short of the instrument pay for what they borrowed, as a share of its value now: the rate of a
/// day where it is told once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Borrow {
    pub instrument: InstrumentId,
    pub rate: Rate,
}

/// What prices did over a stretch of time. Closed: it says nothing before its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// When the stretch began, and when the bar was known.
    pub begin: Time,
    pub end: Time,
    pub open: Price,
    pub high: Price,
    pub low: Price,
    pub close: Price,
    pub volume: Qty,
}

impl Bar {
    /// No price outside of high and low, no volume below zero, no end before the beginning.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        let within = |price: Price| self.low <= price && price <= self.high;
        within(self.open) && within(self.close) && self.volume.0 >= 0 && self.end >= self.begin
    }
}
