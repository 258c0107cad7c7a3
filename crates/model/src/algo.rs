//! Parent orders: an algo follows a schedule that came in as data and emits children that pass risk like
//! any order. Mathematics that needs floating point is done at the edge, before the command.

use crate::{NewOrder, Price, Qty, Rate, Time};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAlgo {
    /// What is to be done in all; its children sum to it, always.
    pub parent: NewOrder,
    pub algo: Algo,
    pub start: Option<Time>,
    pub end: Option<Time>,
    /// At most this share of the market's volume.
    pub participation_max: Option<Rate>,
    pub price_limit: Option<Price>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algo {
    Twap { slices: u32 },
    Vwap { profile: Vec<Slice> },
    Pov { rate: Rate },
    ImplementationShortfall { schedule: Vec<Slice> },
    IcebergSlicer { display: Qty, refresh_ns: i64 },
    Sniper { price: Price, qty_min: Qty },
    Quoting { quoting: Quoting },
}

/// By `at`, so much of the whole is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    pub at: Time,
    pub done: Rate,
}

/// Two-sided quotes around a fair price, skewed by inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoting {
    pub half_spread: i64,
    pub qty: Qty,
    pub levels: u32,
    pub level_step: i64,
    pub inventory_max: Qty,
    /// Ticks of skew for a full inventory.
    pub skew: i64,
    /// Quotes move once the fair price has moved so many ticks.
    pub refresh: i64,
    /// Quotes go once the inputs are older.
    pub stale_ns: i64,
}
