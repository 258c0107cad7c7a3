//! Who is who: small dense numbers that the engine hands out, so that a lookup is an index.
//! The one exception is `OrderId`, which carries its slot in the low bits (see there).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the id types; all of them are a number with a name.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// What money and stock are counted in: `USDT`, `BTC`, `AAPL`.
    AssetId(u32);
    /// What is traded.
    InstrumentId(u32);
    /// Where orders go; 0 is our own market.
    VenueId(u16);
    UserId(u32);
    /// Owns money. Mode and kind are properties of the account.
    AccountId(u32);
    /// A virtual sub-account of one strategy or person. Unique in the house, not only in its account.
    BookId(u32);
    /// Orders that depend on each other.
    GroupId(u64);
    /// A parent order whose children an algo emits.
    AlgoId(u64);
    /// A match of two orders.
    TradeId(u64);
    /// A limit, a breaker, an alert: anything that a person refers to later.
    RuleId(u32);
    /// The decision that an order came from: data, signal, votes, validators, size, risk.
    TraceId(u64);
    /// An order: a counter in the high bits (so ids sort by age) and the slot that holds it in the low
    /// [`OrderId::SLOT_BITS`], so that finding an order is one index and one comparison.
    OrderId(u64);
}

impl VenueId {
    /// The house's own first market; there from the start.
    pub const OWN: Self = Self(0);
    pub const OWN_NAME: &'static str = "own";
}

impl OrderId {
    /// At most 2^24 orders live at once; 2^40 in all.
    pub const SLOT_BITS: u32 = 24;

    #[inline]
    #[must_use]
    pub fn new(counter: u64, slot: u32) -> Self {
        Self((counter << Self::SLOT_BITS) | u64::from(slot & ((1 << Self::SLOT_BITS) - 1)))
    }

    #[inline]
    #[must_use]
    pub fn slot(self) -> u32 {
        (self.0 & ((1 << Self::SLOT_BITS) - 1)) as u32
    }

    #[inline]
    #[must_use]
    pub fn counter(self) -> u64 {
        self.0 >> Self::SLOT_BITS
    }
}
