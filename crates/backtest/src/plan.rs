//! What a run is: its markets with their data, its accounts, its strategies and the rules of the venue, all by value,
//! so that a search can change one number and run it again.

use crate::acts::Act;
use crate::error::BacktestError;
use crate::feed::Feed;
use model::{AccountKind, Fees, InstrumentClass, MarginRates, Money, Qty, Rate, Time};
use sim::Rules;
use std::fmt;
use std::sync::Arc;
use strategy::{Args, Reads, Strategy, StrategyError, strategies};

#[derive(Clone, Debug)]
pub struct Plan {
    pub name: String,
    pub markets: Vec<MarketPlan>,
    pub accounts: Vec<AccountPlan>,
    pub strategies: Vec<StrategyPlan>,
    pub rules: Rules,
    /// Limits of risk, as lines of the command language: `limit account main daily_loss 1000 USD policy halt`.
    pub limits: Vec<String>,
    /// Markets and their shares, to hold the result against; what is left of them is cash. Empty for none.
    pub benchmark: Vec<(usize, f64)>,
    /// Strategies hear everything, and nothing that they want is done, before this.
    pub trade_from: Option<Time>,
    /// Trades to keep; figures count all of them.
    pub trades_kept: usize,
    /// Points of the equity curve to keep, evenly spread.
    pub points_kept: usize,
}

#[derive(Clone, Debug)]
pub struct MarketPlan {
    pub symbol: String,
    pub class: InstrumentClass,
    pub base: String,
    pub quote: String,
    pub tick: Money,
    pub lot: Money,
    pub multiplier: Money,
    pub fees: Fees,
    pub margin: MarginRates,
    pub qty_max: Qty,
    pub sector: Option<String>,
    /// Funding, splits, dividends and the like, in order of time.
    pub acts: Arc<[(Time, Act)]>,
    /// What a short position pays a year, of its value at each midnight (UTC).
    pub borrow: Rate,
    pub feed: Feed,
}

#[derive(Clone, Debug)]
pub struct AccountPlan {
    pub name: String,
    pub kind: AccountKind,
    pub currency: String,
    pub cash: Money,
}

#[derive(Clone, Debug)]
pub struct StrategyPlan {
    pub name: String,
    pub kind: String,
    /// Its place in the list of accounts, and of markets.
    pub account: usize,
    pub markets: Vec<usize>,
    pub params: Vec<(String, f64)>,
    /// One that is not in the list.
    pub made: Option<Made>,
}

/// Makes a strategy of one's own, anew for every run.
pub type Maker = dyn Fn() -> Result<Box<dyn Strategy>, StrategyError> + Send + Sync;

#[derive(Clone)]
pub struct Made {
    pub reads: Reads,
    pub warm_up: usize,
    pub make: Arc<Maker>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("reads", &self.reads).finish_non_exhaustive()
    }
}

impl StrategyPlan {
    /// The strategy, which facts it reads, and how many bars it needs.
    pub(crate) fn build(&self) -> Result<(Box<dyn Strategy>, Reads, usize), BacktestError> {
        if let Some(made) = &self.made {
            return Ok(((made.make)()?, made.reads, made.warm_up));
        }
        let row = strategies::find(&self.kind)?;
        let args = Args::resolve(row, self.params.iter().map(|(name, value)| (name.as_str(), *value)))?;
        Ok((row.build(&args, self.markets.len())?, row.reads, (row.warm_up)(&args)))
    }
}

impl Plan {
    pub const TRADES_KEPT: usize = 100_000;
    pub const POINTS_KEPT: usize = 4_096;
}

impl MarketPlan {
    /// A market on bars whose ticks and lots are one unit, without fees: set what differs.
    #[must_use]
    pub fn new(symbol: &str, feed: Feed) -> Self {
        let (base, quote) = symbol.split_once('-').unwrap_or((symbol, "USD"));
        Self {
            symbol: symbol.to_owned(),
            class: InstrumentClass::Spot,
            base: base.to_owned(),
            quote: quote.to_owned(),
            tick: Money::ONE,
            lot: Money::ONE,
            multiplier: Money::ONE,
            fees: Fees::default(),
            margin: MarginRates::default(),
            qty_max: Qty(1_000_000_000),
            sector: None,
            acts: Arc::from([]),
            borrow: Rate::ZERO,
            feed,
        }
    }
}

impl Plan {
    /// Everything that a run is made of is there and fits together.
    pub(crate) fn check(&self) -> Result<(), BacktestError> {
        let missing = |what: &str, advice: &str| {
            Err(BacktestError::Missing { what: what.to_owned(), advice: advice.to_owned() })
        };
        if self.markets.is_empty() {
            return missing("a market", "name at least one, with its data");
        }
        if self.accounts.is_empty() {
            return missing("an account", "name at least one, with its cash");
        }
        if self.strategies.is_empty() {
            return missing("a strategy", "name at least one, with its account and its markets");
        }
        if let Some(account) = self.accounts.iter().find(|account| account.cash <= Money::ZERO) {
            let fault = format!("its cash is {}: give it an amount above zero", account.cash);
            return Err(BacktestError::config(format!("account {}", account.name), fault));
        }
        for strategy in &self.strategies {
            let fault = |fault: String| BacktestError::config(format!("strategy {}", strategy.name), fault);
            let account = self
                .accounts
                .get(strategy.account)
                .ok_or_else(|| fault("its account is unknown".to_owned()))?;
            for market in &strategy.markets {
                let market = self
                    .markets
                    .get(*market)
                    .ok_or_else(|| fault("one of its markets is unknown".to_owned()))?;
                if market.quote != account.currency {
                    let (symbol, quote) = (&market.symbol, &market.quote);
                    let held = &account.currency;
                    return Err(fault(format!(
                        "{symbol} is quoted in {quote} and the account holds {held}: use an account in {quote}"
                    )));
                }
            }
        }
        self.rules.check()?;
        Ok(())
    }
}
