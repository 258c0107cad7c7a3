//! The watch over what happens after an order was let in: trading states and kill switches, what accounts are
//! worth, losses, margin and liquidation, breakers, heartbeats, alerts. It acts in the command that broke a
//! rule; what is too much for one command goes on with the next, as cascades do, but whatever is refused is
//! refused from the first moment. Absent: limits on the size of an order or a position, which are in `risk`.

mod alerts;
mod blind;
mod breaker;
mod check;
mod clear;
mod fx;
mod hearts;
mod isolated;
mod liquidate;
mod losses;
mod margin;
mod pools;
mod scope;
mod stops;
mod sweep;
mod timers;
mod window;

pub(crate) use clear::Clear;
pub use losses::LossUse;
pub(crate) use losses::is_loss;
pub(crate) use stops::{restrain, restrain_form};

use alerts::Alerts;
use blind::Blind;
use breaker::Watched;
use hearts::Beat;
use losses::LossRule;
use margin::Called;
use model::{AccountId, BookId, LimitKind, Policy, Scope, Time};
use pools::Pools;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use stops::Stop;
use sweep::{Progress, Sweep};
use timers::Timer;

/// Loss limits, breakers and heartbeats that may stand at once, each.
const RULES_MAX: usize = 1 << 16;

/// Everything that is watched, and what is still to be done about it. All of it survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Guard {
    /// Where something other than plain trading holds.
    pub(crate) stops: BTreeMap<Scope, Stop>,
    pub(crate) losses: BTreeMap<(Scope, LimitKind), LossRule>,
    pub(crate) pools: Pools,
    pub(crate) breakers: BTreeMap<u32, Watched>,
    pub(crate) alerts: Alerts,
    pub(crate) blind: Blind,
    pub(crate) silences: BTreeMap<BookId, (i64, Policy)>,
    pub(crate) beats: BTreeMap<BookId, Beat>,
    /// By the place of the balance: accounts below their initial margin.
    pub(crate) called: BTreeMap<u32, Called>,
    pub(crate) timers: BTreeSet<(Time, Timer)>,
    /// Breakers and alerts ever numbered.
    pub(crate) rules_made: u32,

    /// Work in line: scopes to clear, prices that have to reach their holders, accounts and books to look at,
    /// balances to reduce positions for.
    pub(crate) clears: VecDeque<Clear>,
    pub(crate) sweeps: BTreeMap<Sweep, Progress>,
    pub(crate) touched: BTreeSet<AccountId>,
    pub(crate) touched_books: BTreeSet<BookId>,
    pub(crate) reduces: BTreeSet<u32>,
}

impl Guard {
    /// Whether an order has to be looked at here.
    #[inline]
    pub(crate) fn restrains(&self) -> bool {
        !self.stops.is_empty() || !self.losses.is_empty()
    }

    /// Whether accounts without margin are watched too.
    #[inline]
    pub(crate) fn watches(&self) -> bool {
        !self.losses.is_empty() || !self.breakers.is_empty()
    }

    /// Whether something is left to do.
    pub(crate) fn is_busy(&self) -> bool {
        !self.clears.is_empty()
            || !self.sweeps.is_empty()
            || !self.touched.is_empty()
            || !self.touched_books.is_empty()
            || !self.reduces.is_empty()
    }
}

impl crate::Engine {
    /// Does a part of what is left, of at most `most` steps. Gives how many it took; none when nothing is left.
    pub(crate) fn watch_on(&mut self, most: usize, events: &mut Vec<model::Event>) -> usize {
        if !self.guard.clears.is_empty() {
            return self.clear_on(most, events);
        }
        if let Some((&sweep, _)) = self.guard.sweeps.first_key_value() {
            return self.sweep_on(sweep, most);
        }
        if let Some(account) = self.guard.touched.pop_first() {
            self.evaluate_account(account, events);
            return 1;
        }
        if let Some(book) = self.guard.touched_books.pop_first() {
            self.evaluate_scope(Scope::Book(book), events);
            return 1;
        }
        if let Some(balance) = self.guard.reduces.pop_first() {
            self.reduce_on(balance, events);
            return 1;
        }
        0
    }
}
