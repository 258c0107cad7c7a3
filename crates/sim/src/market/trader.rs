//! Who trades in the made-up market.

use model::AccountId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Maker,
    Noise,
    Momentum,
    Informed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trader {
    pub account: AccountId,
    pub kind: Kind,
}

impl Kind {
    /// How often one of them does something in a step.
    #[must_use]
    pub fn activity(self) -> f64 {
        match self {
            Self::Maker => 0.5,
            Self::Noise => 0.35,
            Self::Momentum => 0.1,
            Self::Informed => 0.15,
        }
    }
}
