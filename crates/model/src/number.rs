//! The three kinds of number inside the house: `Price` in ticks, `Qty` in lots, `Money` in 10⁻¹⁸ units.
//! Integers only; arithmetic is checked and says so in its type. Decimal text lives in `decimal.rs`.

use serde::{Deserialize, Serialize};

/// A price: how many ticks of its instrument. May be zero or negative (spreads, oil in April 2020).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Price(pub i64);

/// A quantity: how many lots of its instrument. Signed, because positions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Qty(pub i64);

/// An amount of one asset, in units of 10⁻¹⁸.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money(pub i128);

impl Price {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);

    #[inline]
    #[must_use]
    pub fn checked_add(self, ticks: i64) -> Option<Self> {
        self.0.checked_add(ticks).map(Self)
    }
}

impl Qty {
    pub const ZERO: Self = Self(0);

    #[inline]
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[inline]
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    #[inline]
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl Money {
    pub const ZERO: Self = Self(0);
    /// Digits after the point.
    pub const SCALE: u32 = 18;
    /// One whole unit.
    pub const ONE: Self = Self(1_000_000_000_000_000_000);

    #[inline]
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    #[inline]
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    #[inline]
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    #[inline]
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
}
