//! What a strategy is: facts in, intents out. It hears closed bars, quotes, prints, its own fills, the ends of its
//! orders and its timers, in the order of time, and says what it wants. It never sees a venue, a clock or a thread, so
//! that the same code runs over the past, on paper and live. All of its state can be saved and restored.

mod intent;
mod param;
mod row;
mod view;

pub use intent::{Bracket, Intent, Intents, Order, Tag};
pub use param::{Args, Param};
pub use row::{Reads, Row};
pub use view::{Ended, Fill, Look, Market, View};

use model::{Bar, Print, Qty, Quote};
use thiserror::Error;

/// What is asked for. `at` is the place of a market in the list that the strategy was given.
pub trait Strategy: Send {
    /// A bar has closed.
    fn on_bar(&mut self, _at: usize, _bar: &Bar, _view: &View<'_>, _out: &mut Intents) {}

    /// Takes in bars that it would only watch, from the first, and says how many: up to the first on which it would
    /// want something, which it leaves untouched. Must come to the same state as `on_bar` for each of them; the
    /// position is `held` throughout. A runner may call it where nothing of the strategy is open, so that a bar on
    /// which nothing happens costs next to nothing.
    fn pass(&mut self, _at: usize, _bars: &[Bar], _held: Qty) -> usize {
        0
    }

    fn on_quote(&mut self, _at: usize, _quote: &Quote, _view: &View<'_>, _out: &mut Intents) {}

    fn on_print(&mut self, _at: usize, _print: &Print, _view: &View<'_>, _out: &mut Intents) {}

    fn on_fill(&mut self, _fill: &Fill, _view: &View<'_>, _out: &mut Intents) {}

    /// An order of its own is over without being filled whole, or was refused.
    fn on_end(&mut self, _ended: &Ended, _view: &View<'_>, _out: &mut Intents) {}

    /// The moment has come that it asked to be woken at.
    fn on_timer(&mut self, _tag: Tag, _view: &View<'_>, _out: &mut Intents) {}

    /// Prices of a market are `old / new` of what they were from here on, and its lots `new / old` as many. What is
    /// remembered of prices has to follow, or it compares what cannot be compared; positions and orders already have.
    fn on_split(&mut self, _at: usize, _old: u32, _new: u32) {}

    /// All that it needs to go on.
    fn save(&self) -> Result<Vec<u8>, StrategyError>;

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError>;
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum StrategyError {
    #[error("no strategy is called {name}; there are {known}")]
    UnknownStrategy { name: String, known: String },
    #[error("{strategy} has no parameter {name}; it has {has}")]
    UnknownParameter { strategy: &'static str, name: String, has: String },
    #[error("{strategy}: {name} is {value}; give a number from {low} to {high}")]
    OutOfBounds { strategy: &'static str, name: &'static str, value: f64, low: f64, high: f64 },
    #[error("{strategy}: {name} is {value}; give a whole number")]
    NotWhole { strategy: &'static str, name: &'static str, value: f64 },
    #[error("{strategy}: {less} must be less than {more}; they are {less_value} and {more_value}")]
    Order { strategy: &'static str, less: &'static str, more: &'static str, less_value: f64, more_value: f64 },
    #[error("{strategy} trades from {least} to {most} markets and was given {given}")]
    Markets { strategy: &'static str, least: usize, most: usize, given: usize },
    #[error("the state is not one of this strategy: start it anew and feed the past")]
    BadState,
    #[error(transparent)]
    Indicator(#[from] crate::indicator::Error),
}

/// A state as bytes.
pub(crate) fn save<T: serde::Serialize>(state: &T) -> Result<Vec<u8>, StrategyError> {
    postcard::to_allocvec(state).map_err(|_error| StrategyError::BadState)
}

pub(crate) fn load<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, StrategyError> {
    match postcard::take_from_bytes(bytes) {
        Ok((state, [])) => Ok(state),
        _ => Err(StrategyError::BadState),
    }
}
