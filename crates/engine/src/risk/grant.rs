//! Finds, after an order was measured and let in, how much more may come before the next has to be.

use super::View;
use super::input::correlation;
use super::portfolio::Portfolio;
use super::way::{ANY, Rules, Terms};
use super::worth::value;
use crate::Engine;
use crate::ledger::{Leave, ceil, dearer, floor};
use crate::order::Proposal;
use model::{AccountId, InstrumentId, Money, Price, Rate, Time};

/// An order above the reference price by more than this part of it is measured.
const FAR: i64 = 8;

impl Engine {
    #[inline(never)]
    pub(super) fn grant(&mut self, order: &Proposal) {
        let Some((way, common)) = self.risk.whole_way(order.holding) else { return };
        if !common.rules.whole || way.until < self.time {
            return;
        }
        let (at, rules) = (way.common as usize, common.rules.clone());
        let terms = if common.terms.told == self.risk.told && self.time <= common.terms.until {
            Some(common.terms)
        } else {
            self.terms_of(&rules)
        };
        let Some(terms) = terms else { return };
        if let Some(common) = self.risk.commons.get_mut(at) {
            common.terms = terms;
        }
        if rules.of_account() {
            let leave = self.leave_of(order, &rules).unwrap_or(Leave::NONE);
            self.ledger.lines.grant_leave(order.account, leave);
        }
    }

    /// What the rules come to now; none if anything is missing for it.
    fn terms_of(&mut self, rules: &Rules) -> Option<Terms> {
        let prices = if rules.of_price() { self.prices_of(rules)? } else { Terms::ANY_PRICE };
        let quote = self.listings.get(rules.instrument.0 as usize)?.instrument.quote;
        let one = i128::from(Rate::ONE.0);
        let (mut until, mut most, mut moves) = (prices.until, rules.size, ANY);
        if rules.notional != i128::MAX {
            let lots =
                floor(rules.notional).checked_div(prices.lot).filter(|_| rules.notional_in == quote)?;
            most = most.min(lots);
        }
        let statistic = |at: u32| self.risk.kept.statistics.get(at as usize);
        if rules.volume != ANY {
            let noted = statistic(rules.volume_input)?;
            let lots = noted.value.checked_mul(rules.volume.into())?.checked_div(one)?;
            (most, until) = (most.min(i64::try_from(lots).ok()?), until.min(self.fresh_until(noted)));
        }
        if rules.volatility != ANY {
            let noted = statistic(rules.volatility_input)?;
            let share = i128::from(rules.volatility).checked_mul(one)?.checked_div(noted.value.max(1))?;
            moves = i64::try_from(share).unwrap_or(ANY - 1).saturating_sub(1);
            until = until.min(self.fresh_until(noted));
        }
        Some(Terms { told: self.risk.told, until, most, moves, ..prices })
    }

    /// Where prices may be, and what a lot is worth at the highest.
    fn prices_of(&mut self, rules: &Rules) -> Option<Terms> {
        let (reference, until) = self.steady(rules.instrument)?;
        let listed = self.listings.get(rules.instrument.0 as usize)?;
        let [steady_low, steady_high] = listed.steady?;
        let far = Price(reference.0.saturating_add(reference.0.checked_div(FAR)?)).max(steady_high);
        let lot = value(&listed.units, far, 1).ok().filter(|lot| *lot > 0)?;
        let (mut low, mut high) = (Price(0), far);
        if rules.collar != ANY {
            // From wherever the reference may go.
            let by =
                i128::from(steady_low.0).checked_mul(rules.collar.into())?.checked_div(Rate::ONE.0.into())?;
            let by = i64::try_from(by).unwrap_or(i64::MAX);
            low = low.max(Price(steady_high.0.saturating_sub(by)));
            high = high.min(Price(steady_low.0.saturating_add(by)));
        }
        Some(Terms { until, low, high, far, lot: ceil(lot), ..Terms::ANY_PRICE })
    }

    /// What the account may do; none if anything is missing for it, or if it holds what is hard to follow.
    fn leave_of(&mut self, order: &Proposal, rules: &Rules) -> Option<Leave> {
        let listed = self.listings.get(order.instrument.0 as usize)?;
        let all = Portfolio::of(&View { engine: self, listed, order }).ok()?;
        if all.equity < Money::ONE.0 {
            return None;
        }
        let (mut until, mut at_risk, mut native) = (Time::MAX, 0i128, true);
        for at in self.ledger.positions.of_account(order.account).to_vec() {
            let exposure = *self.ledger.positions.exposure(at);
            let own = exposure.instrument == order.instrument;
            if !own && !self.ledger.lines.of_exposure(at).is_live() {
                self.ledger.lines.set_lot(at, 0);
                continue;
            }
            let (lot, quote, fresh) = self.lot_worth(exposure.instrument, all.currency)?;
            self.ledger.lines.set_lot(at, ceil(lot));
            (until, native) = (until.min(fresh), native && quote == all.currency);
            let held = lot.checked_mul(exposure.qty.0.saturating_abs().into())?;
            at_risk = at_risk.checked_add(held)?;
        }
        for at in self.ledger.balances.of_account(order.account).to_vec() {
            let balance = *self.ledger.balances.at(at);
            if balance.asset == all.currency || balance.total.0 == 0 {
                continue;
            }
            until = until.min(self.steady_rate(balance.asset, all.currency)?);
            let worth = self.worth_owned(balance.total.0, balance.asset, all.currency).ok()?;
            at_risk = at_risk.checked_add(worth.saturating_abs())?;
        }
        // What a cash account sells is not among its positions, and moves with them all the same.
        let looks = all.others && rules.correlated && order.on_margin;
        if looks {
            until = until.min(self.correlated_until(order.account, order.instrument)?);
        }
        // What prices may do before they are told to be otherwise, and what is lost in rounding.
        let at_risk = ceil(at_risk);
        let less = dearer(at_risk).saturating_sub(at_risk).saturating_add(ceil(all.equity >> 32));
        Some(Leave {
            told: self.risk.told,
            until,
            equity: floor(all.equity).saturating_sub(less),
            gross: dearer(ceil(all.gross.before)),
            alone: !all.others,
            beside: looks.then_some(order.instrument),
            native,
        })
    }

    /// Until when the instrument's correlation with all others that the account holds is known.
    fn correlated_until(&self, account: AccountId, instrument: InstrumentId) -> Option<Time> {
        let exposures = self.ledger.positions.of_account(account).iter();
        let live = exposures.filter(|at| self.ledger.lines.of_exposure(**at).is_live());
        let others = live.map(|at| self.ledger.positions.exposure(*at).instrument);
        others.filter(|other| *other != instrument).try_fold(Time::MAX, |until, other| {
            let noted = self.input(correlation(instrument, other)).ok()?;
            Some(until.min(self.fresh_until(noted)))
        })
    }
}
