//! What stands and what may come of it, summed along the way from a book to the house: net positions, open
//! orders of both sides, how many of each. Kept only while a limit stands anywhere. All of it follows from
//! holdings and resting orders, so it is in no snapshot; sums wrap, so that they never depend on their order.
//! Beside them is the leave of each account, which every change takes from.

use super::leave::Leave;
use model::{AccountId, BookId, InstrumentId, Qty, Side, UserId, VenueId};
use std::collections::BTreeMap;

/// A position in one instrument with its open orders: of a book, an account, a user, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Line {
    pub(crate) net: i64,
    pub(crate) buys: i64,
    pub(crate) sells: i64,
    /// The worst cases of the books in it, as sizes.
    pub(crate) gross: i64,
    pub(crate) orders: u32,
    /// Accounts that have a position or an open order in it.
    pub(crate) positions: u32,
    /// Of an account's: what a lot is worth, see [`Leave`]; 0 is unknown.
    pub(crate) lot: i64,
}

impl Line {
    /// The position if all open orders of the side fill, positive on that side.
    #[inline]
    pub(crate) fn toward(&self, side: Side) -> i64 {
        match side {
            Side::Buy => self.net.saturating_add(self.buys),
            Side::Sell => self.sells.saturating_sub(self.net),
        }
    }

    /// The larger of the two worlds: all buys fill, or all sells do.
    #[inline]
    pub(crate) fn worst(&self) -> i64 {
        self.toward(Side::Buy).saturating_abs().max(self.toward(Side::Sell).saturating_abs())
    }

    /// With so much more open on a side.
    #[inline]
    pub(crate) fn with(mut self, side: Side, qty: i64) -> Self {
        let open = self.open_mut(side);
        *open = open.saturating_add(qty);
        self
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally { orders: self.orders, positions: self.positions }
    }

    #[inline]
    pub(crate) fn is_live(&self) -> bool {
        (self.net | self.buys | self.sells) != 0
    }

    #[inline]
    fn open_mut(&mut self, side: Side) -> &mut i64 {
        match side {
            Side::Buy => &mut self.buys,
            Side::Sell => &mut self.sells,
        }
    }
}

/// Where nothing was ever ordered.
pub(crate) const NOTHING: Line =
    Line { net: 0, buys: 0, sells: 0, gross: 0, orders: 0, positions: 0, lot: 0 };

/// Open orders and positions over all instruments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) orders: u32,
    pub(crate) positions: u32,
}

/// An account over all instruments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
struct Whole {
    tally: Tally,
    leave: Leave,
}

/// Where a holding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) exposure: u32,
    /// Of its user in its instrument.
    shared: u32,
    pub(crate) instrument: InstrumentId,
    pub(crate) account: AccountId,
    pub(crate) book: BookId,
    pub(crate) user: UserId,
    pub(crate) venue: VenueId,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) on: bool,
    places: Vec<Place>,
    holdings: Vec<Line>,
    exposures: Vec<Line>,
    shared: Vec<Line>,
    instruments: Vec<Line>,
    books: Vec<Tally>,
    accounts: Vec<Whole>,
    users: Vec<Tally>,
    venues: Vec<Tally>,
    house: Tally,
    by_user: BTreeMap<(UserId, InstrumentId), u32>,
}

/// A change of one holding.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    net: i64,
    buys: i64,
    sells: i64,
    orders: i32,
}

impl Lines {
    /// Of nothing yet.
    pub(crate) fn started() -> Self {
        Self { on: true, ..Self::default() }
    }

    /// The next holding, of the account's user, in an instrument of the venue.
    pub(crate) fn add(
        &mut self,
        exposure: u32,
        (user, venue): (UserId, VenueId),
        (account, book, instrument): (AccountId, BookId, InstrumentId),
    ) {
        let next = crate::index::place(self.shared.len());
        let shared = *self.by_user.entry((user, instrument)).or_insert(next);
        if shared == next {
            self.shared.push(Line::default());
        }
        self.places.push(Place { exposure, shared, instrument, account, book, user, venue });
        self.holdings.push(Line::default());
        reach(&mut self.exposures, exposure);
        reach(&mut self.instruments, instrument.0);
        reach(&mut self.books, book.0);
        reach(&mut self.accounts, account.0);
        reach(&mut self.users, user.0);
        reach(&mut self.venues, venue.0.into());
    }

    /// A holding has traded so much, signed, for so much and a fee.
    #[inline(never)]
    pub(crate) fn fill(&mut self, holding: u32, qty: i64, value: i128, fee: i128) {
        let Some(place) = self.change(holding, Change { net: qty, ..Change::default() }) else { return };
        let Some(exposure) = self.exposures.get(place.exposure as usize) else { return };
        if let Some(whole) = self.accounts.get_mut(place.account.0 as usize) {
            whole.leave.trade(exposure.lot, qty, value, fee);
        }
    }

    /// A holding's position has become another by so much without a trade.
    pub(crate) fn shift(&mut self, holding: u32, qty: i64) {
        if let Some(place) = self.change(holding, Change { net: qty, ..Change::default() }) {
            self.end_leave(place.account);
        }
    }

    /// What is open of one of a holding's orders went from one quantity to another.
    #[inline(never)]
    pub(crate) fn reopen(&mut self, holding: u32, side: Side, before: Qty, after: Qty) {
        let by = after.0.wrapping_sub(before.0);
        let orders = i32::from(after > Qty::ZERO).wrapping_sub(i32::from(before > Qty::ZERO));
        let (buys, sells) = if side == Side::Buy { (by, 0) } else { (0, by) };
        self.change(holding, Change { net: 0, buys, sells, orders });
    }

    #[inline(always)]
    fn change(&mut self, at: u32, change: Change) -> Option<Place> {
        let place = *self.places.get(at as usize)?;
        let holding = self.holdings.get_mut(at as usize)?;
        let (worst, live) = (holding.gross, holding.is_live());
        apply(holding, &change, 0, 0);
        holding.gross = holding.worst();
        let gross = holding.gross.wrapping_sub(worst);
        let book_lives = i32::from(holding.is_live()).wrapping_sub(i32::from(live));
        let exposure = self.exposures.get_mut(place.exposure as usize)?;
        let live = exposure.is_live();
        apply(exposure, &change, gross, 0);
        let lives = i32::from(exposure.is_live()).wrapping_sub(i32::from(live));
        exposure.positions = u32::from(exposure.is_live());
        let (more, lot) = (change.more(), exposure.lot);
        if more > 0
            && let Some(whole) = self.accounts.get_mut(place.account.0 as usize)
        {
            whole.leave.open(lot, more);
        }
        apply(self.shared.get_mut(place.shared as usize)?, &change, gross, lives);
        apply(self.instruments.get_mut(place.instrument.0 as usize)?, &change, gross, lives);
        if (change.orders | lives | book_lives) != 0 {
            self.books.get_mut(place.book.0 as usize)?.count(change.orders, book_lives);
            self.accounts.get_mut(place.account.0 as usize)?.tally.count(change.orders, lives);
            self.users.get_mut(place.user.0 as usize)?.count(change.orders, lives);
            self.venues.get_mut(usize::from(place.venue.0))?.count(change.orders, lives);
            self.house.count(change.orders, lives);
        }
        Some(place)
    }

    /// Whether the sums are the same, whatever leave there is.
    pub(crate) fn sums_to(&self, other: &Self) -> bool {
        let sums = |lines: &Self| {
            let mut lines = lines.clone();
            lines.accounts.iter_mut().for_each(|whole| whole.leave = Leave::NONE);
            lines.exposures.iter_mut().for_each(|line| line.lot = 0);
            lines
        };
        sums(self) == sums(other)
    }

    /// A holding in its instrument: of the book, the account, the user, all.
    #[inline]
    pub(crate) fn around(&self, holding: u32, place: &Place) -> [&Line; 4] {
        let shared = self.shared.get(place.shared as usize).unwrap_or(&NOTHING);
        let (own, all) = (self.of_holding(holding), self.of_instrument(place.instrument));
        [own, self.of_exposure(place.exposure), shared, all]
    }

    /// At the house, the user, the instrument and the venue, the account, the book, the account in the instrument.
    #[inline]
    pub(crate) fn tallies(&self, place: &Place) -> [Tally; 7] {
        [
            self.house,
            self.of_user(place.user),
            self.of_instrument(place.instrument).tally(),
            self.of_venue(place.venue),
            self.of_account(place.account),
            self.of_book(place.book),
            self.of_exposure(place.exposure).tally(),
        ]
    }

    #[inline]
    pub(crate) fn leave(&self, account: AccountId) -> &Leave {
        self.accounts.get(account.0 as usize).map_or(&Leave::NONE, |whole| &whole.leave)
    }

    pub(crate) fn grant_leave(&mut self, account: AccountId, leave: Leave) {
        if let Some(whole) = self.accounts.get_mut(account.0 as usize) {
            whole.leave = leave;
        }
    }

    /// What the account is worth has changed otherwise than by a trade.
    pub(crate) fn end_leave(&mut self, account: AccountId) {
        self.grant_leave(account, Leave::NONE);
    }

    pub(crate) fn set_lot(&mut self, exposure: u32, lot: i64) {
        if let Some(line) = self.exposures.get_mut(exposure as usize) {
            line.lot = lot;
        }
    }

    #[inline]
    pub(crate) fn of_holding(&self, holding: u32) -> &Line {
        self.holdings.get(holding as usize).unwrap_or(&NOTHING)
    }

    #[inline]
    pub(crate) fn of_exposure(&self, exposure: u32) -> &Line {
        self.exposures.get(exposure as usize).unwrap_or(&NOTHING)
    }

    pub(crate) fn of_user_in(&self, user: UserId, instrument: InstrumentId, holding: u32) -> &Line {
        let known = self.places.get(holding as usize).map(|place| place.shared);
        let shared = known.or_else(|| self.by_user.get(&(user, instrument)).copied());
        shared.and_then(|at| self.shared.get(at as usize)).unwrap_or(&NOTHING)
    }

    #[inline]
    pub(crate) fn of_instrument(&self, instrument: InstrumentId) -> &Line {
        self.instruments.get(instrument.0 as usize).unwrap_or(&NOTHING)
    }

    #[inline]
    pub(crate) fn of_book(&self, book: BookId) -> Tally {
        self.books.get(book.0 as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn of_account(&self, account: AccountId) -> Tally {
        self.accounts.get(account.0 as usize).map(|whole| whole.tally).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn of_user(&self, user: UserId) -> Tally {
        self.users.get(user.0 as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn of_venue(&self, venue: VenueId) -> Tally {
        self.venues.get(usize::from(venue.0)).copied().unwrap_or_default()
    }

    pub(crate) fn of_house(&self) -> Tally {
        self.house
    }

    #[inline]
    pub(crate) fn place(&self, holding: u32) -> Option<&Place> {
        self.places.get(holding as usize)
    }

    #[inline]
    pub(crate) fn prefetch(&self, holding: u32) {
        crate::book::prefetch(&self.places, holding as usize);
        crate::book::prefetch(&self.holdings, holding as usize);
    }

    /// What a holding's place leads to.
    #[inline]
    pub(crate) fn prefetch_around(&self, holding: u32) {
        if let Some(place) = self.place(holding) {
            crate::book::prefetch(&self.exposures, place.exposure as usize);
            crate::book::prefetch(&self.accounts, place.account.0 as usize);
            crate::book::prefetch(&self.books, place.book.0 as usize);
        }
    }
}

impl Change {
    /// By how many lots the worse of both worlds may have grown.
    #[inline]
    fn more(&self) -> i64 {
        self.net.saturating_abs().saturating_add(self.buys.max(0)).saturating_add(self.sells.max(0))
    }
}

#[inline(always)]
fn apply(line: &mut Line, change: &Change, gross: i64, lives: i32) {
    line.net = line.net.wrapping_add(change.net);
    line.buys = line.buys.wrapping_add(change.buys);
    line.sells = line.sells.wrapping_add(change.sells);
    line.gross = line.gross.wrapping_add(gross);
    line.orders = line.orders.wrapping_add_signed(change.orders);
    line.positions = line.positions.wrapping_add_signed(lives);
}

impl Tally {
    #[inline]
    fn count(&mut self, orders: i32, positions: i32) {
        self.orders = self.orders.wrapping_add_signed(orders);
        self.positions = self.positions.wrapping_add_signed(positions);
    }
}

fn reach<T: Clone + Default>(all: &mut Vec<T>, at: u32) {
    let len = (at as usize).saturating_add(1);
    if all.len() < len {
        all.resize(len, T::default());
    }
}
