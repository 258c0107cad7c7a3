//! What must always be true of the watch, worked out from the parts: sums of worth, stages of margin, scopes that
//! were cleared, timers. Changes nothing.

use super::timers::Timer;
use crate::Engine;
use crate::check::ensure;
use crate::ledger::{Priced, Worth};
use model::{MarginStage, Route, Scope, Time};
use std::collections::BTreeMap;

impl Engine {
    pub(crate) fn check_guard(&self) -> Result<(), String> {
        self.check_worth()?;
        self.check_stages()?;
        self.check_stops()?;
        self.check_timers()
    }

    /// Every position held on margin is valued at the price of now, unless that is on its way; balances have
    /// the sums.
    fn check_worth(&self) -> Result<(), String> {
        let (positions, balances) = (&self.ledger.positions, &self.ledger.balances);
        let mut sums: BTreeMap<u32, Worth> = BTreeMap::new();
        for (at, exposure) in (0u32..).zip(&positions.exposures) {
            if !self.is_on_margin(exposure.account) {
                continue;
            }
            let listed = self.listings.get(exposure.instrument.0 as usize).ok_or("an exposure to nothing")?;
            let priced = positions.priced(at);
            let quote = balances
                .settling(exposure.account, listed.instrument.quote, exposure.instrument)
                .ok_or("no balance")?;
            sums.entry(quote).or_default().add(priced);
            let (rates, price) = (listed.instrument.margin, listed.reference());
            let now = Priced::of(exposure.qty, exposure.cost, &listed.units, rates, price);
            ensure(*priced == now || self.guard.is_on_its_way(exposure.instrument), || {
                format!("{exposure:?} is valued {priced:?}, and is worth {now:?}")
            })?;
        }
        for at in 0..crate::index::place(balances.all.len()) {
            let (kept, sum) = (balances.worth(at), sums.get(&at).copied().unwrap_or_default());
            ensure(*kept == sum, || format!("balance {at} has {kept:?} of positions, not {sum:?}"))?;
        }
        Ok(())
    }

    /// Once all is done, an account below a level is known to be, and nobody without positions owes anything.
    fn check_stages(&self) -> Result<(), String> {
        for called in self.guard.called.keys() {
            let known = (*called as usize) < self.ledger.balances.all.len();
            ensure(known, || format!("balance {called} is called and is not there"))?;
        }
        if self.guard.is_busy() {
            return Ok(());
        }
        for at in 0..crate::index::place(self.ledger.balances.all.len()) {
            let account = self.ledger.balances.at(at).account;
            let Some(state) = self.margin_state(at).filter(|_| self.is_on_margin(account)) else { continue };
            let least = if state.equity >= state.initial {
                MarginStage::Sound
            } else if state.equity < state.maintenance {
                MarginStage::Liquidating
            } else {
                MarginStage::Called
            };
            let sound = state.stage >= least && (least != MarginStage::Sound || state.stage == least);
            ensure(sound, || format!("margin stands at {state:?}, and should at {least:?}"))?;
            let owes = state.equity.is_negative() && self.positions_of(at).is_empty();
            ensure(!owes, || format!("account {account} has nothing and owes {:?}", state.equity))?;
        }
        Ok(())
    }

    /// Nothing is open where a kill switch was thrown, once it has been through.
    fn check_stops(&self) -> Result<(), String> {
        for (scope, stop) in &self.guard.stops {
            ensure(!stop.is_idle(), || format!("{scope:?} is stopped by nothing"))?;
            let clearing = self.guard.clears.iter().any(|clear| clear.scope == *scope);
            if !stop.is_killed() || clearing {
                continue;
            }
            let live = self.orders.kept.records.iter().skip(1).filter(|order| !order.status.is_final());
            // A smart order is of no market, its parts are.
            let smart = |slot| {
                let special = self.orders.special(slot);
                special.is_some_and(|special| matches!(special.order.route, Route::Smart(_)))
            };
            // What is at an outside venue goes when the venue says so.
            let leaving = |slot| self.orders.is_outside(slot);
            let of_market =
                matches!(scope, Scope::Venue(_) | Scope::Instrument(_) | Scope::AccountInstrument(..));
            for order in
                live.filter(|order| !(leaving(order.id.slot()) || of_market && smart(order.id.slot())))
            {
                let covered = self.covers(*scope, self.ledger.positions.at(order.holding));
                ensure(!covered, || format!("order {} lives where {scope:?} was killed", order.id))?;
            }
        }
        Ok(())
    }

    fn check_timers(&self) -> Result<(), String> {
        let timers = &self.guard.timers;
        for ((scope, kind), rule) in &self.guard.losses {
            let timed =
                rule.until == Time::MAX || timers.contains(&(rule.until, Timer::Window(*scope, *kind)));
            ensure(timed, || format!("nothing ends the window of {scope:?} {kind:?}"))?;
        }
        let first = timers.first().map_or(Time::MAX, |first| first.0);
        ensure(self.next_end <= first, || "a timer is due before it is looked at".to_owned())
    }
}
