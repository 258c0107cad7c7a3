//! Collateral of one position of an isolated account: more of the account's cash put behind it, or what is free of
//! it taken back.

use crate::Engine;
use model::{AccountId, Event, InstrumentId, MarginMode, Money, Reject};

impl Engine {
    pub(crate) fn adjust_margin(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        amount: Money,
    ) -> Result<Event, Reject> {
        if self.registry.account(account)?.margin != MarginMode::Isolated {
            return Err(Reject::NotIsolated { account });
        }
        let listed = self.listings.get(instrument.0 as usize);
        let asset = listed.ok_or(Reject::UnknownInstrument { instrument })?.instrument.quote;
        if amount == Money::ZERO {
            return Err(Reject::AmountNotPositive);
        }
        self.catch_up(account);
        let exposure = self.ledger.positions.find_exposure(account, instrument);
        let held = exposure.filter(|&at| !self.ledger.positions.exposure(at).qty.is_zero());
        held.ok_or(Reject::NoPosition)?;
        let at = self.ledger.balances.settling(account, asset, instrument).ok_or(Reject::NoPosition)?;
        let own = self.ledger.balances.beside(at).ok_or(Reject::NoPosition)?;
        if self.ledger.balances.worth(at).unpriced > 0 {
            return Err(Reject::Unvalued { account });
        }
        let (needed, inward) = (Money(amount.0.saturating_abs()), amount > Money::ZERO);
        let free = if inward { self.ledger.balances.at(own).available() } else { self.ledger.free(at) };
        if free < needed {
            return Err(if inward {
                Reject::InsufficientFunds { asset, needed, free }
            } else {
                Reject::InsufficientMargin { asset, needed, free }
            });
        }
        self.ledger.balances.shift(own, at, amount.0);
        self.touch_account(account);
        let behind = self.ledger.balances.at(at).total;
        Ok(Event::MarginAdjusted { account, instrument, asset, amount, behind })
    }
}
