//! How long messages are on their way: what the market says to us, what we ask, and what is answered.

use crate::dice::Dice;
use crate::number::whole;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    Constant {
        ns: i64,
    },
    Uniform {
        low_ns: i64,
        high_ns: i64,
    },
    /// A median, and the deviation of its logarithm.
    LogNormal {
        median_ns: i64,
        sigma: f64,
    },
    /// Delays that were measured; each is as likely as another.
    Measured {
        ns: Vec<i64>,
    },
}

impl Default for Delay {
    fn default() -> Self {
        Self::Constant { ns: 0 }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// From the market to the strategy.
    pub feed: Delay,
    /// From the strategy to the venue.
    pub order: Delay,
    /// From the venue back.
    pub report: Delay,
}

impl Delay {
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Constant { ns: 0 })
    }

    /// Not below zero, and something to draw from.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        match self {
            Self::Constant { ns } => *ns >= 0,
            Self::Uniform { low_ns, high_ns } => 0 <= *low_ns && low_ns <= high_ns,
            Self::LogNormal { median_ns, sigma } => *median_ns >= 0 && sigma.is_finite() && *sigma >= 0.0,
            Self::Measured { ns } => !ns.is_empty() && ns.iter().all(|ns| *ns >= 0),
        }
    }

    pub fn draw(&self, dice: &mut Dice) -> i64 {
        match self {
            Self::Constant { ns } => *ns,
            Self::Uniform { low_ns, high_ns } => dice.between(*low_ns, *high_ns),
            Self::LogNormal { median_ns, sigma } => whole(*median_ns as f64 * (sigma * dice.normal()).exp()),
            Self::Measured { ns } => {
                let last = i64::try_from(ns.len()).unwrap_or(i64::MAX).saturating_sub(1);
                let place = usize::try_from(dice.between(0, last)).unwrap_or(0);
                ns.get(place).copied().unwrap_or(0)
            }
        }
    }
}
