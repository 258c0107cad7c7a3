//! A proportion in parts of 10⁻⁹: fees, margin rates, ratios of limits. `0.0002` is `Rate(200_000)`.

use crate::decimal::{DecimalError, parse_scaled, render_scaled};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rate(pub i64);

impl Rate {
    pub const SCALE: u32 = 9;
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1_000_000_000);

    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        i64::try_from(parse_scaled(text, Self::SCALE)?).map(Self).or(Err(DecimalError::TooLarge))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        render_scaled(i128::from(self.0), Self::SCALE, f)
    }
}
