//! What goes into an indicator: a bar, a quote, a print, or a pair of values of two series.
//! Every number is finite and at most 1e15, so that no sum, square or product of them is infinite.

use super::Error;
use model::Side;
use std::fmt;

const LARGEST: f64 = 1e15;

/// One bar; `time` is when it began, in nanoseconds since 1970. What it says is known once it is closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    pub time: i64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

/// The best bid and ask, with what stands there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    pub time: i64,
    pub bid: f64,
    pub bid_qty: f64,
    pub ask: f64,
    pub ask_qty: f64,
}

/// A trade of others, with the side that took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Print {
    pub time: i64,
    pub price: f64,
    pub qty: f64,
    pub aggressor: Side,
}

/// The values of two series at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub time: i64,
    pub x: f64,
    pub y: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    Bar(Bar),
    Quote(Quote),
    Print(Print),
    Pair(Pair),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bar,
    Quote,
    Print,
    Pair,
}

/// A column of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Time,
    Open,
    High,
    Low,
    Close,
    Volume,
    Quote,
    Print,
    X,
    Y,
}

impl Bar {
    /// A bar that is one price: for a series that has no bars, such as another indicator's values.
    #[must_use]
    pub fn of(price: f64) -> Self {
        Self { time: 0, open: price, high: price, low: price, close: price, volume: 0.0 }
    }

    #[must_use]
    pub fn typical(&self) -> f64 {
        (self.high + self.low + self.close) / 3.0
    }

    #[must_use]
    pub fn median(&self) -> f64 {
        f64::midpoint(self.high, self.low)
    }

    #[must_use]
    pub fn range(&self) -> f64 {
        self.high - self.low
    }

    fn check(&self) -> Result<(), Error> {
        bounded("open", self.open)?;
        bounded("high", self.high)?;
        bounded("low", self.low)?;
        bounded("close", self.close)?;
        not_negative("volume", self.volume)?;
        let Self { open, high, low, close, .. } = *self;
        if low > open.min(close) || high < open.max(close) {
            return Err(Error::BrokenBar { open, high, low, close });
        }
        Ok(())
    }
}

impl Quote {
    #[must_use]
    pub fn mid(&self) -> f64 {
        f64::midpoint(self.bid, self.ask)
    }

    fn check(&self) -> Result<(), Error> {
        bounded("bid", self.bid)?;
        bounded("ask", self.ask)?;
        not_negative("bid_qty", self.bid_qty)?;
        not_negative("ask_qty", self.ask_qty)
    }
}

impl Print {
    /// The quantity, negative where the seller took.
    #[must_use]
    pub fn signed_qty(&self) -> f64 {
        match self.aggressor {
            Side::Buy => self.qty,
            Side::Sell => -self.qty,
        }
    }

    fn check(&self) -> Result<(), Error> {
        bounded("price", self.price)?;
        not_negative("qty", self.qty)
    }
}

impl Input {
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bar(_) => Kind::Bar,
            Self::Quote(_) => Kind::Quote,
            Self::Print(_) => Kind::Print,
            Self::Pair(_) => Kind::Pair,
        }
    }

    #[must_use]
    pub fn time(&self) -> i64 {
        match self {
            Self::Bar(bar) => bar.time,
            Self::Quote(quote) => quote.time,
            Self::Print(print) => print.time,
            Self::Pair(pair) => pair.time,
        }
    }

    pub fn check(&self) -> Result<(), Error> {
        match self {
            Self::Bar(bar) => bar.check(),
            Self::Quote(quote) => quote.check(),
            Self::Print(print) => print.check(),
            Self::Pair(pair) => bounded("x", pair.x).and_then(|()| bounded("y", pair.y)),
        }
    }

    /// A column that is a number; none where the input has no such column.
    pub(super) fn column(&self, field: Field) -> Option<f64> {
        match (self, field) {
            (Self::Bar(bar), Field::Open) => Some(bar.open),
            (Self::Bar(bar), Field::High) => Some(bar.high),
            (Self::Bar(bar), Field::Low) => Some(bar.low),
            (Self::Bar(bar), Field::Close) => Some(bar.close),
            (Self::Bar(bar), Field::Volume) => Some(bar.volume),
            (Self::Pair(pair), Field::X) => Some(pair.x),
            (Self::Pair(pair), Field::Y) => Some(pair.y),
            _ => None,
        }
    }
}

impl Field {
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Quote => Kind::Quote,
            Self::Print => Kind::Print,
            Self::X | Self::Y => Kind::Pair,
            _ => Kind::Bar,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Quote => "quote",
            Self::Print => "print",
            Self::X => "x",
            Self::Y => "y",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bar => "bar",
            Self::Quote => "quote",
            Self::Print => "print",
            Self::Pair => "pair",
        })
    }
}

impl From<Bar> for Input {
    fn from(bar: Bar) -> Self {
        Self::Bar(bar)
    }
}

impl From<Quote> for Input {
    fn from(quote: Quote) -> Self {
        Self::Quote(quote)
    }
}

impl From<Print> for Input {
    fn from(print: Print) -> Self {
        Self::Print(print)
    }
}

impl From<Pair> for Input {
    fn from(pair: Pair) -> Self {
        Self::Pair(pair)
    }
}

fn bounded(field: &'static str, value: f64) -> Result<(), Error> {
    if !value.is_finite() {
        return Err(Error::NotFinite { field });
    }
    if value.abs() > LARGEST {
        return Err(Error::TooLarge { field, value });
    }
    Ok(())
}

fn not_negative(field: &'static str, value: f64) -> Result<(), Error> {
    bounded(field, value)?;
    if value < 0.0 {
        return Err(Error::Negative { field, value });
    }
    Ok(())
}
