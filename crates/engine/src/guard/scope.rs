//! Scopes: which ones an order passes on its way, and which holdings one takes in.

use crate::Engine;
use crate::ledger::Holding;
use crate::order::Proposal;
use model::{AccountId, InstrumentId, Reject, Scope, UserId, VenueId};

impl Engine {
    /// From the house to the venue, in the order in which an equally tight one is named.
    pub(crate) fn way_of(&self, order: &Proposal) -> [Scope; 7] {
        [
            Scope::House,
            Scope::User(self.user_of(order.account)),
            Scope::Account(order.account),
            Scope::Book(order.book),
            Scope::Instrument(order.instrument),
            Scope::AccountInstrument(order.account, order.instrument),
            Scope::Venue(self.venue_of(order.instrument)),
        ]
    }

    /// Where the instrument is listed.
    pub(crate) fn venue_of(&self, instrument: InstrumentId) -> VenueId {
        self.listings.get(instrument.0 as usize).map_or(VenueId::OWN, |listed| listed.instrument.venue)
    }

    pub(crate) fn user_of(&self, account: AccountId) -> UserId {
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
            Scope::Venue(venue) => self.venue_of(held.instrument) == venue,
        }
    }

    pub(crate) fn check_user(&self, user: UserId) -> Result<(), Reject> {
        let known = (user.0 as usize) < self.registry.kept.users.len();
        if known { Ok(()) } else { Err(Reject::UnknownUser) }
    }
}
