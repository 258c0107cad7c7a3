//! How much worse than the price that was seen a taker's price is. Rounded against the trader.

use crate::number::whole;
use model::{Price, Qty, Side};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slippage {
    #[default]
    None,
    Ticks(i64),
    /// A share of the price.
    Share(f64),
    /// This share of the price, times the root of the part of the market's volume that is taken.
    Root(f64),
}

impl Slippage {
    #[must_use]
    pub fn is_sane(&self) -> bool {
        match self {
            Self::None => true,
            Self::Ticks(ticks) => *ticks >= 0,
            Self::Share(share) | Self::Root(share) => share.is_finite() && *share >= 0.0,
        }
    }

    /// The price for a taker of `qty` in a market that has traded `volume`.
    #[must_use]
    pub fn price(self, side: Side, seen: Price, qty: Qty, volume: Qty) -> Price {
        let size = seen.0.saturating_abs() as f64;
        let ticks = match self {
            Self::None => return seen,
            Self::Ticks(ticks) => ticks,
            Self::Share(share) => whole((size * share).ceil()),
            Self::Root(share) => {
                let part = qty.0 as f64 / (volume.0.max(1)) as f64;
                whole((size * share * part.sqrt()).ceil())
            }
        };
        Price(seen.0.saturating_add(ticks.saturating_mul(side.sign())))
    }
}
