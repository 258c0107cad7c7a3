//! Who there is: assets, users, accounts and their books. Ids are handed out in order, so a lookup is an index;
//! names are unique in their kind, which makes a retried opening harmless.

use crate::index::place;
use model::{
    AccountId, AccountKind, AssetId, BookId, Bound, MarginMode, Mode, Name, NewVenue, Reject, UserId,
    VenueId, VenueKind,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const MANY: usize = 1 << 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user: UserId,
    pub name: Name,
    pub mode: Mode,
    pub kind: AccountKind,
    pub currency: AssetId,
    pub main: BookId,
    /// Whether its positions share their margin.
    pub margin: MarginMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookOf {
    pub account: AccountId,
    pub name: Name,
}

/// The part that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entries {
    pub(crate) assets: Vec<Name>,
    pub(crate) users: Vec<Name>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) books: Vec<BookOf>,
    /// The first is the house's own.
    pub(crate) venues: Vec<NewVenue>,
}

impl Default for Entries {
    fn default() -> Self {
        let name = Name::new(VenueId::OWN_NAME).expect("invariant: a plain word is a name");
        let patience_ns = NewVenue::PATIENCE_NS;
        let own = NewVenue { name, kind: VenueKind::Own, budget: None, patience_ns };
        let (assets, users, accounts, books) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { assets, users, accounts, books, venues: vec![own] }
    }
}

#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) kept: Entries,
    /// The accounts' main books side by side: most orders name no other.
    mains: Vec<BookId>,
    /// All books of each account.
    books: Vec<Vec<BookId>>,
    taken: BTreeSet<(Kind, Name)>,
}

/// What a name is the name of; books are named in their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Asset,
    User,
    Account,
    Book(AccountId),
    Venue,
}

impl Registry {
    pub(crate) fn from(kept: Entries) -> Self {
        let named = |kind: Kind, names: &[Name]| names.iter().map(|name| (kind, *name)).collect::<Vec<_>>();
        let mut taken: BTreeSet<(Kind, Name)> = named(Kind::Asset, &kept.assets).into_iter().collect();
        taken.extend(named(Kind::User, &kept.users));
        taken.extend(kept.accounts.iter().map(|account| (Kind::Account, account.name)));
        taken.extend(kept.venues.iter().map(|venue| (Kind::Venue, venue.name)));
        taken.extend(kept.books.iter().map(|book| (Kind::Book(book.account), book.name)));
        let mains = kept.accounts.iter().map(|account| account.main).collect();
        let mut books = vec![Vec::new(); kept.accounts.len()];
        for (id, book) in (0u32..).zip(&kept.books) {
            if let Some(own) = books.get_mut(book.account.0 as usize) {
                own.push(BookId(id));
            }
        }
        Self { kept, mains, books, taken }
    }

    #[inline]
    pub(crate) fn account(&self, account: AccountId) -> Result<&Account, Reject> {
        self.kept.accounts.get(account.0 as usize).ok_or(Reject::UnknownAccount { account })
    }

    #[inline]
    pub(crate) fn main(&self, account: AccountId) -> Result<BookId, Reject> {
        self.mains.get(account.0 as usize).copied().ok_or(Reject::UnknownAccount { account })
    }

    pub(crate) fn books_of(&self, account: AccountId) -> &[BookId] {
        self.books.get(account.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The named book if it is of this account; the account's main book if none is named.
    #[inline]
    pub(crate) fn book(&self, account: AccountId, book: Option<BookId>) -> Result<BookId, Reject> {
        let Some(book) = book else { return self.main(account) };
        let of = self.kept.books.get(book.0 as usize).ok_or(Reject::UnknownBook { book })?;
        if of.account == account { Ok(book) } else { Err(Reject::UnknownBook { book }) }
    }

    pub(crate) fn define_asset(&mut self, code: Name) -> Result<AssetId, Reject> {
        let at = self.next(Kind::Asset, code, self.kept.assets.len(), Bound::Assets)?;
        self.kept.assets.push(code);
        Ok(AssetId(at))
    }

    pub(crate) fn add_user(&mut self, name: Name) -> Result<UserId, Reject> {
        let at = self.next(Kind::User, name, self.kept.users.len(), Bound::Users)?;
        self.kept.users.push(name);
        Ok(UserId(at))
    }

    /// Opens the account, and with it its book `main`.
    pub(crate) fn open_account(&mut self, mut account: Account) -> Result<(AccountId, BookId), Reject> {
        if self.kept.books.len() >= MANY {
            return Err(Reject::BoundReached { what: Bound::Books });
        }
        let at = self.next(Kind::Account, account.name, self.kept.accounts.len(), Bound::Accounts)?;
        let id = AccountId(at);
        account.main = BookId(place(self.kept.books.len()));
        let main = Name::new("main").expect("invariant: a plain word is a name");
        self.open_book_named(id, main)?;
        self.kept.accounts.push(account);
        self.mains.push(account.main);
        Ok((id, account.main))
    }

    pub(crate) fn open_book(&mut self, account: AccountId, name: Name) -> Result<BookId, Reject> {
        self.account(account)?;
        self.open_book_named(account, name)
    }

    fn open_book_named(&mut self, account: AccountId, name: Name) -> Result<BookId, Reject> {
        let at = self.next(Kind::Book(account), name, self.kept.books.len(), Bound::Books)?;
        self.kept.books.push(BookOf { account, name });
        let own = account.0 as usize;
        if self.books.len() <= own {
            self.books.resize_with(own.saturating_add(1), Vec::new);
        }
        if let Some(books) = self.books.get_mut(own) {
            books.push(BookId(at));
        }
        Ok(BookId(at))
    }

    pub(crate) fn venue(&self, venue: VenueId) -> Result<&NewVenue, Reject> {
        self.kept.venues.get(usize::from(venue.0)).ok_or(Reject::UnknownVenue { venue })
    }

    pub(crate) fn define_venue(&mut self, venue: NewVenue) -> Result<VenueId, Reject> {
        let at = u16::try_from(self.kept.venues.len());
        let at = at.or(Err(Reject::BoundReached { what: Bound::Venues }))?;
        self.next(Kind::Venue, venue.name, usize::from(at), Bound::Venues)?;
        self.kept.venues.push(venue);
        Ok(VenueId(at))
    }

    /// The next id of a kind, and its name taken; or why not.
    fn next(&mut self, kind: Kind, name: Name, len: usize, bound: Bound) -> Result<u32, Reject> {
        if len >= MANY {
            return Err(Reject::BoundReached { what: bound });
        }
        if !self.taken.insert((kind, name)) {
            return Err(Reject::NameTaken { name });
        }
        Ok(place(len))
    }
}
