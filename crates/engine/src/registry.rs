//! Who there is: assets, users, accounts and their books. Ids are handed out in order, so a lookup is an index;
//! names are unique in their kind, which makes a retried opening harmless.

use crate::index::place;
use model::{AccountId, AccountKind, AssetId, BookId, Bound, Mode, Name, Reject, UserId};
use serde::{Deserialize, Serialize};

const MANY: usize = 1 << 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user: UserId,
    pub name: Name,
    pub mode: Mode,
    pub kind: AccountKind,
    pub currency: AssetId,
    pub main: BookId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookOf {
    pub account: AccountId,
    pub name: Name,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registry {
    pub(crate) assets: Vec<Name>,
    pub(crate) users: Vec<Name>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) books: Vec<BookOf>,
}

impl Registry {
    #[inline]
    pub(crate) fn account(&self, account: AccountId) -> Result<&Account, Reject> {
        self.accounts.get(account.0 as usize).ok_or(Reject::UnknownAccount { account })
    }

    /// The named book if it is of this account; the account's main book if none is named.
    #[inline]
    pub(crate) fn book(&self, account: AccountId, book: Option<BookId>) -> Result<BookId, Reject> {
        let Some(book) = book else { return Ok(self.account(account)?.main) };
        let of = self.books.get(book.0 as usize).ok_or(Reject::UnknownBook { book })?;
        if of.account == account { Ok(book) } else { Err(Reject::UnknownBook { book }) }
    }

    pub(crate) fn define_asset(&mut self, code: Name) -> Result<AssetId, Reject> {
        let taken = self.assets.contains(&code);
        add(&mut self.assets, code, taken.then_some(code), Bound::Assets).map(AssetId)
    }

    pub(crate) fn add_user(&mut self, name: Name) -> Result<UserId, Reject> {
        let taken = self.users.contains(&name);
        add(&mut self.users, name, taken.then_some(name), Bound::Users).map(UserId)
    }

    /// Opens the account with its book `main`, which `make` names to it.
    pub(crate) fn open_account(&mut self, mut account: Account) -> Result<(AccountId, BookId), Reject> {
        let taken = self.accounts.iter().any(|other| other.name == account.name);
        if self.books.len() >= MANY {
            return Err(Reject::BoundReached { what: Bound::Books });
        }
        account.main = BookId(place(self.books.len()));
        let id = add(&mut self.accounts, account, taken.then_some(account.name), Bound::Accounts)
            .map(AccountId)?;
        let name = Name::new("main").or(Err(Reject::UnknownUser))?;
        self.books.push(BookOf { account: id, name });
        Ok((id, account.main))
    }

    pub(crate) fn open_book(&mut self, account: AccountId, name: Name) -> Result<BookId, Reject> {
        self.account(account)?;
        let book = BookOf { account, name };
        let taken = self.books.contains(&book);
        add(&mut self.books, book, taken.then_some(name), Bound::Books).map(BookId)
    }
}

fn add<T>(all: &mut Vec<T>, one: T, taken: Option<Name>, bound: Bound) -> Result<u32, Reject> {
    if let Some(name) = taken {
        return Err(Reject::NameTaken { name });
    }
    if all.len() >= MANY {
        return Err(Reject::BoundReached { what: bound });
    }
    all.push(one);
    Ok(place(all.len()).saturating_sub(1))
}
