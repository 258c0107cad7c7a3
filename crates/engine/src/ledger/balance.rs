//! What an account owns of each asset, and how much of it is spoken for.

use super::Worth;
use crate::amount::{add, sub};
use crate::index::{Index, hash_pair};
use model::{AccountId, AssetId, Bound, InstrumentId, Money, Reject};
use serde::{Deserialize, Serialize};

/// More balances than this are refused.
const BALANCES_MAX: usize = 1 << 26;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub account: AccountId,
    pub asset: AssetId,
    /// The position that it alone stands behind, in an isolated account; none if it is the account's own.
    pub behind: Option<InstrumentId>,
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
    /// Of the balances, place by place; follows from the exposures.
    worths: Vec<Worth>,
    /// The places of an account's balances, and of an asset's.
    by_account: Vec<Vec<u32>>,
    by_asset: Vec<Vec<u32>>,
    index: Index,
}

/// Adds a place to the list of a key.
pub(super) fn put(lists: &mut Vec<Vec<u32>>, key: u32, at: u32) {
    let key = key as usize;
    if lists.len() <= key {
        lists.resize_with(key.saturating_add(1), Vec::new);
    }
    if let Some(list) = lists.get_mut(key) {
        list.push(at);
    }
}

impl Balances {
    pub(crate) fn from(all: Vec<Balance>) -> Self {
        let worths = vec![Worth::default(); all.len()];
        let (by_account, by_asset) = (Vec::new(), Vec::new());
        let mut balances = Self { all, worths, by_account, by_asset, index: Index::new() };
        for at in 0..crate::index::place(balances.all.len()) {
            balances.enter(at);
        }
        balances
    }

    fn enter(&mut self, at: u32) {
        let Balance { account, asset, behind, .. } = *self.at(at);
        self.index.insert(hash_of(account, asset, behind), at);
        put(&mut self.by_account, account.0, at);
        put(&mut self.by_asset, asset.0, at);
    }

    /// The places of an account's balances.
    pub(crate) fn of_account(&self, account: AccountId) -> &[u32] {
        self.by_account.get(account.0 as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of(&self, account: AccountId) -> impl Iterator<Item = &Balance> {
        self.of_account(account).iter().filter_map(|at| self.all.get(*at as usize))
    }

    /// The places of all balances in an asset.
    pub(crate) fn of_asset(&self, asset: AssetId) -> &[u32] {
        self.by_asset.get(asset.0 as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn worth(&self, at: u32) -> &Worth {
        self.worths.get(at as usize).expect("invariant: every balance has its worth")
    }

    pub(crate) fn worth_mut(&mut self, at: u32) -> &mut Worth {
        self.worths.get_mut(at as usize).expect("invariant: every balance has its worth")
    }

    /// The account's own.
    pub(crate) fn find(&self, account: AccountId, asset: AssetId) -> Option<u32> {
        self.find_behind(account, asset, None)
    }

    /// What a position on margin is settled in: what stands behind it alone, else the account's own.
    pub(crate) fn settling(
        &self,
        account: AccountId,
        asset: AssetId,
        instrument: InstrumentId,
    ) -> Option<u32> {
        self.find_behind(account, asset, Some(instrument)).or_else(|| self.find(account, asset))
    }

    fn find_behind(&self, account: AccountId, asset: AssetId, behind: Option<InstrumentId>) -> Option<u32> {
        self.index.find(hash_of(account, asset, behind), |at| {
            let is = |found: &Balance| (found.account, found.asset, found.behind) == (account, asset, behind);
            self.all.get(at as usize).is_some_and(is)
        })
    }

    /// Of the account, or behind one position of it alone.
    pub(crate) fn find_or_open(
        &mut self,
        account: AccountId,
        asset: AssetId,
        behind: Option<InstrumentId>,
    ) -> Result<u32, Reject> {
        if let Some(at) = self.find_behind(account, asset, behind) {
            return Ok(at);
        }
        let full = Reject::BoundReached { what: Bound::Balances };
        let at = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < BALANCES_MAX).ok_or(full)?;
        self.all.push(Balance { account, asset, behind, total: Money::ZERO, locked: Money::ZERO });
        self.worths.push(Worth::default());
        self.enter(at);
        Ok(at)
    }

    /// The account's own balance beside one that stands behind a position.
    pub(crate) fn beside(&self, at: u32) -> Option<u32> {
        let Balance { account, asset, behind, .. } = *self.at(at);
        behind.and_then(|_| self.find(account, asset))
    }

    /// Moves cash between two balances of an account.
    pub(crate) fn shift(&mut self, from: u32, to: u32, amount: i128) {
        self.at_mut(from).debit(amount);
        self.at_mut(to).credit(amount);
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

#[inline]
fn hash_of(account: AccountId, asset: AssetId, behind: Option<InstrumentId>) -> u64 {
    let key = hash_pair(account.0, asset.0);
    behind.map_or(key, |instrument| key ^ hash_pair(instrument.0, u32::MAX))
}
