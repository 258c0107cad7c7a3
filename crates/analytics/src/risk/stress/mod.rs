//! What if? Shocks to prices, windows of the past, correlations that break, markets that dry up.
//!
//! Every answer is a list of parts, one for each position and cause, in exact money; the parts are the total.

mod correlation;
mod liquidity;
mod price;
mod window;

pub use correlation::{CorrelationBreak, break_correlations};
pub use liquidity::{Liquidity, LiquidityShock, dry_up};
pub use price::{Reach, Shock, Shocked, shock_prices};
pub use window::{Holding, replay_window};

use crate::error::Result;
use crate::number::amount::sum;
use model::Money;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one cause did to one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub position: String,
    pub cause: String,
    pub amount: Money,
}

/// The answer of a stress: what moved, by how much, and why. Gains are positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    pub parts: Vec<Part>,
    pub total: Money,
}

impl Breakdown {
    fn of(parts: Vec<Part>) -> Result<Self> {
        let total = sum("the total of a stress", parts.iter().map(|part| part.amount))?;
        Ok(Self { parts, total })
    }

    /// The largest loss first; these sum to the total.
    pub fn by_position(&self) -> Result<Vec<(String, Money)>> {
        self.by(|part| &part.position)
    }

    /// The largest loss first; these sum to the total.
    pub fn by_cause(&self) -> Result<Vec<(String, Money)>> {
        self.by(|part| &part.cause)
    }

    fn by(&self, key: impl Fn(&Part) -> &String) -> Result<Vec<(String, Money)>> {
        let mut groups: BTreeMap<&String, Vec<Money>> = BTreeMap::new();
        for part in &self.parts {
            groups.entry(key(part)).or_default().push(part.amount);
        }
        let add = |(key, amounts): (&String, Vec<Money>)| Ok((key.clone(), sum("a stress", amounts)?));
        let mut rows: Vec<(String, Money)> = groups.into_iter().map(add).collect::<Result<_>>()?;
        rows.sort_by_key(|(_, amount)| *amount);
        Ok(rows)
    }
}
