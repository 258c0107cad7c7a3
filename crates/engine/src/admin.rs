//! The commands that set the house up: assets, listings, users, accounts, books, money in and out, settings.
//! Each makes exactly one event, or a refusal that changes nothing.

use crate::Engine;
use crate::clients::{Answer, Key};
use crate::index::{halves, mix, place};
use crate::ledger::House;
use crate::listing::Listed;
use crate::registry::Account;
use crate::venue::{Desk, SentRequests};
use model::{
    AccountId, AccountKind, Bound, Event, Feature, Instrument, InstrumentId, MarginMode, Mode, Money, Name,
    NewAccount, NewVenue, OrderStatus, PositionMode, Reject, Setting, Transfer, VenueKind,
};

const INSTRUMENTS_MAX: usize = 1 << 20;

impl Engine {
    pub(crate) fn define_asset(&mut self, code: Name) -> Result<Event, Reject> {
        let asset = self.registry.define_asset(code)?;
        self.ledger.house.push(House::default());
        Ok(Event::AssetDefined { asset, code })
    }

    pub(crate) fn list(&mut self, listing: &Instrument) -> Result<Event, Reject> {
        let symbol = listing.symbol;
        if self.symbols.contains(&symbol) {
            return Err(Reject::NameTaken { name: symbol });
        }
        if self.listings.len() >= INSTRUMENTS_MAX {
            return Err(Reject::BoundReached { what: Bound::Instruments });
        }
        let kind = self.registry.venue(listing.venue)?.kind;
        let mut listed = Listed::new(listing.clone(), kind, self.registry.kept.assets.len())?;
        let instrument = InstrumentId(place(self.listings.len()));
        self.risk.trades(listed.delivers(), listing.quote, instrument);
        listed.felt = self.guard.watches();
        self.listings.push(listed);
        self.symbols.insert(symbol);
        self.siblings.add(instrument, listing);
        Ok(Event::InstrumentListed { instrument, listing: Box::new(listing.clone()) })
    }

    pub(crate) fn define_venue(&mut self, venue: &NewVenue) -> Result<Event, Reject> {
        let positive = venue.budget.is_none_or(|budget| budget.requests > 0 && budget.window_ns > 0);
        if !positive || venue.patience_ns <= 0 {
            return Err(Reject::AmountNotPositive);
        }
        if venue.budget.is_some_and(|budget| budget.requests > SentRequests::REQUESTS_MAX) {
            return Err(Reject::BoundReached { what: Bound::VenueBudget });
        }
        let id = self.registry.define_venue(*venue)?;
        if venue.kind == VenueKind::Outside {
            self.desks.all.insert(id, Desk::default());
        }
        Ok(Event::VenueDefined { venue: id, of: Box::new(*venue) })
    }

    pub(crate) fn add_user(&mut self, name: Name) -> Result<Event, Reject> {
        self.registry.add_user(name).map(|user| Event::UserAdded { user, name })
    }

    pub(crate) fn open_account(
        &mut self,
        new: &NewAccount,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        if new.user.0 as usize >= self.registry.kept.users.len() {
            return Err(Reject::UnknownUser);
        }
        if new.currency.0 as usize >= self.registry.kept.assets.len() {
            return Err(Reject::UnknownAsset { asset: new.currency });
        }
        if new.mode == Mode::Live || new.broker.is_some() {
            return Err(Reject::NotSupported { what: Feature::LiveTrading });
        }
        if new.position_mode == PositionMode::Hedging {
            return Err(Reject::NotSupported { what: Feature::PositionMode });
        }
        let NewAccount { user, name, mode, kind, currency, margin_mode: margin, .. } = *new;
        if margin == MarginMode::Isolated && !Self::on_margin(kind) {
            return Err(Reject::AccountKindNotAllowed);
        }
        let account = Account { user, name, mode, kind, currency, main: model::BookId(0), margin };
        let (account, main) = self.registry.open_account(account)?;
        if margin == MarginMode::Isolated {
            events.push(Event::AccountOpened { account, user, name, mode, kind, main });
            return Ok(Event::MarginModeSet { account, mode: margin });
        }
        Ok(Event::AccountOpened { account, user, name, mode, kind, main })
    }

    pub(crate) fn open_book(&mut self, account: AccountId, name: Name) -> Result<Event, Reject> {
        self.registry.open_book(account, name).map(|book| Event::BookOpened { account, book, name })
    }

    /// Money in or out. A reference that was used for the same transfer is answered, not done again.
    pub(crate) fn transfer(&mut self, transfer: &Transfer, inward: bool) -> Result<Event, Reject> {
        let Transfer { account, asset, amount, reference } = *transfer;
        self.registry.account(account)?;
        self.catch_up(account);
        let named = reference.map(|reference| (reference, Key::of_transfer(account, &reference)));
        let body = body_of(transfer, inward);
        if let Some((reference, key)) = named
            && let Some(at) = self.clients.find(key, self.time)
        {
            let same = self.clients.entry(at).is_some_and(|entry| entry.body == body);
            return if same {
                Ok(Event::TransferRepeated { account, reference })
            } else {
                Err(Reject::ClientIdReused)
            };
        }
        if amount <= Money::ZERO {
            return Err(Reject::AmountNotPositive);
        }
        if named.is_some() {
            self.clients.check_room()?;
        }
        let event = if inward {
            self.ledger.deposit(account, asset, amount)?;
            self.moved(account, asset, amount.0);
            Event::Deposited { account, asset, amount }
        } else {
            self.ledger.withdraw(account, asset, amount)?;
            self.moved(account, asset, amount.0.saturating_neg());
            Event::Withdrawn { account, asset, amount }
        };
        if let Some((_, key)) = named {
            let at = self.clients.remember(key, body, Answer::Transferred);
            self.clients.end(at, OrderStatus::Filled, self.time);
        }
        Ok(event)
    }

    pub(crate) fn configure(&mut self, setting: Setting) -> Result<Event, Reject> {
        match setting {
            Setting::ClientIdRetention { ns } if ns > 0 => self.clients.set_retention(ns, self.time),
            Setting::ClientIdsMax { count } if count > 0 => self.clients.kept.ids_max = count,
            Setting::AgeMax { input, ns } => self.set_age(input, ns)?,
            Setting::DayStart { account, seconds } => self.set_day(account, seconds)?,
            Setting::Silence { book, ns, policy } => self.set_silence(book, ns, policy)?,
            _ => return Err(Reject::AmountNotPositive),
        }
        Ok(Event::Configured(setting))
    }

    /// Money came in or went out.
    fn moved(&mut self, account: AccountId, asset: model::AssetId, amount: i128) {
        if self.is_on_margin(account) {
            self.touch_account(account);
        }
        self.move_from(account, asset, amount);
    }

    /// Positions against collateral, or payment and delivery?
    pub(crate) fn on_margin(kind: AccountKind) -> bool {
        kind != AccountKind::Cash
    }
}

fn body_of(transfer: &Transfer, inward: bool) -> u64 {
    let amount = transfer.amount.0;
    let (high, low) = halves(amount.cast_unsigned());
    mix(mix(high, low), (u64::from(transfer.asset.0) << 1) | u64::from(inward))
}
