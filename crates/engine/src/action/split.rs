//! A split: so many new shares for so many old ones. Positions, shares owned beside them and known prices change in
//! the ratio; what would be a part of a lot is paid out at the price before. Costs stay, so averages change by
//! themselves.

use crate::Balance;
use crate::Engine;
use crate::amount::{POSITION_QTY_MAX, SUPPLY_MAX, add, add_qty, share, sub};
use model::{
    AccountId, AssetId, CashCause, Event, InstrumentId, Money, PositionAdjusted, Price, Qty, Reject, Side,
};
use std::collections::BTreeMap;

/// So many for so many.
#[derive(Clone, Copy)]
pub(super) struct Ratio {
    old: i64,
    new: i64,
}

/// What becomes of one position.
pub(super) struct Turned {
    pub(super) holding: u32,
    pub(super) qty: i64,
    /// What of the cost goes with the part that is paid out, and what that part is worth; signed as the position.
    pub(super) cost: i128,
    pub(super) paid: i128,
}

impl Ratio {
    /// Whole lots, towards zero; none where that cannot be counted.
    pub(super) fn lots(self, qty: i64) -> Option<i64> {
        let all = i128::from(qty).checked_mul(self.new.into())?.checked_div(self.old.into())?;
        i64::try_from(all).ok().filter(|lots| lots.saturating_abs() < POSITION_QTY_MAX)
    }

    /// A price after it: for an order rounded so that it trades no worse than was asked.
    pub(super) fn price(self, price: Price, side: Side) -> Option<Price> {
        let all = i128::from(price.0).checked_mul(self.old.into())?;
        let (new, down) = (i128::from(self.new), all.div_euclid(self.new.into()));
        let up = i128::from(side == Side::Sell && all.rem_euclid(new) != 0);
        i64::try_from(down.checked_add(up)?).ok().map(Price)
    }

    fn amount(self, amount: i128) -> Option<i128> {
        let (old, new) = (i128::from(self.old), i128::from(self.new));
        let rest = amount.checked_rem(old)?.checked_mul(new)?.checked_div(old)?;
        amount.checked_div(old)?.checked_mul(new)?.checked_add(rest)
    }

    /// In parts of a lot after the split, each the size of a lot before ÷ `old`: what no whole lot comes of.
    fn rest(self, qty: i64) -> Option<i64> {
        let all = i128::from(qty).checked_mul(self.new.into())?;
        i64::try_from(all.checked_rem(self.old.into())?).ok()
    }
}

impl Engine {
    pub(super) fn split(
        &mut self,
        instrument: InstrumentId,
        old: u32,
        new: u32,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if old == 0 || new == 0 || old == new {
            return Err(Reject::AmountNotPositive);
        }
        let ratio = Ratio { old: old.into(), new: new.into() };
        let turned = self.turned(instrument, ratio)?;
        let beside = self.owned_beside(instrument, ratio)?;
        self.end_own_orders(instrument, events);
        for turn in &turned {
            self.turn(instrument, turn, events);
        }
        for (at, amount) in beside {
            self.add_shares(instrument, at, amount, events)?;
        }
        self.turn_prices(instrument, ratio);
        self.turn_orders(instrument, ratio, events);
        for turn in &turned {
            self.feel_holding(turn.holding);
        }
        self.feel_market(instrument, events);
        Ok(())
    }

    fn turned(&self, instrument: InstrumentId, ratio: Ratio) -> Result<Vec<Turned>, Reject> {
        let uncountable = || Reject::TooLargeToCount;
        let turn = |holding: u32| {
            let held = self.ledger.positions.at(holding);
            let qty = ratio.lots(held.qty.0).ok_or_else(uncountable)?;
            let rest = ratio.rest(held.qty.0).ok_or_else(uncountable)?;
            if rest == 0 {
                return Ok(Turned { holding, qty, cost: 0, paid: 0 });
            }
            let price = self.price_of(instrument)?;
            let units = self.listings.get(instrument.0 as usize).map(|listed| listed.units);
            let value = units.and_then(|units| units.worth(price, Qty(rest)));
            let paid = value.and_then(|value| value.checked_div(ratio.new.into())).ok_or_else(uncountable)?;
            let all = held.qty.0.checked_abs().and_then(|qty| qty.checked_mul(ratio.new));
            let all = all.ok_or_else(uncountable)?;
            let cost = if qty == 0 { held.cost.0 } else { share(held.cost.0, rest.saturating_abs(), all) };
            Ok(Turned { holding, qty, cost, paid })
        };
        self.holders_of(instrument).into_iter().map(turn).collect()
    }

    /// Puts a position in the place of what it was; the part of it that is gone is paid out.
    pub(super) fn turn(&mut self, instrument: InstrumentId, turned: &Turned, events: &mut Vec<Event>) {
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return };
        let (quote, base, lot) = (listed.instrument.quote, listed.delivers(), listed.units.lot);
        let initial = listed.instrument.margin.initial;
        let held = *self.ledger.positions.at(turned.holding);
        let (change, realised) =
            (turned.qty.saturating_sub(held.qty.0), turned.paid.saturating_sub(turned.cost));
        let shares = base.map_or(0, |_| i128::from(change).saturating_mul(lot));
        let holding = self.ledger.positions.at_mut(turned.holding);
        holding.qty = Qty(turned.qty);
        sub(&mut holding.cost.0, turned.cost);
        add(&mut holding.realised.0, realised);
        let cost = holding.cost;
        let exposure = self.ledger.positions.exposure_mut(held.exposure);
        add_qty(&mut exposure.qty.0, change);
        // The account's cost is that of its own average, and is nothing where nothing is held.
        let out = if exposure.qty.is_zero() { exposure.cost.0 } else { turned.cost };
        sub(&mut exposure.cost.0, out);
        if self.ledger.lines.on {
            self.ledger.lines.shift(turned.holding, change);
        }
        let cash = if held.on_margin { turned.paid.saturating_sub(out) } else { turned.paid };
        self.ledger.balances.at_mut(held.quote).credit(cash);
        self.take_from_other_side(instrument, quote, turned.paid);
        if held.on_margin {
            // Clearing kept the cost in the holder's place.
            add(&mut self.ledger.house_mut(quote).clearing.0, out);
            self.ledger.relock_holding(turned.holding, initial);
        }
        if let Some(base) = base {
            if held.on_margin {
                add(&mut self.ledger.house_mut(base).clearing.0, shares);
            } else {
                self.ledger.balances.at_mut(held.base).credit(shares);
                self.note_owing(held.quote);
                self.note_owing(held.base);
            }
            self.issue(instrument, base, shares);
        }
        events.push(Event::PositionAdjusted(Box::new(PositionAdjusted {
            account: held.account,
            book: held.book,
            instrument,
            qty: Qty(turned.qty),
            cost,
            realised: Money(realised),
            cash: Money(cash),
            base: Money(if held.on_margin { 0 } else { shares }),
        })));
    }

    /// Shares that are there now and were not: out of the venue's account, or new in the house.
    fn issue(&mut self, instrument: InstrumentId, base: AssetId, shares: i128) {
        let venue = self.listings.get(instrument.0 as usize).map(|listed| listed.instrument.venue);
        match venue.filter(|venue| self.desks.all.contains_key(venue)) {
            Some(venue) => sub(&mut self.ledger.outside.entry((venue, base)).or_default().0, shares),
            None => add(&mut self.ledger.house_mut(base).paid_in.0, shares),
        }
    }

    /// What accounts own of the shares beside what they hold by trades: told by the first market that delivers
    /// them, so that it is turned once.
    fn owned_beside(&self, instrument: InstrumentId, ratio: Ratio) -> Result<Vec<(u32, i128)>, Reject> {
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return Ok(Vec::new()) };
        let Some(base) = listed.delivers() else { return Ok(Vec::new()) };
        let first = self.listings.iter().position(|listed| listed.delivers() == Some(base));
        if first != Some(instrument.0 as usize) {
            return Ok(Vec::new());
        }
        let mut held: BTreeMap<AccountId, i128> = BTreeMap::new();
        for holding in self.ledger.positions.holdings.iter().filter(|held| !held.on_margin) {
            let of = self.listings.get(holding.instrument.0 as usize);
            if let Some(of) = of.filter(|of| of.delivers() == Some(base)) {
                let sum = held.entry(holding.account).or_default();
                *sum = sum.saturating_add(i128::from(holding.qty.0).saturating_mul(of.units.lot));
            }
        }
        let mut beside = Vec::new();
        for &at in self.ledger.balances.of_asset(base) {
            let balance = self.ledger.balances.at(at);
            let own = held.get(&balance.account).copied().unwrap_or(0);
            let rest = balance.total.0.saturating_sub(own);
            let after = ratio.amount(rest).filter(|after| after.unsigned_abs() < SUPPLY_MAX.unsigned_abs());
            let change = after.ok_or(Reject::TooLargeToCount)?.saturating_sub(rest);
            if change != 0 {
                beside.push((at, change));
            }
        }
        Ok(beside)
    }

    fn add_shares(
        &mut self,
        instrument: InstrumentId,
        at: u32,
        amount: i128,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let Balance { account, asset, .. } = *self.ledger.balances.at(at);
        let book = self.registry.main(account)?;
        self.ledger.balances.at_mut(at).credit(amount);
        add(&mut self.ledger.house_mut(asset).paid_in.0, amount);
        if !self.is_on_margin(account) {
            self.note_owing(at);
        }
        let (amount, cause) = (Money(amount), CashCause::Split);
        events.push(Event::CashPaid { account, book, instrument, asset, amount, cause });
        self.feel_account(account);
        Ok(())
    }

    /// Prices known are told again after it; until then they are the old ones in the ratio, and quotes are gone.
    fn turn_prices(&mut self, instrument: InstrumentId, ratio: Ratio) {
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        let turn = |price: Option<Price>| price.and_then(|price| ratio.price(price, Side::Buy));
        let fair = turn(listed.fair());
        (listed.last, listed.mark) = (turn(listed.last), turn(listed.mark));
        if listed.quote.take().is_some() && listed.mark.is_none() {
            (listed.last, listed.last_at) = (fair.or(listed.last), listed.last_at.max(listed.quote_at));
        }
    }
}
