//! How a new price reaches those who hold the instrument: their positions are valued again and they are looked
//! at, so many a command; the rest with the commands after it. Whoever orders, changes an order or withdraws in
//! between is brought up to date first, so that no check sees an old price.

use super::Guard;
use crate::Engine;
use crate::listing::Listed;
use model::{AccountId, AssetId, Event, InstrumentId, Price, Scope};
use serde::{Deserialize, Serialize};

/// Holders valued for the price of one step.
const HOLDERS: usize = 8;

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Sweep {
    /// The accounts that hold the instrument on margin.
    Holders(InstrumentId),
    /// The watched books that hold it.
    Books(InstrumentId),
    /// The accounts that own the asset.
    Owners(AssetId),
}

/// Where it goes on, and how many are left. A change that comes before the end has it go round once more from
/// where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    next: usize,
    left: usize,
}

impl Listed {
    /// What the instrument is valued at: the mark, else halfway between the quotes, else the last trade.
    pub(crate) fn reference(&self) -> Option<Price> {
        self.fair().or(self.last)
    }
}

impl Guard {
    /// Whether a new price of the instrument has not reached all who hold it.
    pub(super) fn is_on_its_way(&self, instrument: InstrumentId) -> bool {
        self.sweeps.contains_key(&Sweep::Holders(instrument))
    }

    fn start(&mut self, sweep: Sweep, count: usize) {
        if count > 0 {
            self.sweeps.entry(sweep).or_default().left = count;
        }
    }
}

impl Engine {
    /// Something was traded here: both sides are looked at, and the price reaches the others.
    #[cold]
    pub(crate) fn feel_trade(
        &mut self,
        holdings: [u32; 2],
        instrument: InstrumentId,
        events: &mut Vec<Event>,
    ) {
        for at in holdings {
            let held = self.ledger.positions.at(at);
            let (account, book, exposure, on_margin) =
                (held.account, held.book, held.exposure, held.on_margin);
            if on_margin {
                self.reprice(exposure);
            }
            if on_margin || self.guard.watches() {
                self.touch_account(account);
            }
            if self.guard.pools.watches_book(book) {
                self.value_holding(at);
                self.guard.touched_books.insert(book);
            }
        }
        self.feel_market(instrument, events);
        self.breakers_feel(instrument, events);
    }

    /// What the instrument is valued at may have changed.
    #[cold]
    pub(crate) fn feel_market(&mut self, instrument: InstrumentId, _events: &mut Vec<Event>) {
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        let price = listed.reference();
        if listed.valued == price {
            return;
        }
        listed.valued = price;
        let (holders, base) = (listed.holders.len(), listed.delivers());
        self.guard.start(Sweep::Holders(instrument), holders);
        if self.guard.watches() {
            let books = self.guard.pools.books_in(instrument);
            self.guard.start(Sweep::Books(instrument), books);
            if let Some(base) = base {
                self.owners_feel(base);
            }
        }
        self.unsettled |= self.guard.is_busy();
    }

    /// What an asset is worth in others may have changed.
    pub(super) fn owners_feel(&mut self, asset: AssetId) {
        let owners = self.ledger.balances.of_asset(asset).len();
        self.guard.start(Sweep::Owners(asset), owners);
        self.unsettled |= self.guard.is_busy();
    }

    pub(super) fn sweep_on(&mut self, sweep: Sweep, most: usize) -> usize {
        let Some(mut progress) = self.guard.sweeps.remove(&sweep) else { return 0 };
        let mut done = 0usize;
        while progress.left > 0 && done < most.saturating_mul(HOLDERS) {
            let count = self.count_of(sweep);
            if progress.next >= count {
                progress.next = 0;
            }
            self.sweep_one(sweep, progress.next);
            progress.next = progress.next.saturating_add(1);
            progress.left = progress.left.saturating_sub(1);
            done = done.saturating_add(1);
        }
        if progress.left > 0 {
            self.guard.sweeps.insert(sweep, progress);
        }
        done.checked_div(HOLDERS).unwrap_or(0).max(1)
    }

    fn count_of(&self, sweep: Sweep) -> usize {
        match sweep {
            Sweep::Holders(instrument) => {
                self.listings.get(instrument.0 as usize).map_or(0, |listed| listed.holders.len())
            }
            Sweep::Books(instrument) => self.guard.pools.books_in(instrument),
            Sweep::Owners(asset) => self.ledger.balances.of_asset(asset).len(),
        }
    }

    fn sweep_one(&mut self, sweep: Sweep, at: usize) {
        match sweep {
            Sweep::Holders(instrument) => {
                let listed = self.listings.get(instrument.0 as usize);
                let Some(&exposure) = listed.and_then(|listed| listed.holders.get(at)) else { return };
                if self.reprice(exposure) {
                    let account = self.ledger.positions.exposure(exposure).account;
                    self.touch_account(account);
                }
            }
            Sweep::Books(instrument) => {
                let Some(holding) = self.guard.pools.book_in(instrument, at) else { return };
                self.value_holding(holding);
                let book = self.ledger.positions.at(holding).book;
                self.guard.touched_books.insert(book);
            }
            Sweep::Owners(asset) => {
                let Some(&balance) = self.ledger.balances.of_asset(asset).get(at) else { return };
                let account = self.ledger.balances.at(balance).account;
                self.touch_account(account);
            }
        }
    }

    /// Looks at the account before the command ends.
    pub(crate) fn touch_account(&mut self, account: AccountId) {
        self.guard.touched.insert(account);
        self.unsettled = true;
    }

    pub(crate) fn touch_balance(&mut self, balance: u32) {
        let account = self.ledger.balances.at(balance).account;
        self.touch_account(account);
    }

    /// Values an exposure held on margin at the present price. Whether that changed anything.
    pub(crate) fn reprice(&mut self, exposure: u32) -> bool {
        let position = self.ledger.positions.exposure(exposure);
        let (account, instrument) = (position.account, position.instrument);
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return false };
        let Some(quote) = self.ledger.balances.settling(account, listed.instrument.quote, instrument) else {
            return false;
        };
        let (rates, price) = (listed.instrument.margin, listed.reference());
        self.ledger.reprice(exposure, quote, &listed.units, rates, price)
    }

    /// Before a check: prices that have not reached this account yet do now.
    #[inline]
    pub(crate) fn catch_up(&mut self, account: AccountId) {
        if !self.guard.sweeps.is_empty() {
            self.catch_up_now(account);
        }
    }

    #[cold]
    fn catch_up_now(&mut self, account: AccountId) {
        let behind: Vec<InstrumentId> = self
            .guard
            .sweeps
            .keys()
            .filter_map(|sweep| match sweep {
                Sweep::Holders(instrument) => Some(*instrument),
                _ => None,
            })
            .collect();
        for instrument in behind {
            let exposure = self.ledger.positions.find_exposure(account, instrument);
            let held = exposure.filter(|_| self.is_on_margin(account));
            if held.is_some_and(|exposure| self.reprice(exposure)) {
                self.touch_account(account);
            }
        }
    }

    pub(crate) fn is_on_margin(&self, account: AccountId) -> bool {
        self.registry.account(account).is_ok_and(|account| Self::on_margin(account.kind))
    }

    /// All rules that stand at what this account belongs to, and its margin.
    pub(super) fn evaluate_account(&mut self, account: AccountId, events: &mut Vec<Event>) {
        if self.is_on_margin(account) {
            self.stage_account(account, events);
        }
        if !self.guard.watches() {
            return;
        }
        self.pool_account(account);
        for scope in [Scope::Account(account), Scope::User(self.user_of(account)), Scope::House] {
            self.evaluate_scope(scope, events);
        }
    }
}
