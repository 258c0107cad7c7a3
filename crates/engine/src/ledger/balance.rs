//! What an account owns of each asset, and how much of it is spoken for.

use crate::amount::{add, sub};
use crate::index::{Index, hash_pair};
use model::{AccountId, AssetId, Bound, Money, Reject};
use serde::{Deserialize, Serialize};

/// More balances than this are refused.
const BALANCES_MAX: usize = 1 << 26;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub account: AccountId,
    pub asset: AssetId,
    pub total: Money,
    /// Reserved for open orders, or held as margin.
    pub locked: Money,
}

impl Balance {
    #[inline]
    #[must_use]
    pub fn available(&self) -> Money {
        Money(self.total.0.saturating_sub(self.locked.0))
    }

    #[inline]
    pub(crate) fn credit(&mut self, amount: i128) {
        add(&mut self.total.0, amount);
    }

    #[inline]
    pub(crate) fn debit(&mut self, amount: i128) {
        sub(&mut self.total.0, amount);
    }

    #[inline]
    pub(crate) fn lock(&mut self, amount: i128) {
        add(&mut self.locked.0, amount);
    }

    #[inline]
    pub(crate) fn unlock(&mut self, amount: i128) {
        sub(&mut self.locked.0, amount);
    }
}

/// All balances of the house, in the order they came to be.
#[derive(Debug)]
pub(crate) struct Balances {
    pub(crate) all: Vec<Balance>,
    index: Index,
    /// The places of each account's balances.
    by_account: Vec<Vec<u32>>,
}

impl Balances {
    pub(crate) fn from(all: Vec<Balance>) -> Self {
        let mut index = Index::new();
        let mut by_account = Vec::new();
        for (at, balance) in (0u32..).zip(&all) {
            index.insert(hash_pair(balance.account.0, balance.asset.0), at);
            list(&mut by_account, balance.account, at);
        }
        Self { all, index, by_account }
    }

    pub(crate) fn of(&self, account: AccountId) -> impl Iterator<Item = &Balance> {
        let places = self.by_account.get(account.0 as usize).into_iter().flatten();
        places.filter_map(|at| self.all.get(*at as usize))
    }

    pub(crate) fn find(&self, account: AccountId, asset: AssetId) -> Option<u32> {
        self.index.find(hash_pair(account.0, asset.0), |at| {
            self.all
                .get(at as usize)
                .is_some_and(|balance| balance.account == account && balance.asset == asset)
        })
    }

    pub(crate) fn find_or_open(&mut self, account: AccountId, asset: AssetId) -> Result<u32, Reject> {
        if let Some(at) = self.find(account, asset) {
            return Ok(at);
        }
        let full = Reject::BoundReached { what: Bound::Balances };
        let at = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < BALANCES_MAX).ok_or(full)?;
        self.all.push(Balance { account, asset, total: Money::ZERO, locked: Money::ZERO });
        self.index.insert(hash_pair(account.0, asset.0), at);
        list(&mut self.by_account, account, at);
        Ok(at)
    }

    #[inline]
    pub(crate) fn at(&self, at: u32) -> &Balance {
        self.all.get(at as usize).expect("invariant: a stored balance exists")
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, at: u32) -> &mut Balance {
        self.all.get_mut(at as usize).expect("invariant: a stored balance exists")
    }

    #[inline]
    pub(crate) fn prefetch(&self, at: u32) {
        crate::book::prefetch(&self.all, at as usize);
    }
}

/// Adds a place to those of an account.
pub(super) fn list(by_account: &mut Vec<Vec<u32>>, account: AccountId, at: u32) {
    let len = (account.0 as usize).saturating_add(1);
    if by_account.len() < len {
        by_account.resize(len, Vec::new());
    }
    if let Some(places) = by_account.get_mut(account.0 as usize) {
        places.push(at);
    }
}
