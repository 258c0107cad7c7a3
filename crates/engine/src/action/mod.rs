//! What holding something brings and costs without a trade: dividends, funding of perpetuals, borrowing of what was
//! sold short, splits, new names, delistings. All of a command happens or none of it: whatever cannot be counted or
//! has no price is refused before anything moves. The other side of a payment is the venue's account where the
//! instrument trades at an outside venue, and clearing where it trades here, so that postings still sum to zero.

mod delist;
mod orders;
mod split;

use crate::Engine;
use crate::amount::{POSITION_VALUE_MAX, SUPPLY_MAX, add, rated, sub};
use model::{
    AccountId, AssetId, Borrow, CashCause, CorporateAction, Event, Feature, Funding, Input, InstrumentClass,
    InstrumentId, Money, Price, Rate, Reject, Symbol,
};

/// Cash for one holding, before anything is paid.
struct Payment {
    holding: u32,
    amount: i128,
}

impl Engine {
    pub(crate) fn act_on_holders(
        &mut self,
        instrument: InstrumentId,
        action: &CorporateAction,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        if self.listings.get(instrument.0 as usize).is_none() {
            return Err(Reject::UnknownInstrument { instrument });
        }
        match action {
            CorporateAction::Split { old, new } => self.split(instrument, *old, *new, events)?,
            CorporateAction::Dividend { asset, amount } => {
                self.pay_dividend(instrument, *asset, *amount, events)?;
            }
            CorporateAction::SymbolChange { symbol } => self.rename(instrument, *symbol)?,
            CorporateAction::Delisting { price } => self.delist(instrument, *price, events)?,
        }
        Ok(Event::CorporateActed { instrument, action: *action })
    }

    /// So much for each whole unit: the long receive it and the short pay it.
    fn pay_dividend(
        &mut self,
        instrument: InstrumentId,
        asset: AssetId,
        amount: Money,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if asset.0 as usize >= self.registry.kept.assets.len() {
            return Err(Reject::UnknownAsset { asset });
        }
        if amount <= Money::ZERO {
            return Err(Reject::AmountNotPositive);
        }
        let lot = self.listings.get(instrument.0 as usize).map_or(0, |listed| listed.instrument.lot.0);
        let each = |qty: i64| {
            let units = i128::from(qty).checked_mul(lot)?;
            // What is below a unit of the asset is nobody's.
            let (whole, rest) = (units.checked_div(Money::ONE.0)?, units.checked_rem(Money::ONE.0)?);
            let rest = rest.checked_mul(amount.0)?.checked_div(Money::ONE.0)?;
            whole.checked_mul(amount.0)?.checked_add(rest)
        };
        let payments = self.payments(instrument, each)?;
        self.pay_all(instrument, asset, payments, CashCause::Dividend, events)
    }

    /// The long pay the short a share of their position's value, or the short the long where it is below zero.
    pub(crate) fn fund(&mut self, funding: &Funding, events: &mut Vec<Event>) -> Result<Event, Reject> {
        let Funding { instrument, rate } = *funding;
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        if listed.instrument.class != InstrumentClass::Perpetual {
            return Err(Reject::NotSupported { what: Feature::Funding });
        }
        self.charge_value(instrument, rate, CashCause::Funding, events)?;
        Ok(Event::FundingSettled(*funding))
    }

    /// Those who are short pay a share of what they borrowed.
    pub(crate) fn charge_borrow(
        &mut self,
        borrow: &Borrow,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        if borrow.rate < Rate::ZERO {
            return Err(Reject::BadMarketData);
        }
        self.charge_value(borrow.instrument, borrow.rate, CashCause::Borrow, events)?;
        Ok(Event::BorrowCharged(*borrow))
    }

    fn charge_value(
        &mut self,
        instrument: InstrumentId,
        rate: Rate,
        cause: CashCause,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let price = self.price_of(instrument)?;
        if rate > Rate::ONE || rate < Rate(Rate::ONE.0.saturating_neg()) {
            return Err(Reject::BadMarketData);
        }
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        let (units, quote) = (listed.units, listed.instrument.quote);
        let short_only = cause == CashCause::Borrow;
        let each = |qty: i64| {
            if short_only && qty > 0 {
                return Some(0);
            }
            let value = units.worth(price, model::Qty(qty))?;
            let value = if short_only { value.checked_abs()? } else { value };
            let within = value.unsigned_abs() <= POSITION_VALUE_MAX.unsigned_abs();
            // Rounded against the holder.
            within.then(|| rated(value, rate).saturating_neg())
        };
        let payments = self.payments(instrument, each)?;
        self.pay_all(instrument, quote, payments, cause, events)
    }

    /// What something is worth now: without a price nothing is paid.
    fn price_of(&self, instrument: InstrumentId) -> Result<Price, Reject> {
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        listed.reference().ok_or(Reject::InputMissing { input: Input::Price(instrument) })
    }

    /// The places of the books that hold the instrument, in the order they came to be.
    fn holders_of(&self, instrument: InstrumentId) -> Vec<u32> {
        let all = (0u32..).zip(&self.ledger.positions.holdings);
        let held = all.filter(|(_, held)| held.instrument == instrument && !held.qty.is_zero());
        held.map(|(at, _)| at).collect()
    }

    fn payments(
        &self,
        instrument: InstrumentId,
        each: impl Fn(i64) -> Option<i128>,
    ) -> Result<Vec<Payment>, Reject> {
        let holders = self.holders_of(instrument).into_iter();
        let payment = |holding| {
            let amount = each(self.ledger.positions.at(holding).qty.0).ok_or(Reject::TooLargeToCount)?;
            Ok(Payment { holding, amount })
        };
        let all: Result<Vec<Payment>, Reject> = holders.map(payment).collect();
        Ok(all?.into_iter().filter(|payment| payment.amount != 0).collect())
    }

    fn pay_all(
        &mut self,
        instrument: InstrumentId,
        asset: AssetId,
        payments: Vec<Payment>,
        cause: CashCause,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let quote = self.listings.get(instrument.0 as usize).map(|listed| listed.instrument.quote);
        for payment in &payments {
            self.check_countable(payment, asset)?;
        }
        for Payment { holding, amount } in payments {
            let held = *self.ledger.positions.at(holding);
            self.pay(holding, asset, amount)?;
            if quote == Some(asset) {
                add(&mut self.ledger.positions.at_mut(holding).realised.0, amount);
            }
            let (account, book) = (held.account, held.book);
            events.push(Event::CashPaid { account, book, instrument, asset, amount: Money(amount), cause });
            self.feel_holding(holding);
        }
        Ok(())
    }

    /// Whether what is to be paid, all of it to one account, stays in range.
    fn check_countable(&mut self, payment: &Payment, asset: AssetId) -> Result<(), Reject> {
        let held = *self.ledger.positions.at(payment.holding);
        let at = self.paid_into(payment.holding, asset)?;
        let total = self.ledger.balances.at(at).total.0;
        let parts = [payment.amount, total, held.realised.0];
        let small = |part: &i128| part.unsigned_abs() < SUPPLY_MAX.unsigned_abs();
        if parts.iter().all(small) { Ok(()) } else { Err(Reject::TooLargeToCount) }
    }

    /// Where a holding's cash comes to: what it is settled in, else the account's own.
    fn paid_into(&mut self, holding: u32, asset: AssetId) -> Result<u32, Reject> {
        let held = *self.ledger.positions.at(holding);
        if held.on_margin && self.ledger.balances.at(held.quote).asset == asset {
            return Ok(held.quote);
        }
        self.ledger.balances.find_or_open(held.account, asset, None)
    }

    /// Cash to a holding's account, from the other side of its position.
    fn pay(&mut self, holding: u32, asset: AssetId, amount: i128) -> Result<u32, Reject> {
        let held = *self.ledger.positions.at(holding);
        let at = self.paid_into(holding, asset)?;
        self.ledger.balances.at_mut(at).credit(amount);
        self.take_from_other_side(held.instrument, asset, amount);
        if !held.on_margin {
            self.note_owing(at);
        }
        Ok(at)
    }

    fn take_from_other_side(&mut self, instrument: InstrumentId, asset: AssetId, amount: i128) {
        let venue = self.listings.get(instrument.0 as usize).map(|listed| listed.instrument.venue);
        match venue.filter(|venue| self.desks.all.contains_key(venue)) {
            Some(venue) => {
                let account = self.ledger.outside.entry((venue, asset)).or_default();
                sub(&mut account.0, amount);
            }
            None => sub(&mut self.ledger.house_mut(asset).clearing.0, amount),
        }
    }

    /// Whoever watches the account looks at it before the command ends.
    fn feel_holding(&mut self, holding: u32) {
        let held = *self.ledger.positions.at(holding);
        if held.on_margin {
            self.reprice(held.exposure);
        }
        self.feel_book(holding, held.book);
        self.feel_account(held.account);
    }

    fn feel_account(&mut self, account: AccountId) {
        if self.is_on_margin(account) || self.guard.watches() {
            self.touch_account(account);
        }
    }

    fn rename(&mut self, instrument: InstrumentId, symbol: Symbol) -> Result<(), Reject> {
        if self.symbols.contains(&symbol) {
            return Err(Reject::NameTaken { name: symbol });
        }
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return Ok(()) };
        let before = std::mem::replace(&mut listed.instrument.symbol, symbol);
        self.symbols.remove(&before);
        self.symbols.insert(symbol);
        Ok(())
    }
}
