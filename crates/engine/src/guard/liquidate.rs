//! Liquidation in steps. The account's orders are cancelled first. Then the position that has lost most is
//! reduced, of those that have lost the same the one that asks for most margin, then the oldest: a quarter of
//! what it was when the liquidation began, by an order that passes every check and takes what is there, no
//! farther from the present price than twice the instrument's maintenance rate. After each step the account is
//! looked at again. Where nothing can be taken the next price, or a second, has it tried once more.

use super::timers::Timer;
use crate::Engine;
use model::{CancelCause, Event, InstrumentId, NANOS_PER_SECOND, Price, Qty, Rate, Side};

/// A position goes in so many parts.
const PARTS: i64 = 4;
const RETRY_NS: i64 = NANOS_PER_SECOND;

impl Engine {
    pub(super) fn reduce_on(&mut self, at: u32, events: &mut Vec<Event>) {
        if !self.guard.called.contains_key(&at) {
            return;
        }
        let scope = self.scope_of_balance(at);
        let clearing = |clear: &super::Clear| clear.scope == scope && clear.cause == CancelCause::Liquidation;
        if self.guard.clears.iter().any(clearing) {
            self.guard.reduces.insert(at);
            return;
        }
        let before = self.trades;
        for exposure in self.worst_first(at) {
            self.reduce(at, exposure, events);
            if self.trades != before {
                return;
            }
        }
        self.set_timer(self.time.saturating_add_ns(RETRY_NS), Timer::Reduce(at));
    }

    fn worst_first(&self, at: u32) -> Vec<u32> {
        let mut exposures = self.positions_of(at);
        exposures.sort_by_key(|&exposure| {
            let priced = self.ledger.positions.priced(exposure);
            (priced.unrealised, priced.maintenance.saturating_neg(), exposure)
        });
        exposures
    }

    fn reduce(&mut self, at: u32, exposure: u32, events: &mut Vec<Event>) {
        let position = *self.ledger.positions.exposure(exposure);
        let size = position.qty.0.saturating_abs();
        let part = size.saturating_add(PARTS.saturating_sub(1)).checked_div(PARTS).unwrap_or(size);
        let Some(called) = self.guard.called.get_mut(&at) else { return };
        let part = *called.parts.entry(exposure).or_insert(part);
        let side = if position.qty > Qty::ZERO { Side::Sell } else { Side::Buy };
        let Some(holding) = self.largest_holding(exposure, side) else { return };
        let most = self.ledger.positions.at(holding).qty.0.saturating_abs();
        let Some(price) = self.protected(position.instrument, side) else { return };
        let qty = Qty(part.min(size).min(most));
        // Whom it would trade with has to be there, or every price would leave an order that came to nothing.
        if !self.best_against(position.instrument, side).is_some_and(|best| side.reaches(price, best)) {
            return;
        }
        if let Some(order) = self.send_forced(holding, side, qty, Some(price), events) {
            events.push(Event::Liquidated { account: position.account, order });
        }
    }

    /// The book that holds most of what the account's position is made of.
    fn largest_holding(&self, exposure: u32, side: Side) -> Option<u32> {
        let position = self.ledger.positions.exposure(exposure);
        let books = self.registry.books_of(position.account).iter();
        let held = books.filter_map(|book| self.ledger.positions.find(*book, position.instrument));
        let against =
            held.filter(|&at| self.ledger.positions.at(at).qty.0.signum() == side.opposite().sign());
        against.min_by_key(|&at| (self.ledger.positions.at(at).qty.0.saturating_abs().saturating_neg(), at))
    }

    /// The worst price that a step takes.
    fn protected(&self, instrument: InstrumentId, side: Side) -> Option<Price> {
        let listed = self.listings.get(instrument.0 as usize).filter(|listed| listed.trades())?;
        let reference = listed.reference()?.0;
        let rate = i128::from(listed.instrument.margin.maintenance.0).saturating_mul(2);
        let away = i128::from(reference).saturating_abs().saturating_mul(rate);
        let away = away.checked_div(i128::from(Rate::ONE.0)).unwrap_or(0);
        let away = i64::try_from(away).unwrap_or(i64::MAX).max(1);
        let worst = reference.saturating_add(away.saturating_mul(side.sign()));
        let lowest = if listed.instrument.class.is_delivered() { 1 } else { i64::MIN };
        let band = listed.instrument.band;
        let (low, high) = band.map_or((i64::MIN, i64::MAX), |band| (band.low.0, band.high.0));
        Some(Price(worst.max(lowest).max(low).min(high)))
    }
}
