//! A run as a file of TOML says it. Everything is checked before anything runs, and a fault names its place.

use crate::error::BacktestError;
use crate::plan::{AccountPlan, MarketPlan, Plan, StrategyPlan};
use crate::search::{Axis, Method, Objective, Space, Split};
use crate::source::{self, Found};
use model::{AccountKind, FeeBasis, Fees, InstrumentClass, MarginRates, Money, Qty, Rate, Time};
use serde::Deserialize;
use sim::{BarFill, Faults, Halt, Impact, Latency, Path, Queue, Rules, Session, Slippage};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default = "unnamed")]
    pub name: String,
    /// The folder of the catalogue, from where the file lies.
    #[serde(default = "catalogue")]
    pub catalogue: PathBuf,
    from: Option<String>,
    until: Option<String>,
    trade_from: Option<String>,
    #[serde(default)]
    market: Vec<MarketConfig>,
    #[serde(default)]
    account: Vec<AccountConfig>,
    #[serde(default)]
    strategy: Vec<StrategyConfig>,
    /// Shares by symbol.
    #[serde(default)]
    benchmark: BTreeMap<String, f64>,
    /// Lines of the command language.
    #[serde(default)]
    limits: Vec<String>,
    #[serde(default)]
    venue: VenueConfig,
    pub search: Option<SearchConfig>,
    pub walk_forward: Option<Split>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketConfig {
    symbol: String,
    data: Kinds,
    #[serde(default)]
    class: Class,
    base: Option<String>,
    quote: Option<String>,
    fee_maker: Option<String>,
    fee_taker: Option<String>,
    #[serde(default)]
    fee_basis: Basis,
    multiplier: Option<String>,
    margin_initial: Option<String>,
    margin_maintenance: Option<String>,
    sector: Option<String>,
    /// Of the catalogue: funding that was paid, and splits, dividends and ends.
    #[serde(default)]
    funding: bool,
    #[serde(default)]
    actions: bool,
    /// What a short position pays a year, as a share of its value.
    borrow: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Kinds {
    One(String),
    Many(Vec<String>),
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Class {
    #[default]
    Spot,
    Equity,
    Etf,
    Fx,
    Future,
    Perpetual,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Basis {
    #[default]
    Value,
    Share,
    Contract,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Cash,
    Margin,
    Futures,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountConfig {
    name: String,
    #[serde(default)]
    kind: Kind,
    currency: String,
    cash: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyConfig {
    name: Option<String>,
    kind: String,
    account: Option<String>,
    markets: Vec<String>,
    #[serde(default)]
    params: BTreeMap<String, f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct VenueConfig {
    seed: u64,
    fill: BarFill,
    path: Path,
    queue: Queue,
    latency: Latency,
    slippage: Slippage,
    impact: Impact,
    volume_share_max: Option<f64>,
    faults: Faults,
    halts: Vec<HaltConfig>,
    session: Option<SessionConfig>,
}

/// Hours as `14:30`, in UTC.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionConfig {
    open: String,
    close: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HaltConfig {
    from: String,
    until: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchConfig {
    /// The strategy whose parameters vary; the first if none is named.
    strategy: Option<String>,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    pub objective: Objective,
    pub threads: Option<usize>,
    params: BTreeMap<String, Range>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    low: f64,
    high: f64,
    #[serde(default = "one")]
    step: f64,
}

/// A plan, and what its data is.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub plan: Plan,
    /// Symbol and what was found of it.
    pub data: Vec<(String, Found)>,
}

fn unnamed() -> String {
    "unnamed".to_owned()
}

fn catalogue() -> PathBuf {
    PathBuf::from("catalogue")
}

fn one() -> f64 {
    1.0
}

impl Config {
    pub fn parse(text: &str) -> Result<Self, BacktestError> {
        toml::from_str(text).map_err(|error| BacktestError::config("the file", error.to_string()))
    }

    /// The plan, with its data found in the catalogue. `folder` is where the file lies.
    pub fn load(&self, folder: &std::path::Path) -> Result<Loaded, BacktestError> {
        let root = folder.join(&self.catalogue);
        let (from, until) = (time("from", self.from.as_deref())?, time("until", self.until.as_deref())?);
        let (mut markets, mut data) = (Vec::new(), Vec::new());
        for market in &self.market {
            let kinds = match &market.data {
                Kinds::One(kind) => std::slice::from_ref(kind),
                Kinds::Many(kinds) => kinds.as_slice(),
            };
            let found = source::find(&root, &market.symbol, kinds, (from, until))?;
            let kinds = (market.funding, market.actions);
            let acts = source::acts(&root, &market.symbol, kinds, found.times)?;
            markets.push(MarketPlan { acts: acts.into(), ..market.plan(&found)? });
            data.push((market.symbol.clone(), found));
        }
        let accounts = self.account.iter().map(AccountConfig::plan).collect::<Result<Vec<_>, _>>()?;
        let strategies = self.strategies()?;
        let plan = Plan {
            name: self.name.clone(),
            markets,
            accounts,
            strategies,
            rules: self.venue.rules()?,
            limits: self.limits.clone(),
            benchmark: self.benchmark()?,
            trade_from: time("trade_from", self.trade_from.as_deref())?,
            trades_kept: Plan::TRADES_KEPT,
            points_kept: Plan::POINTS_KEPT,
        };
        plan.check()?;
        Ok(Loaded { plan, data })
    }

    /// How the pretend venue behaves.
    pub fn rules(&self) -> Result<Rules, BacktestError> {
        self.venue.rules()
    }

    fn benchmark(&self) -> Result<Vec<(usize, f64)>, BacktestError> {
        let place = "benchmark";
        let share = |(symbol, share): (&String, &f64)| {
            let at = self.market.iter().position(|market| market.symbol == *symbol).ok_or_else(|| {
                BacktestError::config(place, format!("there is no market {symbol}: name one of the run"))
            })?;
            if !share.is_finite() || *share < 0.0 {
                return Err(BacktestError::config(
                    place,
                    format!("{symbol} has {share}: give a share from 0"),
                ));
            }
            Ok((at, *share))
        };
        let all: Vec<(usize, f64)> = self.benchmark.iter().map(share).collect::<Result<_, _>>()?;
        if all.iter().map(|(_, share)| share).sum::<f64>() > 1.0 + 1e-9 {
            return Err(BacktestError::config(place, "the shares are more than 1: what is below 1 is cash"));
        }
        Ok(all)
    }

    fn strategies(&self) -> Result<Vec<StrategyPlan>, BacktestError> {
        let plan = |of: &StrategyConfig| {
            let name = of.name.clone().unwrap_or_else(|| of.kind.clone());
            let place = format!("strategy {name}");
            let account = match &of.account {
                None => 0,
                Some(wanted) => {
                    self.account.iter().position(|account| account.name == *wanted).ok_or_else(|| {
                        BacktestError::config(&place, format!("there is no account {wanted}"))
                    })?
                }
            };
            let market = |wanted: &String| {
                let found = self.market.iter().position(|market| market.symbol == *wanted);
                found.ok_or_else(|| BacktestError::config(&place, format!("there is no market {wanted}")))
            };
            let markets = of.markets.iter().map(market).collect::<Result<_, _>>()?;
            let params = of.params.iter().map(|(name, value)| (name.clone(), *value)).collect();
            Ok(StrategyPlan { name, kind: of.kind.clone(), account, markets, params, made: None })
        };
        self.strategy.iter().map(plan).collect()
    }

    /// What is to be varied.
    pub fn space(&self) -> Result<(Space, &SearchConfig), BacktestError> {
        let search = self.search.as_ref().ok_or_else(|| BacktestError::Missing {
            what: "[search]".to_owned(),
            advice: "say what is to vary: [search.params] fast = { low = 5, high = 50, step = 5 }".to_owned(),
        })?;
        let names = |of: &StrategyConfig| of.name.clone().unwrap_or_else(|| of.kind.clone());
        let strategy = match &search.strategy {
            None => 0,
            Some(wanted) => {
                self.strategy.iter().position(|of| names(of) == *wanted).ok_or_else(|| {
                    BacktestError::config("search", format!("there is no strategy {wanted}"))
                })?
            }
        };
        let axis = |(name, range): (&String, &Range)| {
            let Range { low, high, step } = *range;
            Axis { name: name.clone(), low, high, step }
        };
        Ok((Space { strategy, axes: search.params.iter().map(axis).collect() }, search))
    }
}

impl MarketConfig {
    fn plan(&self, found: &Found) -> Result<MarketPlan, BacktestError> {
        let place = format!("market {}", self.symbol);
        let rate = |name: &str, text: &Option<String>| match text {
            None => Ok(Rate::ZERO),
            Some(text) => Rate::parse(text)
                .map_err(|error| BacktestError::config(format!("{place}, {name}"), error.to_string())),
        };
        let plain = MarketPlan::new(&self.symbol, found.feed.clone());
        let basis = match self.fee_basis {
            Basis::Value => FeeBasis::Value,
            Basis::Share => FeeBasis::PerShare,
            Basis::Contract => FeeBasis::PerContract,
        };
        let (maker, taker) = (rate("fee_maker", &self.fee_maker)?, rate("fee_taker", &self.fee_taker)?);
        let initial = rate("margin_initial", &self.margin_initial)?;
        let maintenance = rate("margin_maintenance", &self.margin_maintenance)?;
        let multiplier = self.multiplier.as_deref().map_or(Ok(Money::ONE), Money::parse);
        Ok(MarketPlan {
            class: match self.class {
                Class::Spot => InstrumentClass::Spot,
                Class::Equity => InstrumentClass::Equity,
                Class::Etf => InstrumentClass::Etf,
                Class::Fx => InstrumentClass::Fx,
                Class::Future => InstrumentClass::Future,
                Class::Perpetual => InstrumentClass::Perpetual,
            },
            base: self.base.clone().unwrap_or(plain.base),
            quote: self.quote.clone().unwrap_or(plain.quote),
            tick: found.grid.tick,
            lot: found.grid.lot,
            multiplier: multiplier.map_err(|error| BacktestError::config(&place, error.to_string()))?,
            fees: Fees { maker, taker, basis, ..Fees::default() },
            margin: MarginRates { initial, maintenance },
            qty_max: Qty(500_000_000_000),
            sector: self.sector.clone(),
            borrow: rate("borrow", &self.borrow)?,
            symbol: plain.symbol,
            acts: plain.acts,
            feed: plain.feed,
        })
    }
}

impl AccountConfig {
    fn plan(&self) -> Result<AccountPlan, BacktestError> {
        let fault = |error: model::DecimalError| {
            BacktestError::config(format!("account {}", self.name), error.to_string())
        };
        Ok(AccountPlan {
            name: self.name.clone(),
            kind: match self.kind {
                Kind::Cash => AccountKind::Cash,
                Kind::Margin => AccountKind::Margin,
                Kind::Futures => AccountKind::Futures,
            },
            currency: self.currency.clone(),
            cash: Money::parse(&self.cash).map_err(fault)?,
        })
    }
}

impl VenueConfig {
    fn rules(&self) -> Result<Rules, BacktestError> {
        let halt = |halt: &HaltConfig| {
            let (from, until) = (time("halt", Some(&halt.from))?, time("halt", Some(&halt.until))?);
            Ok::<_, BacktestError>(Halt {
                from: from.unwrap_or(Time::MIN),
                until: until.unwrap_or(Time::MAX),
            })
        };
        let rules = Rules {
            seed: self.seed,
            fill: self.fill,
            path: self.path,
            queue: self.queue,
            latency: self.latency.clone(),
            slippage: self.slippage,
            impact: self.impact,
            volume_share_max: self.volume_share_max,
            faults: self.faults,
            halts: self.halts.iter().map(halt).collect::<Result<_, _>>()?,
            session: self.session.as_ref().map(SessionConfig::session).transpose()?,
            fees: None,
        };
        rules.check()?;
        Ok(rules)
    }
}

impl SessionConfig {
    fn session(&self) -> Result<Session, BacktestError> {
        Ok(Session { open_s: seconds(&self.open)?, close_s: seconds(&self.close)? })
    }
}

/// Seconds after midnight of an hour and a minute.
fn seconds(text: &str) -> Result<i64, BacktestError> {
    let parts = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
        ((0..=24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 3600 + minute * 60)
    });
    parts.ok_or_else(|| {
        BacktestError::config("venue.session", format!("{text} is no hour such as 14:30, in UTC"))
    })
}

fn time(place: &str, text: Option<&str>) -> Result<Option<Time>, BacktestError> {
    let parse = |text: &str| {
        Time::parse(text).map_err(|error| BacktestError::config(place, format!("{text}: {error}")))
    };
    text.map(parse).transpose()
}
