//! What was traded and not yet traded back: per book (a holding) and per account (an exposure).
//! Cost is signed and exact: the average price is cost ÷ quantity and never stored. A reduction takes its
//! share of the cost, rounded towards zero; the rest goes with the last lot.

use super::Priced;
use super::balance::put;
use crate::amount::{add, add_qty, share, sub, sub_qty};
use crate::index::{Index, hash_pair};
use model::{AccountId, BookId, Bound, InstrumentId, Money, Qty, Reject};
use serde::{Deserialize, Serialize};

const POSITIONS_MAX: usize = 1 << 26;

/// A book's position in an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    pub book: BookId,
    pub instrument: InstrumentId,
    pub account: AccountId,
    /// Where its account's exposure and balances stand, so that a fill looks nothing up.
    pub(crate) exposure: u32,
    pub(crate) quote: u32,
    pub(crate) base: u32,
    /// Positions are held against margin; else trades are paid and delivered.
    pub(crate) on_margin: bool,
    /// Its instrument is traded at somebody else's venue.
    pub(crate) outside: bool,
    /// Lots that open reduce-only orders may still take off.
    pub(crate) reducing: i64,
    pub qty: Qty,
    pub cost: Money,
    pub realised: Money,
    pub fees: Money,
}

/// An account's position in an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    pub account: AccountId,
    pub instrument: InstrumentId,
    pub qty: Qty,
    pub cost: Money,
}

/// What an exposure on margin has locked, and what its open orders may add. Apart from the exposure, because
/// cash accounts never read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    pub(crate) open_buys: Open,
    pub(crate) open_sells: Open,
    pub locked: Money,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) qty: i64,
    pub(crate) value: i128,
    /// Worst fees of them all.
    pub(crate) fees: i128,
}

impl Open {
    #[inline]
    pub(crate) fn add(&mut self, qty: i64, value: i128, fees: i128) {
        add_qty(&mut self.qty, qty);
        add(&mut self.value, value);
        add(&mut self.fees, fees);
    }

    #[inline]
    pub(crate) fn sub(&mut self, qty: i64, value: i128, fees: i128) {
        sub_qty(&mut self.qty, qty);
        sub(&mut self.value, value);
        sub(&mut self.fees, fees);
    }
}

/// Moves a position by a signed quantity worth `value` (signed alike) and gives what it realised.
#[inline]
pub(crate) fn shift(qty: &mut Qty, cost: &mut Money, by: i64, value: i128) -> i128 {
    let before = qty.0;
    let opens = before == 0 || (before > 0) == (by > 0);
    if opens {
        add_qty(&mut qty.0, by);
        add(&mut cost.0, value);
        return 0;
    }
    let (held, moved) = (before.saturating_abs(), by.saturating_abs());
    let closed = held.min(moved);
    let cost_out = if closed == held { cost.0 } else { share(cost.0, closed, held) };
    let value_in = if closed == moved { value } else { share(value, closed, moved) };
    add_qty(&mut qty.0, by);
    sub(&mut cost.0, cost_out);
    // What is left of the trade, if anything, opens the other way.
    add(&mut cost.0, value.saturating_sub(value_in));
    // A long of cost 100 sold for value -110: -100 + 110.
    cost_out.saturating_add(value_in).saturating_neg()
}

#[derive(Debug)]
pub(crate) struct Positions {
    pub(crate) holdings: Vec<Holding>,
    pub(crate) exposures: Vec<Exposure>,
    /// Of the exposures, place by place.
    pub(crate) margins: Vec<Margin>,
    /// What they come to, place by place.
    pub(crate) priced: Vec<Priced>,
    by_book: Index,
    by_account: Index,
    /// The places of an account's exposures.
    accounts: Vec<Vec<u32>>,
}

impl Positions {
    pub(crate) fn from(
        holdings: Vec<Holding>,
        exposures: Vec<Exposure>,
        margins: Vec<Margin>,
        priced: Vec<Priced>,
    ) -> Self {
        let mut accounts = Vec::new();
        let (mut by_book, mut by_account) = (Index::new(), Index::new());
        for (at, holding) in (0u32..).zip(&holdings) {
            by_book.insert(hash_pair(holding.book.0, holding.instrument.0), at);
        }
        for (at, exposure) in (0u32..).zip(&exposures) {
            by_account.insert(hash_pair(exposure.account.0, exposure.instrument.0), at);
            put(&mut accounts, exposure.account.0, at);
        }
        Self { holdings, exposures, margins, priced, by_book, by_account, accounts }
    }

    /// The places of an account's exposures, in the order they came to be.
    pub(crate) fn of_account(&self, account: AccountId) -> &[u32] {
        self.accounts.get(account.0 as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn priced(&self, at: u32) -> &Priced {
        self.priced.get(at as usize).expect("invariant: every exposure has its worth")
    }

    pub(crate) fn priced_mut(&mut self, at: u32) -> &mut Priced {
        self.priced.get_mut(at as usize).expect("invariant: every exposure has its worth")
    }

    #[inline]
    pub(crate) fn find(&self, book: BookId, instrument: InstrumentId) -> Option<u32> {
        self.by_book.find(hash_pair(book.0, instrument.0), |at| {
            self.holdings
                .get(at as usize)
                .is_some_and(|held| held.book == book && held.instrument == instrument)
        })
    }

    pub(crate) fn find_exposure(&self, account: AccountId, instrument: InstrumentId) -> Option<u32> {
        self.by_account.find(hash_pair(account.0, instrument.0), |at| {
            self.exposures
                .get(at as usize)
                .is_some_and(|open| open.account == account && open.instrument == instrument)
        })
    }

    /// The account's exposure, made if it is not there.
    pub(crate) fn expose(&mut self, account: AccountId, instrument: InstrumentId) -> Result<u32, Reject> {
        if let Some(at) = self.find_exposure(account, instrument) {
            return Ok(at);
        }
        let at = next(self.exposures.len())?;
        self.exposures.push(Exposure { account, instrument, qty: Qty::ZERO, cost: Money::ZERO });
        self.margins.push(Margin::default());
        self.priced.push(Priced::default());
        put(&mut self.accounts, account.0, at);
        self.by_account.insert(hash_pair(account.0, instrument.0), at);
        Ok(at)
    }

    pub(crate) fn open(&mut self, holding: Holding) -> Result<u32, Reject> {
        let at = next(self.holdings.len())?;
        self.by_book.insert(hash_pair(holding.book.0, holding.instrument.0), at);
        self.holdings.push(holding);
        Ok(at)
    }

    #[inline]
    pub(crate) fn at(&self, at: u32) -> &Holding {
        self.holdings.get(at as usize).expect("invariant: a stored holding exists")
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, at: u32) -> &mut Holding {
        self.holdings.get_mut(at as usize).expect("invariant: a stored holding exists")
    }

    #[inline]
    pub(crate) fn exposure(&self, at: u32) -> &Exposure {
        self.exposures.get(at as usize).expect("invariant: a stored exposure exists")
    }

    #[inline]
    pub(crate) fn exposure_mut(&mut self, at: u32) -> &mut Exposure {
        self.exposures.get_mut(at as usize).expect("invariant: a stored exposure exists")
    }

    pub(crate) fn margin(&self, at: u32) -> &Margin {
        self.margins.get(at as usize).expect("invariant: every exposure has its margin")
    }

    pub(crate) fn margin_mut(&mut self, at: u32) -> &mut Margin {
        self.margins.get_mut(at as usize).expect("invariant: every exposure has its margin")
    }

    #[inline]
    pub(crate) fn prefetch_find(&self, book: BookId, instrument: InstrumentId) {
        self.by_book.prefetch(hash_pair(book.0, instrument.0));
    }

    #[inline]
    pub(crate) fn prefetch(&self, at: u32) {
        crate::book::prefetch(&self.holdings, at as usize);
    }

    #[inline]
    pub(crate) fn prefetch_exposure(&self, at: u32) {
        crate::book::prefetch(&self.exposures, at as usize);
    }
}

fn next(len: usize) -> Result<u32, Reject> {
    let full = Reject::BoundReached { what: Bound::Positions };
    u32::try_from(len).ok().filter(|_| len < POSITIONS_MAX).ok_or(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_opens_shrinks_and_turns() {
        let (mut qty, mut cost) = (Qty::ZERO, Money::ZERO);
        let mut check = |by: i64, value: i128, realised: i128, left: (i64, i128)| {
            assert_eq!(shift(&mut qty, &mut cost, by, value), realised, "by {by}");
            assert_eq!((qty.0, cost.0), left, "by {by}");
        };
        check(3, 300, 0, (3, 300));
        check(1, 120, 0, (4, 420));
        check(-2, -220, 10, (2, 210));
        check(-5, -500, -10, (-3, -300));
        check(3, 270, 30, (0, 0));
        check(-3, -100, 0, (-3, -100));
        check(1, 33, 0, (-2, -67));
        check(2, 67, 0, (0, 0));
    }
}
