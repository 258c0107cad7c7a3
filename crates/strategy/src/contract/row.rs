//! The row of a strategy in the list: what documents, searches and runners need to know of it.

use super::{Args, Param, Strategy, StrategyError};

/// Which facts of a market it wants to hear; of its own orders and timers it always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    pub bars: bool,
    pub quotes: bool,
    /// Of quotes also those that change sizes only. Without it a strategy has to come to want the same after a quote
    /// at the prices that it was told before, while nothing has happened to it.
    pub sizes: bool,
    pub prints: bool,
}

/// Makes a strategy for so many markets.
pub type Make = fn(&Args, usize) -> Result<Box<dyn Strategy>, StrategyError>;

#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub about: &'static str,
    pub params: &'static [Param],
    /// Pairs of parameters of which the first must be less than the second.
    pub ordered: &'static [(&'static str, &'static str)],
    /// How many markets it trades, at least and at most.
    pub markets: (usize, usize),
    pub reads: Reads,
    /// How many bars it has to see before it can decide.
    pub warm_up: fn(&Args) -> usize,
    pub make: Make,
}

impl Row {
    /// A strategy for so many markets.
    pub fn build(&'static self, args: &Args, markets: usize) -> Result<Box<dyn Strategy>, StrategyError> {
        let (least, most) = self.markets;
        if !(least..=most).contains(&markets) {
            return Err(StrategyError::Markets { strategy: self.name, least, most, given: markets });
        }
        (self.make)(args, markets)
    }
}
