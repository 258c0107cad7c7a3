//! The words of a line, read from left to right. `#` before anything but a digit starts a comment; a leading
//! `\` makes the rest of a word a plain name. Each method says what it expected where it finds another thing.

use super::words::Worded;
use super::{LineError, OrderNames};
use crate::{
    AccountId, AssetId, BookId, Directory, Grid, InstrumentId, Money, OrderId, OrderRef, Price, Qty, Rate,
    Text, Time, UserId, VenueId,
};
use std::fmt::Display;
use std::str::FromStr;

type Read<T> = Result<T, LineError>;

pub(super) struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
    pub(super) directory: &'a Directory,
    pub(super) orders: &'a OrderNames,
}

/// The place of a word that was passed by.
pub(super) struct Passed(usize);

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a str, directory: &'a Directory, orders: &'a OrderNames) -> Self {
        let words = line.split_ascii_whitespace().take_while(|word| !is_comment(word)).collect();
        Self { words, at: 0, directory, orders }
    }

    pub(super) fn optional(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(word)
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    /// The next word of a clause list: none at the end of the line or of a bracket.
    pub(super) fn option(&mut self) -> Option<&'a str> {
        if self.peek() == Some("]") { None } else { self.optional() }
    }

    pub(super) fn word(&mut self, expected: &str) -> Read<&'a str> {
        self.optional().ok_or_else(|| LineError::new(self.at.saturating_add(1), None, expected))
    }

    /// Passes a word by, to read it when more is known.
    pub(super) fn pass(&mut self, expected: &str) -> Read<Passed> {
        let at = self.at;
        self.word(expected).map(|_later| Passed(at))
    }

    /// Reads a word that was passed by, and goes on from here.
    pub(super) fn read_passed<T>(&mut self, passed: Passed, read: impl Fn(&mut Self) -> Read<T>) -> Read<T> {
        let here = std::mem::replace(&mut self.at, passed.0);
        let found = read(self);
        self.at = here;
        found
    }

    /// Takes this word if it is next.
    pub(super) fn take(&mut self, keyword: &str) -> bool {
        let next = self.peek() == Some(keyword);
        if next {
            self.at = self.at.saturating_add(1);
        }
        next
    }

    pub(super) fn expect(&mut self, keyword: &str) -> Read<()> {
        let expected = format!("`{keyword}`");
        if self.word(&expected)? == keyword { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn end(&self) -> Read<()> {
        match self.peek() {
            None => Ok(()),
            Some(word) => {
                Err(LineError::new(self.at.saturating_add(1), Some(word), "the end of the command"))
            }
        }
    }

    /// The word read last is not what was expected.
    pub(super) fn unexpected(&self, expected: impl Into<String>) -> LineError {
        let last = self.at.checked_sub(1).and_then(|at| self.words.get(at)).copied();
        LineError::new(self.at, last, expected)
    }

    /// Fills a slot that may be filled once.
    pub(super) fn once<T>(&self, slot: &mut Option<T>, value: T) -> Read<()> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(self.unexpected("this to be said only once")),
        }
    }

    pub(super) fn choice<T: Worded>(&mut self, expected: &str) -> Read<T> {
        let word = self.word(expected)?;
        T::of(word).ok_or_else(|| self.unexpected(expected).among(words_of::<T>()))
    }

    pub(super) fn number<T: FromStr>(&mut self, expected: &str) -> Read<T> {
        self.word(expected)?.parse().ok().ok_or_else(|| self.unexpected(expected))
    }

    pub(super) fn text<const N: usize>(&mut self, expected: &str) -> Read<Text<N>> {
        let word = self.word(expected)?;
        Text::new(plain(word)).map_err(|error| self.unexpected(format!("{expected} ({error})")))
    }

    pub(super) fn money(&mut self, expected: &str) -> Read<Money> {
        let word = self.word(expected)?;
        match word.strip_suffix("units") {
            Some(units) => units.parse().ok().map(Money).ok_or_else(|| self.unexpected(expected)),
            None => Money::parse(word).map_err(|error| self.unexpected(format!("{expected} ({error})"))),
        }
    }

    pub(super) fn rate(&mut self, expected: &str) -> Read<Rate> {
        let word = self.word(expected)?;
        Rate::parse(word).map_err(|error| self.unexpected(format!("{expected} ({error})")))
    }

    pub(super) fn time(&mut self, expected: &str) -> Read<Time> {
        let word = self.word(expected)?;
        let nanos = word.strip_suffix("ns").and_then(|nanos| nanos.parse().ok().map(Time));
        nanos.map_or_else(
            || Time::parse(word).map_err(|error| self.unexpected(format!("{expected} ({error})"))),
            Ok,
        )
    }

    /// A price in the grid's terms, or a number of ticks: `100.5`, `201ticks`.
    pub(super) fn price(&mut self, expected: &str, grid: Option<Grid>) -> Read<Price> {
        let word = self.word(expected)?;
        self.steps(word, "ticks", expected, grid.map(|grid| grid.tick)).map(Price)
    }

    /// A quantity in the grid's terms, or a number of lots: `0.5`, `500lots`.
    pub(super) fn qty(&mut self, expected: &str, grid: Option<Grid>) -> Read<Qty> {
        let word = self.word(expected)?;
        self.steps(word, "lots", expected, grid.map(|grid| grid.lot)).map(Qty)
    }

    /// A distance between prices.
    pub(super) fn distance(&mut self, expected: &str, grid: Option<Grid>) -> Read<i64> {
        self.price(expected, grid).map(|price| price.0)
    }

    fn steps(&self, word: &str, unit: &str, expected: &str, step: Option<Money>) -> Read<i64> {
        if let Some(steps) = word.strip_suffix(unit) {
            return steps.parse().ok().ok_or_else(|| self.unexpected(format!("{expected} like 5{unit}")));
        }
        let Some(step) = step.filter(|step| step.0 > 0) else {
            let unknown =
                "its instrument is not known here; for an order no longer remembered say `of INSTRUMENT`";
            return Err(self.unexpected(format!("{expected} like 5{unit} ({unknown})")));
        };
        Money::parse(word)
            .and_then(|amount| amount.steps_of(step))
            .map_err(|error| self.unexpected(format!("{expected} ({error})")))
    }

    pub(super) fn grid(&self, instrument: InstrumentId) -> Option<Grid> {
        self.directory.grid(instrument)
    }

    pub(super) fn asset(&mut self) -> Read<AssetId> {
        let directory = self.directory;
        self.named("an asset", AssetId, |name| directory.asset_named(name))
            .map_err(|error| error.among(directory.assets().map(|(_, name)| name.to_string())))
    }

    pub(super) fn instrument(&mut self) -> Read<InstrumentId> {
        let directory = self.directory;
        self.named("an instrument", InstrumentId, |name| directory.instrument_named(name))
            .map_err(|error| error.among(directory.instruments().map(|(_, entry)| entry.symbol.to_string())))
    }

    pub(super) fn user(&mut self) -> Read<UserId> {
        let directory = self.directory;
        self.named("a user", UserId, |name| directory.user_named(name))
            .map_err(|error| error.among(directory.users().map(|(_, name)| name.to_string())))
    }

    pub(super) fn account(&mut self) -> Read<AccountId> {
        let directory = self.directory;
        self.named("an account", AccountId, |name| directory.account_named(name))
            .map_err(|error| error.among(directory.accounts().map(|(_, entry)| entry.name.to_string())))
    }

    /// A book where the account is clear.
    pub(super) fn book_of(&mut self, account: AccountId) -> Read<BookId> {
        let directory = self.directory;
        self.named("a book of this account", BookId, |name| directory.book_named(account, name))
            .map_err(|error| error.among(directory.books(account).map(|(_, name)| name.to_string())))
    }

    /// A book where nothing else says whose: its account and name, or its number alone.
    pub(super) fn book(&mut self) -> Read<BookId> {
        match self.peek().and_then(hash_number) {
            Some(number) => {
                self.at = self.at.saturating_add(1);
                Ok(BookId(number))
            }
            None => {
                let account = self.account()?;
                self.book_of(account)
            }
        }
    }

    /// A venue by name, or by number.
    pub(super) fn venue(&mut self) -> Read<VenueId> {
        let expected = "a venue";
        let word = self.word(expected)?;
        let named = self.directory.venue_named(plain(word));
        named.or_else(|| word.parse().ok().map(VenueId)).ok_or_else(|| {
            let known = self.directory.venues().map(|(_, venue)| venue.name.to_string());
            self.unexpected(expected).among(std::iter::once(VenueId::OWN_NAME.to_owned()).chain(known))
        })
    }

    /// An order as a command names it: the client's id, or `#` and the order's number.
    pub(super) fn order_ref(&mut self) -> Read<OrderRef> {
        match self.peek().and_then(hash_number) {
            Some(number) => {
                self.at = self.at.saturating_add(1);
                Ok(OrderRef::Id(OrderId(number)))
            }
            None => self.text("an order: its client id, or # and its number").map(OrderRef::Client),
        }
    }

    /// An order by its number, where it must be known by now.
    pub(super) fn order_id(&mut self, account: Option<AccountId>) -> Read<OrderId> {
        let orders = self.orders;
        self.named("an order that is known here, or # and its number", OrderId, |name| {
            orders.find(account?, name)
        })
    }

    fn named<N: FromStr, T>(
        &mut self,
        expected: &str,
        numbered: impl Fn(N) -> T,
        find: impl Fn(&str) -> Option<T>,
    ) -> Read<T> {
        let word = self.word(expected)?;
        let found = match hash_number(word) {
            Some(number) => Some(numbered(number)),
            None => find(plain(word)),
        };
        found.ok_or_else(|| self.unexpected(expected))
    }
}

pub(super) fn words_of<T: Worded>() -> impl Iterator<Item = String> {
    T::WORDS.iter().map(|(word, _)| (*word).to_owned())
}

pub(super) fn hash_number<N: FromStr>(word: &str) -> Option<N> {
    word.strip_prefix('#')?.parse().ok()
}

/// A name without the mark that says it is one.
pub(super) fn plain(word: &str) -> &str {
    word.strip_prefix('\\').unwrap_or(word)
}

fn is_comment(word: &str) -> bool {
    word.strip_prefix('#').is_some_and(|rest| !rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// What a list of clauses may say, as an error tells it.
pub(super) fn one_of(clauses: impl Display) -> String {
    format!("one of {clauses}, or the end")
}
