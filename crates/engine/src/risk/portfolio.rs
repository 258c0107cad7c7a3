//! An account as a whole, in its own currency: what it is worth, and what its positions would come to, before an
//! order and after, each position with the worse of its open orders filled. Every price and rate it needs must
//! be there; else the order that asked is refused.

use super::View;
use super::worth::value;
use crate::ledger::{Exposure, Line, NOTHING};
use crate::listing::Listed;
use crate::{Account, Engine};
use model::{AccountId, AssetId, Input, InstrumentId, Price, Reject};

/// Before the order, and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) before: i128,
    pub(super) after: i128,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Portfolio {
    pub(super) currency: AssetId,
    pub(super) equity: i128,
    /// All positions; those that were bought; the one of the order's instrument; those of its sector and class.
    pub(super) gross: Pair,
    pub(super) bought: Pair,
    pub(super) own: Pair,
    pub(super) sector: Pair,
    pub(super) class: Pair,
}

impl Pair {
    fn add(&mut self, before: i128, after: i128) {
        self.before = self.before.saturating_add(before);
        self.after = self.after.saturating_add(after);
    }
}

/// What is bought and what is at stake of a position, in lots. A cash account delivers what it sells, so its
/// sales put nothing at stake.
#[inline]
fn sizes(line: &Line, on_margin: bool) -> (i64, i64) {
    let bought = line.toward(model::Side::Buy).max(0);
    (bought, if on_margin { line.worst() } else { bought })
}

impl Portfolio {
    pub(super) fn of(view: &View<'_>) -> Result<Self, Reject> {
        let (engine, order) = (view.engine, view.order);
        let account = engine.registry.account(order.account)?;
        let currency = account.currency;
        let mut sum = Self { currency, equity: engine.fresh_equity_of(order.account)?, ..Self::default() };
        let mut own_seen = false;
        for &at in engine.ledger.positions.of_account(order.account) {
            let line = engine.ledger.lines.of_exposure(at);
            let exposure = engine.ledger.positions.exposure(at);
            let own = exposure.instrument == order.instrument;
            own_seen |= own;
            if !own && !line.is_live() {
                continue;
            }
            let Some(listed) = engine.listings.get(exposure.instrument.0 as usize) else { continue };
            let price = engine.reference_of(listed, exposure.instrument)?;
            sum.count(view, listed, price, *line, own)?;
        }
        if !own_seen {
            let price = engine.reference(order.instrument)?;
            sum.count(view, view.listed, price, Line::default(), true)?;
        }
        Ok(sum)
    }

    fn count(
        &mut self,
        view: &View<'_>,
        listed: &Listed,
        price: Price,
        line: Line,
        own: bool,
    ) -> Result<(), Reject> {
        let (order, quote) = (view.order, listed.instrument.quote);
        let worth = |lots: i64| {
            let worth = value(&listed.units, price, lots)?;
            view.engine.convert(worth, quote, self.currency)
        };
        let (bought, stake) = sizes(&line, order.on_margin);
        let stake_before = worth(stake)?;
        let bought_before = if bought == stake { stake_before } else { worth(bought)? };
        let (mut bought_after, mut stake_after) = (bought_before, stake_before);
        if own {
            let (more, at_stake) = sizes(&line.with(order.side, order.qty.0), order.on_margin);
            stake_after = worth(at_stake)?;
            bought_after = if more == at_stake { stake_after } else { worth(more)? };
            self.own.add(stake_before, stake_after);
        }
        self.gross.add(stake_before, stake_after);
        self.bought.add(bought_before, bought_after);
        if own || listed.instrument.class == view.listed.instrument.class {
            self.class.add(stake_before, stake_after);
        }
        if own || listed.instrument.sector == view.listed.instrument.sector {
            self.sector.add(stake_before, stake_after);
        }
        Ok(())
    }

    /// The account's size: its equity, or its positions where those are more.
    pub(super) fn size(&self) -> i128 {
        self.equity.max(self.gross.after)
    }
}

impl Engine {
    /// What an account's balances are worth in its currency.
    fn cash_of(&self, account: AccountId, currency: AssetId) -> Result<i128, Reject> {
        let mut sum = 0i128;
        for balance in self.ledger.balances.of(account) {
            if balance.total.0 != 0 {
                let worth = self.worth_owned(balance.total.0, balance.asset, currency)?;
                sum = sum.checked_add(worth).ok_or(Reject::TooLargeToCount)?;
            }
        }
        Ok(sum)
    }

    /// What the account is worth in its currency: its balances, and what its positions on margin have gained.
    pub(super) fn fresh_equity_of(&self, account: AccountId) -> Result<i128, Reject> {
        let Account { currency, kind, .. } = *self.registry.account(account)?;
        let mut equity = self.cash_of(account, currency)?;
        if Self::on_margin(kind) {
            for &at in self.ledger.positions.of_account(account) {
                equity = equity.saturating_add(self.gain_of(at, currency)?);
            }
        }
        if equity > 0 { Ok(equity) } else { Err(Reject::InputMissing { input: Input::Equity(account) }) }
    }

    /// What a position on margin has gained at the reference price, in a currency.
    fn gain_of(&self, exposure: u32, currency: AssetId) -> Result<i128, Reject> {
        let Exposure { instrument, qty, cost, .. } = *self.ledger.positions.exposure(exposure);
        let Some(listed) = self.listings.get(instrument.0 as usize).filter(|_| !qty.is_zero()) else {
            return Ok(0);
        };
        let price = self.reference_of(listed, instrument)?;
        let size = value(&listed.units, price, qty.0)?;
        let worth = if (qty.0 < 0) == (price.0 < 0) { size } else { size.saturating_neg() };
        let (gain, quote) = (worth.saturating_sub(cost.0), listed.instrument.quote);
        let converted = self.convert(gain, quote, currency)?;
        // Rounded against the account.
        Ok(if quote == currency { converted } else { converted.saturating_sub(1) })
    }

    /// Of an account in an instrument.
    pub(super) fn line_of(&self, account: AccountId, instrument: InstrumentId) -> &Line {
        let at = self.ledger.positions.find_exposure(account, instrument);
        at.map_or(&NOTHING, |at| self.ledger.lines.of_exposure(at))
    }
}
