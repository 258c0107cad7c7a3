//! Scopes: which ones an order passes on its way, which holdings one takes in, and whether there is such a one.

use crate::Engine;
use crate::ledger::Holding;
use crate::order::Proposal;
use model::{Reject, Scope, UserId};

impl Engine {
    /// From the house to the venue, in the order in which an equally tight one is named.
    pub(crate) fn way_of(&self, order: &Proposal) -> [Scope; 7] {
        let listed = self.listings.get(order.instrument.0 as usize);
        let venue = listed.map_or(model::VenueId(0), |listed| listed.instrument.venue);
        [
            Scope::House,
            Scope::User(self.user_of(order.account)),
            Scope::Account(order.account),
            Scope::Book(order.book),
            Scope::Instrument(order.instrument),
            Scope::AccountInstrument(order.account, order.instrument),
            Scope::Venue(venue),
        ]
    }

    pub(crate) fn user_of(&self, account: model::AccountId) -> UserId {
        self.registry.account(account).map_or(UserId(u32::MAX), |account| account.user)
    }

    /// Whether a holding is in the scope.
    pub(crate) fn covers(&self, scope: Scope, held: &Holding) -> bool {
        match scope {
            Scope::House => true,
            Scope::User(user) => self.user_of(held.account) == user,
            Scope::Account(account) => held.account == account,
            Scope::Book(book) => held.book == book,
            Scope::Instrument(instrument) => held.instrument == instrument,
            Scope::AccountInstrument(account, instrument) => {
                held.account == account && held.instrument == instrument
            }
            Scope::Venue(venue) => {
                let listed = self.listings.get(held.instrument.0 as usize);
                listed.is_some_and(|listed| listed.instrument.venue == venue)
            }
        }
    }

    pub(crate) fn check_scope(&self, scope: Scope) -> Result<(), Reject> {
        let kept = &self.registry.kept;
        match scope {
            Scope::House => Ok(()),
            Scope::User(user) => self.check_user(user),
            Scope::Account(account) => self.registry.account(account).map(drop),
            Scope::Book(book) if (book.0 as usize) < kept.books.len() => Ok(()),
            Scope::Book(book) => Err(Reject::UnknownBook { book }),
            Scope::Instrument(instrument) => self.check_instrument(instrument),
            Scope::AccountInstrument(account, instrument) => {
                self.registry.account(account)?;
                self.check_instrument(instrument)
            }
            Scope::Venue(model::VenueId(0)) => Ok(()),
            Scope::Venue(venue) => Err(Reject::UnknownVenue { venue }),
        }
    }

    fn check_instrument(&self, instrument: model::InstrumentId) -> Result<(), Reject> {
        let known = (instrument.0 as usize) < self.listings.len();
        if known { Ok(()) } else { Err(Reject::UnknownInstrument { instrument }) }
    }

    pub(crate) fn check_user(&self, user: UserId) -> Result<(), Reject> {
        let known = (user.0 as usize) < self.registry.kept.users.len();
        if known { Ok(()) } else { Err(Reject::UnknownUser) }
    }
}
