//! What books, users and the house come to, as sums that are kept up to date by what changed in them: of a book
//! what its holdings have won and lost, of a user or the house what their accounts are worth. Kept only where a
//! rule stands.

use crate::Engine;
use crate::ledger::unrealised;
use model::{AccountId, AssetId, BookId, InstrumentId, LimitKind, Scope};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A sum in one asset, and how many parts of it are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    known: i128,
    unknown: u32,
}

impl Sum {
    fn add(&mut self, part: Option<i128>) {
        match part {
            Some(part) => self.known = self.known.saturating_add(part),
            None => self.unknown = self.unknown.saturating_add(1),
        }
    }

    fn sub(&mut self, part: Option<i128>) {
        match part {
            Some(part) => self.known = self.known.saturating_sub(part),
            None => self.unknown = self.unknown.saturating_sub(1),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pools {
    /// Scopes whose sums are kept.
    kept: BTreeSet<Scope>,
    sums: BTreeMap<(Scope, AssetId), Sum>,
    /// The parts as they are in the sums: of accounts, and of holdings.
    accounts: BTreeMap<AccountId, Option<i128>>,
    holdings: BTreeMap<u32, Option<i128>>,
    /// Holdings of the books that are kept.
    instruments: BTreeMap<InstrumentId, Vec<u32>>,
}

impl Pools {
    pub(super) fn watches_book(&self, book: BookId) -> bool {
        self.kept.contains(&Scope::Book(book))
    }

    pub(super) fn books_in(&self, instrument: InstrumentId) -> usize {
        self.instruments.get(&instrument).map_or(0, Vec::len)
    }

    pub(super) fn book_in(&self, instrument: InstrumentId, at: usize) -> Option<u32> {
        self.instruments.get(&instrument)?.get(at).copied()
    }

    /// Puts a part in the place of what it was before.
    fn replace(
        &mut self,
        scopes: &[Scope],
        asset: AssetId,
        before: Option<Option<i128>>,
        after: Option<i128>,
    ) {
        for scope in scopes.iter().filter(|scope| self.kept.contains(scope)) {
            let sum = self.sums.entry((*scope, asset)).or_default();
            if let Some(before) = before {
                sum.sub(before);
            }
            sum.add(after);
        }
    }
}

impl Engine {
    /// Begins to keep the sums of a scope, if a rule needs them.
    pub(super) fn keep_pool(&mut self, scope: Scope) {
        let pooled = matches!(scope, Scope::House | Scope::User(_) | Scope::Book(_));
        if !pooled || !self.guard.pools.kept.insert(scope) {
            return;
        }
        if let Scope::Book(book) = scope {
            let held = (0u32..).zip(&self.ledger.positions.holdings);
            let own: Vec<u32> = held.filter(|(_, held)| held.book == book).map(|(at, _)| at).collect();
            own.into_iter().for_each(|at| self.value_holding(at));
            return;
        }
        for account in 0..crate::index::place(self.registry.kept.accounts.len()) {
            let account = AccountId(account);
            if scope == Scope::House || scope == Scope::User(self.user_of(account)) {
                let (asset, equity) = self.equity_now(account);
                let known = self.guard.pools.accounts.insert(account, equity);
                // The sums that are kept already have it as it was.
                if let Some(before) = known {
                    let others =
                        self.scopes_of(account).map(|other| if other == scope { None } else { Some(other) });
                    let others: Vec<Scope> = others.into_iter().flatten().collect();
                    self.guard.pools.replace(&others, asset, Some(before), equity);
                }
                self.guard.pools.replace(&[scope], asset, None, equity);
            }
        }
    }

    /// Stops to keep the sums of a scope that no rule needs any more.
    pub(super) fn drop_pool(&mut self, scope: Scope) {
        let needed = LOSSES.iter().any(|kind| self.guard.losses.contains_key(&(scope, *kind)))
            || self.guard.breakers.values().any(|watched| watched.loses_at(scope));
        if needed || !self.guard.pools.kept.remove(&scope) {
            return;
        }
        let pools = &mut self.guard.pools;
        pools.sums.retain(|(other, _), _| *other != scope);
        if let Scope::Book(book) = scope {
            let positions = &self.ledger.positions;
            pools.holdings.retain(|at, _| positions.at(*at).book != book);
            pools.instruments.values_mut().for_each(|list| list.retain(|at| positions.at(*at).book != book));
            pools.instruments.retain(|_, list| !list.is_empty());
        }
        let accounts: Vec<AccountId> = self.guard.pools.accounts.keys().copied().collect();
        for account in accounts {
            let wanted = self.scopes_of(account).iter().any(|scope| self.guard.pools.kept.contains(scope));
            if !wanted {
                self.guard.pools.accounts.remove(&account);
            }
        }
    }

    fn scopes_of(&self, account: AccountId) -> [Scope; 2] {
        [Scope::House, Scope::User(self.user_of(account))]
    }

    fn equity_now(&self, account: AccountId) -> (AssetId, Option<i128>) {
        let currency = self.registry.account(account).map_or(AssetId(0), |account| account.currency);
        (currency, self.equity_of(account, currency))
    }

    /// The account is worth something else now.
    pub(super) fn pool_account(&mut self, account: AccountId) {
        let scopes = self.scopes_of(account);
        if !scopes.iter().any(|scope| self.guard.pools.kept.contains(scope)) {
            return;
        }
        let (asset, equity) = self.equity_now(account);
        let before = self.guard.pools.accounts.insert(account, equity);
        self.guard.pools.replace(&scopes, asset, before, equity);
    }

    /// A holding of a kept book is worth something else now.
    pub(super) fn value_holding(&mut self, at: u32) {
        let held = self.ledger.positions.at(at);
        let Some(listed) = self.listings.get(held.instrument.0 as usize) else { return };
        let open = unrealised(held.qty, held.cost, &listed.units, listed.reference());
        let net = held.realised.0.saturating_sub(held.fees.0);
        let net = open.and_then(|open| open.checked_add(net));
        let (scope, asset, instrument) = (Scope::Book(held.book), listed.instrument.quote, held.instrument);
        let pools = &mut self.guard.pools;
        let before = pools.holdings.insert(at, net);
        if before.is_none() {
            pools.instruments.entry(instrument).or_default().push(at);
        }
        pools.replace(&[scope], asset, before, net);
    }

    /// A position of the book is worth something else, for a reason that is no trade.
    pub(crate) fn feel_book(&mut self, holding: u32, book: BookId) {
        if self.guard.pools.watches_book(book) {
            self.value_holding(holding);
            self.guard.touched_books.insert(book);
            self.unsettled = true;
        }
    }

    /// What a scope comes to in terms of an asset; none where a part is not known.
    pub(super) fn worth_of(&self, scope: Scope, asset: AssetId) -> Option<i128> {
        if let Scope::Account(account) = scope {
            return self.equity_of(account, asset);
        }
        let from = (scope, AssetId(0));
        let sums = self.guard.pools.sums.range(from..).take_while(|((other, _), _)| *other == scope);
        let parts = sums.map(|((_, of), sum)| {
            let known = (sum.unknown == 0).then_some(sum.known)?;
            self.exchange(known, *of, asset)
        });
        parts.into_iter().try_fold(0i128, |total, part| total.checked_add(part?))
    }
}

pub(super) const LOSSES: [LimitKind; 3] = [LimitKind::DailyLoss, LimitKind::WeeklyLoss, LimitKind::Drawdown];
