//! `Contract`: an option and the market around it, checked before anything is computed.

use crate::error::{Result, require};
use model::OptionRight;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contract {
    pub right: OptionRight,
    pub spot: f64,
    pub strike: f64,
    /// Years to expiry; zero is the moment of expiry.
    pub years: f64,
    /// Continuous, of a year.
    pub rate: f64,
    /// The dividend yield, foreign rate or convenience yield; continuous, of a year.
    pub carry_yield: f64,
}

impl Contract {
    pub(super) fn check(&self, volatility: f64) -> Result<()> {
        self.check_market()?;
        require((0.0..=100.0).contains(&volatility), "the volatility", "between 0 and 100", volatility)
    }

    pub(super) fn check_market(&self) -> Result<()> {
        let is_positive = |value: f64| value > 0.0 && value.is_finite();
        require(is_positive(self.spot), "the spot price", "above 0", self.spot)?;
        require(is_positive(self.strike), "the strike", "above 0", self.strike)?;
        require((0.0..=200.0).contains(&self.years), "the years to expiry", "between 0 and 200", self.years)?;
        for rate in [self.rate, self.carry_yield] {
            require((-1.0..=10.0).contains(&rate), "a rate", "between -1 and 10", rate)?;
        }
        Ok(())
    }

    /// +1 for a call, −1 for a put.
    pub(super) fn sign(&self) -> f64 {
        match self.right {
            OptionRight::Call => 1.0,
            OptionRight::Put => -1.0,
        }
    }

    pub(super) fn discount(&self) -> f64 {
        (-self.rate * self.years).exp()
    }

    /// What the spot is worth when its yield until expiry goes to another.
    pub(super) fn spot_less_yield(&self) -> f64 {
        self.spot * (-self.carry_yield * self.years).exp()
    }

    /// The value at `spot` if exercised there.
    pub(super) fn exercised(&self, spot: f64) -> f64 {
        (self.sign() * (spot - self.strike)).max(0.0)
    }

    /// The value of a European option without volatility, below which no price can lie.
    pub(super) fn floor(&self) -> f64 {
        (self.sign() * (self.spot_less_yield() - self.strike * self.discount())).max(0.0)
    }
}
