//! Why there is no report. Each says what is missing or broken, and what to do: a run without data is never a report
//! without trades.

use model::{Event, Reject, Time};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum BacktestError {
    #[error("{what} is missing: {advice}")]
    Missing { what: String, advice: String },
    #[error("{symbol} has no data in the time of the run: import it, or choose a range that it covers")]
    NoData { symbol: String },
    #[error(
        "{symbol} has {bars} bars and the strategy {strategy} decides after {needed}: give it more history"
    )]
    TooShort { symbol: String, strategy: String, bars: u64, needed: u64 },
    #[error(
        "{symbol}: the bar of {at} contradicts itself (open, high, low and close do not fit): repair the data"
    )]
    BrokenBar { symbol: String, at: Time },
    #[error("{symbol}: {at} comes after {after}: sort the data by time")]
    OutOfOrder { symbol: String, at: Time, after: Time },
    #[error("{place}: {fault}")]
    Config { place: String, fault: String },
    #[error("{what} was refused: {reason}")]
    Refused { what: &'static str, reason: Reject },
    #[error("{what} came to no answer: {event:?}")]
    NoAnswer { what: &'static str, event: Option<Box<Event>> },
    #[error("the data cannot be read: {0}")]
    Data(String),
    #[error(transparent)]
    Strategy(#[from] strategy::StrategyError),
    #[error(transparent)]
    Rules(#[from] sim::RulesError),
    #[error(transparent)]
    Analytics(#[from] analytics::AnalyticsError),
}

impl BacktestError {
    pub(crate) fn config(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Config { place: place.into(), fault: fault.into() }
    }
}
