//! What an outside judge needs to see of risk: what is held, and what a lot is worth.
//! Whoever computes statistics or writes a report reads from here. Changes nothing; what cannot be valued is
//! none and not zero.

use crate::{Engine, Holding};
use model::{AssetId, InstrumentId, Money, Price, Qty};

impl Engine {
    /// Every position of every book, ended ones included.
    #[must_use]
    pub fn holdings(&self) -> &[Holding] {
        &self.ledger.positions.holdings
    }

    /// The price at which positions are valued: the mark, the middle of the outside's quotes, the last trade.
    #[must_use]
    pub fn reference_price(&self, instrument: InstrumentId) -> Option<Price> {
        self.listings.get(instrument.0 as usize)?.reference()
    }

    /// What a lot is worth in an asset at the present prices; none where a price or a rate is missing.
    #[must_use]
    pub fn lot_value(&self, instrument: InstrumentId, asset: AssetId) -> Option<Money> {
        let listed = self.listings.get(instrument.0 as usize)?;
        let value = listed.units.worth(listed.reference()?, Qty(1))?;
        self.exchange(value, listed.instrument.quote, asset).map(Money)
    }

    /// An amount of one asset in terms of another, rounded down; none where no rate is known.
    #[must_use]
    pub fn in_terms_of(&self, amount: Money, from: AssetId, to: AssetId) -> Option<Money> {
        self.exchange(amount.0, from, to).map(Money)
    }
}
