//! Names ↔ ids, learnt from events: what an edge needs to speak with people. A name leads to the id that
//! bears it now; an id always leads to its latest name. Pure, ordered, and never asked by the engine.

use crate::{
    AccountId, AccountKind, AssetId, BookId, CorporateAction, Event, Instrument, InstrumentClass,
    InstrumentId, Mode, Money, Name, NewVenue, Symbol, Text, UserId, VenueId,
};
use std::collections::BTreeMap;

/// The book that every account has from the start.
const MAIN: &str = "main";

#[derive(Clone, Debug, Default)]
pub struct Directory {
    assets: Register<AssetId, Name, Name>,
    instruments: Register<InstrumentId, Symbol, Listed>,
    users: Register<UserId, Name, Name>,
    accounts: Register<AccountId, Name, Opened>,
    books: Register<BookId, (AccountId, Name), (AccountId, Name)>,
    venues: Register<VenueId, Name, NewVenue>,
}

/// The steps that prices and quantities of an instrument are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub tick: Money,
    pub lot: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub symbol: Symbol,
    pub class: InstrumentClass,
    pub base: Option<AssetId>,
    pub quote: AssetId,
    pub grid: Grid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub name: Name,
    pub user: UserId,
    pub mode: Mode,
    pub kind: AccountKind,
    pub main: BookId,
}

impl Directory {
    /// Takes what an event says about names; other events change nothing.
    pub fn learn(&mut self, event: &Event) {
        match event {
            Event::AssetDefined { asset, code } => self.assets.put(*asset, *code, *code),
            Event::InstrumentListed { instrument, listing } => {
                self.instruments.put(*instrument, listing.symbol, Listed::of(listing));
            }
            Event::UserAdded { user, name } => self.users.put(*user, *name, *name),
            Event::AccountOpened { account, user, name, mode, kind, main } => {
                let opened = Opened { name: *name, user: *user, mode: *mode, kind: *kind, main: *main };
                self.accounts.put(*account, *name, opened);
                if let Ok(name) = Name::new(MAIN) {
                    self.books.put(*main, (*account, name), (*account, name));
                }
            }
            Event::BookOpened { account, book, name } => {
                self.books.put(*book, (*account, *name), (*account, *name));
            }
            Event::CorporateActed { instrument, action: CorporateAction::SymbolChange { symbol } } => {
                if let Some(listed) = self.instruments.get(*instrument).copied() {
                    self.instruments.put(*instrument, *symbol, Listed { symbol: *symbol, ..listed });
                }
            }
            Event::VenueDefined { venue, of } => self.venues.put(*venue, of.name, **of),
            _ => {}
        }
    }

    #[must_use]
    pub fn asset(&self, id: AssetId) -> Option<Name> {
        self.assets.get(id).copied()
    }

    #[must_use]
    pub fn asset_named(&self, name: &str) -> Option<AssetId> {
        self.assets.named(&Text::new(name).ok()?)
    }

    pub fn assets(&self) -> impl Iterator<Item = (AssetId, Name)> {
        self.assets.all().map(|(id, name)| (id, *name))
    }

    #[must_use]
    pub fn instrument(&self, id: InstrumentId) -> Option<&Listed> {
        self.instruments.get(id)
    }

    #[must_use]
    pub fn instrument_named(&self, symbol: &str) -> Option<InstrumentId> {
        self.instruments.named(&Text::new(symbol).ok()?)
    }

    pub fn instruments(&self) -> impl Iterator<Item = (InstrumentId, &Listed)> {
        self.instruments.all()
    }

    #[must_use]
    pub fn grid(&self, id: InstrumentId) -> Option<Grid> {
        self.instrument(id).map(|listed| listed.grid)
    }

    #[must_use]
    pub fn user(&self, id: UserId) -> Option<Name> {
        self.users.get(id).copied()
    }

    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<UserId> {
        self.users.named(&Text::new(name).ok()?)
    }

    pub fn users(&self) -> impl Iterator<Item = (UserId, Name)> {
        self.users.all().map(|(id, name)| (id, *name))
    }

    /// The venues that were defined; `own` is not among them, it has always been there.
    #[must_use]
    pub fn venue(&self, id: VenueId) -> Option<&NewVenue> {
        self.venues.get(id)
    }

    #[must_use]
    pub fn venue_named(&self, name: &str) -> Option<VenueId> {
        if name == VenueId::OWN_NAME {
            return Some(VenueId::OWN);
        }
        self.venues.named(&Text::new(name).ok()?)
    }

    pub fn venues(&self) -> impl Iterator<Item = (VenueId, &NewVenue)> {
        self.venues.all()
    }

    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Opened> {
        self.accounts.get(id)
    }

    #[must_use]
    pub fn account_named(&self, name: &str) -> Option<AccountId> {
        self.accounts.named(&Text::new(name).ok()?)
    }

    pub fn accounts(&self) -> impl Iterator<Item = (AccountId, &Opened)> {
        self.accounts.all()
    }

    /// The account a book belongs to, and its name there.
    #[must_use]
    pub fn book(&self, id: BookId) -> Option<(AccountId, Name)> {
        self.books.get(id).copied()
    }

    #[must_use]
    pub fn book_named(&self, account: AccountId, name: &str) -> Option<BookId> {
        self.books.named(&(account, Text::new(name).ok()?))
    }

    /// The books of one account.
    pub fn books(&self, account: AccountId) -> impl Iterator<Item = (BookId, Name)> {
        self.books.all().filter(move |(_, (owner, _))| *owner == account).map(|(id, (_, name))| (id, *name))
    }
}

impl Listed {
    fn of(listing: &Instrument) -> Self {
        Self {
            symbol: listing.symbol,
            class: listing.class,
            base: listing.base,
            quote: listing.quote,
            grid: Grid { tick: listing.tick, lot: listing.lot },
        }
    }
}

/// Both directions. A tree, not a vector: an id from damaged input must not decide how much is allocated.
#[derive(Clone, Debug)]
struct Register<Id, Key, Entry> {
    by_id: BTreeMap<Id, (Key, Entry)>,
    by_name: BTreeMap<Key, Id>,
}

impl<Id, Key, Entry> Default for Register<Id, Key, Entry> {
    fn default() -> Self {
        Self { by_id: BTreeMap::new(), by_name: BTreeMap::new() }
    }
}

impl<Id: Copy + Ord, Key: Copy + Ord, Entry> Register<Id, Key, Entry> {
    fn put(&mut self, id: Id, key: Key, entry: Entry) {
        if let Some((old, _)) = self.by_id.insert(id, (key, entry))
            && self.by_name.get(&old) == Some(&id)
        {
            self.by_name.remove(&old);
        }
        self.by_name.insert(key, id);
    }

    fn get(&self, id: Id) -> Option<&Entry> {
        self.by_id.get(&id).map(|(_, entry)| entry)
    }

    fn named(&self, key: &Key) -> Option<Id> {
        self.by_name.get(key).copied()
    }

    fn all(&self) -> impl Iterator<Item = (Id, &Entry)> {
        self.by_id.iter().map(|(id, (_, entry))| (*id, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn ids_come_in_any_order_and_a_new_name_replaces_the_old() {
        let mut directory = Directory::default();
        let far = AssetId(u32::MAX);
        for (asset, code) in [(far, "FAR"), (AssetId(0), "USDT"), (far, "NEAR")] {
            directory.learn(&Event::AssetDefined { asset, code: name(code) });
        }
        assert_eq!(directory.asset_named("FAR"), None);
        assert_eq!(directory.asset_named("NEAR"), Some(far));
        assert_eq!(directory.asset(AssetId(0)), Some(name("USDT")));
        assert_eq!(directory.asset_named("not printable\n"), None);
    }

    #[test]
    fn a_book_is_named_in_its_account() {
        let mut directory = Directory::default();
        for (account, book) in [(AccountId(0), BookId(0)), (AccountId(1), BookId(1))] {
            directory.learn(&Event::BookOpened { account, book, name: name("main") });
        }
        assert_eq!(directory.book_named(AccountId(1), "main"), Some(BookId(1)));
        assert_eq!(directory.book(BookId(0)), Some((AccountId(0), name("main"))));
        assert_eq!(directory.books(AccountId(1)).count(), 1);
    }
}
