//! Writes the words of a line. A name is written only where it leads back to the same id; numbers are written
//! in the instrument's own terms where those are known and exact. So what is written can always be read.

use super::OrderNames;
use super::words::Worded;
use crate::{
    AccountId, AssetId, BookId, Directory, Grid, InstrumentId, Money, OrderId, OrderRef, Price, Qty, Rate,
    Text, Time, UserId, VenueId,
};
use std::fmt::{Display, Write};

pub(super) struct Pen<'a> {
    out: String,
    pub(super) directory: &'a Directory,
    pub(super) orders: &'a OrderNames,
}

impl<'a> Pen<'a> {
    pub(super) fn new(directory: &'a Directory, orders: &'a OrderNames) -> Self {
        Self { out: String::new(), directory, orders }
    }

    pub(super) fn done(self) -> String {
        self.out
    }

    pub(super) fn word(&mut self, word: impl Display) -> &mut Self {
        if !self.out.is_empty() {
            self.out.push(' ');
        }
        write!(self.out, "{word}").unwrap_or_default();
        self
    }

    pub(super) fn words(&mut self, keyword: &str, word: impl Display) -> &mut Self {
        self.word(keyword).word(word)
    }

    pub(super) fn choice<T: Worded>(&mut self, value: T) -> &mut Self {
        self.word(value.word())
    }

    pub(super) fn text<const N: usize>(&mut self, text: &Text<N>) -> &mut Self {
        let text = text.as_str();
        let mark = if text.starts_with(['#', '\\']) { "\\" } else { "" };
        self.word(format_args!("{mark}{text}"))
    }

    pub(super) fn money(&mut self, money: Money) -> &mut Self {
        if money.0 == i128::MIN { self.word(format_args!("{}units", money.0)) } else { self.word(money) }
    }

    pub(super) fn rate(&mut self, rate: Rate) -> &mut Self {
        self.word(rate)
    }

    pub(super) fn time(&mut self, time: Time) -> &mut Self {
        let text = time.to_string();
        if Time::parse(&text) == Ok(time) { self.word(text) } else { self.word(format_args!("{}ns", time.0)) }
    }

    pub(super) fn price(&mut self, price: Price, grid: Option<Grid>) -> &mut Self {
        self.steps(price.0, "ticks", grid.map(|grid| grid.tick))
    }

    pub(super) fn qty(&mut self, qty: Qty, grid: Option<Grid>) -> &mut Self {
        self.steps(qty.0, "lots", grid.map(|grid| grid.lot))
    }

    /// A distance between prices.
    pub(super) fn distance(&mut self, ticks: i64, grid: Option<Grid>) -> &mut Self {
        self.price(Price(ticks), grid)
    }

    fn steps(&mut self, steps: i64, unit: &str, step: Option<Money>) -> &mut Self {
        let amount =
            step.filter(|step| step.0 > 0).and_then(|step| i128::from(steps).checked_mul(step.0)).map(Money);
        match amount.filter(|amount| amount.0 != i128::MIN) {
            Some(amount) => self.word(amount),
            None => self.word(format_args!("{steps}{unit}")),
        }
    }

    pub(super) fn grid(&self, instrument: InstrumentId) -> Option<Grid> {
        self.directory.grid(instrument)
    }

    pub(super) fn grid_of(&self, order: OrderId) -> Option<Grid> {
        self.grid(self.orders.instrument_of(order)?)
    }

    pub(super) fn asset(&mut self, id: AssetId) -> &mut Self {
        let name = self.directory.asset(id);
        match name.filter(|name| self.directory.asset_named(name.as_str()) == Some(id)) {
            Some(name) => self.text(&name),
            None => self.word(format_args!("#{id}")),
        }
    }

    pub(super) fn instrument(&mut self, id: InstrumentId) -> &mut Self {
        let symbol = self.directory.instrument(id).map(|entry| entry.symbol);
        match symbol.filter(|symbol| self.directory.instrument_named(symbol.as_str()) == Some(id)) {
            Some(symbol) => self.text(&symbol),
            None => self.word(format_args!("#{id}")),
        }
    }

    pub(super) fn user(&mut self, id: UserId) -> &mut Self {
        let name = self.directory.user(id);
        match name.filter(|name| self.directory.user_named(name.as_str()) == Some(id)) {
            Some(name) => self.text(&name),
            None => self.word(format_args!("#{id}")),
        }
    }

    pub(super) fn account(&mut self, id: AccountId) -> &mut Self {
        match self.account_name(id) {
            Some(name) => self.text(&name),
            None => self.word(format_args!("#{id}")),
        }
    }

    fn account_name(&self, id: AccountId) -> Option<Text<32>> {
        let name = self.directory.account(id)?.name;
        (self.directory.account_named(name.as_str()) == Some(id)).then_some(name)
    }

    /// A book where the account is clear.
    pub(super) fn book_of(&mut self, account: AccountId, id: BookId) -> &mut Self {
        let name = self.directory.book(id).map(|(_, name)| name);
        match name.filter(|name| self.directory.book_named(account, name.as_str()) == Some(id)) {
            Some(name) => self.text(&name),
            None => self.word(format_args!("#{id}")),
        }
    }

    /// A book where nothing else says whose.
    pub(super) fn book(&mut self, id: BookId) -> &mut Self {
        let named = self.directory.book(id).and_then(|(account, name)| {
            let same = self.directory.book_named(account, name.as_str()) == Some(id);
            same.then_some((self.account_name(account)?, name))
        });
        match named {
            Some((account, name)) => self.text(&account).text(&name),
            None => self.word(format_args!("#{id}")),
        }
    }

    pub(super) fn venue(&mut self, id: VenueId) -> &mut Self {
        if id == VenueId(0) {
            return self.word(VenueId::OWN_NAME);
        }
        let name = self.directory.venue(id).map(|venue| venue.name);
        match name.filter(|name| self.directory.venue_named(name.as_str()) == Some(id)) {
            Some(name) => self.text(&name),
            None => self.word(id),
        }
    }

    pub(super) fn order_ref(&mut self, order: OrderRef) -> &mut Self {
        match order {
            OrderRef::Id(id) => self.word(format_args!("#{id}")),
            OrderRef::Client(client) => self.text(&client),
        }
    }

    /// An order by number, so that it is read back whoever's it is.
    pub(super) fn order_id(&mut self, id: OrderId) -> &mut Self {
        self.word(format_args!("#{id}"))
    }

    /// An order as its owner calls it.
    pub(super) fn order(&mut self, id: OrderId) -> &mut Self {
        match self.orders.client_order_id(id) {
            Some(client) => self.text(&client),
            None => self.order_id(id),
        }
    }
}
