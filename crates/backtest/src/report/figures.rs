//! The figures of a report. What is not defined for a run is absent, never a quiet zero.

use super::critique::critique;
use crate::error::BacktestError;
use crate::feed::Tick;
use crate::plan::Plan;
use crate::run::{Outcome, run};
use crate::tally::{AccountOutcome, Trade, number};
use analytics::Day;
use analytics::performance::{
    Attribution, Brinson, ClosedTrade, Convention, Drawdown, MonthlyRow, Returns, Summary, TradeFigures,
    TradeTag, attribute, drawdowns, monthly, returns_of_equity, summary, trade_figures,
};
use model::{InstrumentClass, Money, Price, Time};
use serde::Serialize;
use sim::Path;

/// By what a run can be made again.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Manifest {
    pub version: String,
    /// Hashes of the configuration and of each market's data.
    pub config: String,
    pub data: Vec<(String, String)>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub manifest: Manifest,
    pub outcome: Outcome,
    pub accounts: Vec<AccountFigures>,
    pub trades: Option<TradeFigures>,
    /// Trades of each strategy by itself, where there are several.
    pub by_strategy: Vec<(String, TradeFigures)>,
    pub by_market: Vec<(String, TradeFigures)>,
    /// The results of trades by what they are due to; each sums to the whole.
    pub attribution: Vec<(TradeTag, Attribution)>,
    pub bounds: Option<Bounds>,
    pub candles: Vec<(String, Vec<Candle>)>,
    pub critique: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountFigures {
    pub name: String,
    pub currency: String,
    pub start: f64,
    pub equity: f64,
    pub total_return: f64,
    /// What one unit of the first market, held from the first close, would have come to.
    pub held_return: Option<f64>,
    pub max_drawdown: f64,
    /// What positions brought or cost without a trade: dividends, funding, borrowing.
    pub carry: Vec<(String, f64)>,
    /// Against the benchmark of the plan.
    pub brinson: Option<Brinson>,
    /// The share of bars with a position.
    pub exposure: f64,
    /// What was traded, as a multiple of the worth at the start, for a year.
    pub turnover: Option<f64>,
    pub fees: f64,
    pub convention: Convention,
    pub summary: Option<Summary>,
    pub drawdowns: Vec<Drawdown>,
    pub months: Vec<MonthlyRow>,
    #[serde(skip)]
    pub day_returns: Vec<(Day, f64)>,
}

/// Final worth over all accounts if what happened inside bars was the worst, is taken as usual, or was the best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    pub worst: f64,
    pub base: f64,
    pub best: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Candle {
    pub time: Time,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
}

const CANDLES: usize = 320;

/// The hash of a text, as people compare it.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Runs a plan, and twice more for the bounds, and works out what it is worth.
pub fn report(plan: &Plan, manifest: Manifest) -> Result<Report, BacktestError> {
    let outcome = run(plan)?;
    let bounds = bounds(plan, &outcome)?;
    let candles = plan.markets.iter().map(|market| Ok((market.symbol.clone(), candles(market)?)));
    let candles: Vec<(String, Vec<Candle>)> = candles.collect::<Result<_, BacktestError>>()?;
    let closed = closed(plan, &outcome.trades);
    let figures = |wanted: &dyn Fn(&Trade) -> bool| {
        let chosen: Vec<ClosedTrade> = outcome
            .trades
            .iter()
            .zip(&closed)
            .filter(|(trade, _)| wanted(trade))
            .map(|(_, one)| one.clone())
            .collect();
        trade_figures(&chosen).ok()
    };
    let by_strategy = plan
        .strategies
        .iter()
        .enumerate()
        .filter_map(|(at, of)| Some((of.name.clone(), figures(&|trade| trade.strategy == at)?)));
    let by_market = plan
        .markets
        .iter()
        .enumerate()
        .filter_map(|(at, of)| Some((of.symbol.clone(), figures(&|trade| trade.market == at)?)));
    let mut report = Report {
        manifest,
        accounts: outcome
            .accounts
            .iter()
            .map(|account| account_figures(plan, &outcome, account, &candles))
            .collect(),
        trades: figures(&|_| true),
        by_strategy: by_strategy.collect(),
        by_market: by_market.collect(),
        attribution: attribution(&closed),
        bounds,
        candles,
        critique: Vec::new(),
        outcome,
    };
    report.critique = critique(plan, &report);
    Ok(report)
}

fn bounds(plan: &Plan, base: &Outcome) -> Result<Option<Bounds>, BacktestError> {
    if plan.markets.iter().all(|market| market.feed.is_ticks()) {
        return Ok(None);
    }
    let mut worths = [0.0; 2];
    for (worth, path) in worths.iter_mut().zip([Path::Worst, Path::Best]) {
        let mut bound = plan.clone();
        bound.rules.path = path;
        (bound.trades_kept, bound.points_kept) = (0, 2);
        *worth = final_worth(&run(&bound)?);
    }
    let [worst, best] = worths;
    let base = final_worth(base);
    // The order of extremes is no total order of outcomes where later decisions depend on it.
    Ok(Some(Bounds { worst: worst.min(base), base, best: best.max(base) }))
}

fn final_worth(outcome: &Outcome) -> f64 {
    outcome.accounts.iter().map(|account| account.equity.map_or(f64::NAN, number)).sum()
}

fn account_figures(
    plan: &Plan,
    outcome: &Outcome,
    account: &AccountOutcome,
    candles: &[(String, Vec<Candle>)],
) -> AccountFigures {
    let start = number(account.start);
    let equity =
        account.equity.map_or_else(|| account.days.last().map_or(start, |(_, worth)| *worth), number);
    let is_exchange = plan
        .markets
        .iter()
        .all(|market| matches!(market.class, InstrumentClass::Equity | InstrumentClass::Etf));
    let convention = if is_exchange { Convention::EXCHANGE_DAYS } else { Convention::CRYPTO_DAYS };
    let curve: Vec<f64> =
        std::iter::once(start).chain(account.days.iter().map(|(_, worth)| *worth)).collect();
    let values = returns_of_equity(&curve).unwrap_or_default();
    let days: Vec<Day> = account.days.iter().map(|(day, _)| *day).collect();
    let returns = Returns::new(&values).ok();
    let years = (outcome.until.0 - outcome.from.0) as f64 / 3.155_76e16;
    let held =
        candles.first().and_then(|(_, candles)| Some(candles.last()?.close / candles.first()?.open - 1.0));
    AccountFigures {
        name: account.name.clone(),
        currency: account.currency.clone(),
        start,
        equity,
        total_return: equity / start - 1.0,
        held_return: held.filter(|held| held.is_finite()),
        max_drawdown: account.max_drawdown,
        exposure: account.bars_invested as f64 / account.bars.max(1) as f64,
        turnover: (years > 0.0).then(|| account.turnover / start / years),
        fees: number(account.fees),
        carry: account.carry.iter().map(|(name, amount)| ((*name).to_owned(), number(*amount))).collect(),
        brinson: super::benchmark::brinson(plan, account),
        convention,
        summary: summary(&values, convention).ok(),
        drawdowns: returns.and_then(|returns| drawdowns(returns, &days).ok()).unwrap_or_default(),
        months: returns.and_then(|returns| monthly(returns, &days).ok()).unwrap_or_default(),
        day_returns: days.into_iter().zip(values).collect(),
    }
}

fn attribution(closed: &[ClosedTrade]) -> Vec<(TradeTag, Attribution)> {
    let tags = [TradeTag::Strategy, TradeTag::Instrument, TradeTag::Sector, TradeTag::Side, TradeTag::Hour];
    tags.into_iter().filter_map(|tag| Some((tag, attribute(closed, tag).ok()?))).collect()
}

fn closed(plan: &Plan, trades: &[Trade]) -> Vec<ClosedTrade> {
    let closed = trades.iter().map(|trade| ClosedTrade {
        strategy: plan.strategies.get(trade.strategy).map(|of| of.name.clone()),
        instrument: plan.markets.get(trade.market).map(|of| of.symbol.clone()).unwrap_or_default(),
        sector: plan.markets.get(trade.market).and_then(|of| of.sector.clone()),
        side: trade.side,
        opened: trade.opened,
        closed: trade.closed,
        gross: Money(trade.gross.0 + trade.carry.0),
        fees: trade.fees,
    });
    closed.collect()
}

/// The bars of a market, or its trades and the middles of its quotes, put together so that they fit a picture.
fn candles(market: &crate::plan::MarketPlan) -> Result<Vec<Candle>, BacktestError> {
    let tick = number(market.tick);
    let price = |price: Price| price.0 as f64 * tick;
    let mut drawn = Drawn { all: Vec::new(), stride: 1, seen: 0 };
    let mut chunk = 0;
    while let Some(bars) = market.feed.bars(chunk)? {
        chunk += 1;
        for bar in bars.iter() {
            drawn.add(Candle {
                time: bar.begin,
                open: price(bar.open),
                high: price(bar.high),
                low: price(bar.low),
                close: price(bar.close),
            });
        }
    }
    while let Some(ticks) = market.feed.ticks(chunk)? {
        chunk += 1;
        let seen = ticks.iter().filter_map(|(time, tick)| Some((*time, price(seen(tick)?))));
        seen.for_each(|(time, price)| {
            drawn.add(Candle { time, open: price, high: price, low: price, close: price });
        });
    }
    Ok(drawn.all)
}

/// The price that a tick says.
fn seen(tick: &Tick) -> Option<Price> {
    match tick {
        Tick::Print(print, _) => Some(print.price),
        Tick::Quote(quote) => {
            let (bid, ask) = quote.bid.zip(quote.ask)?;
            Some(Price(bid.price.0.midpoint(ask.price.0)))
        }
        Tick::Order { .. } | Tick::Level { .. } | Tick::Anew | Tick::Halted(_) => None,
    }
}

/// Candles that become half as many, each twice as long, when there are too many.
struct Drawn {
    all: Vec<Candle>,
    stride: usize,
    seen: usize,
}

impl Drawn {
    fn add(&mut self, candle: Candle) {
        match self.all.last_mut().filter(|_| !self.seen.is_multiple_of(self.stride)) {
            Some(last) => last.join(&candle),
            None => self.all.push(candle),
        }
        self.seen += 1;
        if self.all.len() > 2 * CANDLES {
            self.all = self.all.chunks(2).filter_map(pair).collect();
            self.stride *= 2;
        }
    }
}

impl Candle {
    fn join(&mut self, next: &Self) {
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
    }
}

fn pair(both: &[Candle]) -> Option<Candle> {
    let mut first = *both.first()?;
    if let Some(second) = both.get(1) {
        first.join(second);
    }
    Some(first)
}

/// Money as a number, for pictures.
pub(super) fn net(trade: &Trade) -> f64 {
    number(Money(trade.gross.0 + trade.carry.0 - trade.fees.0))
}

pub(super) fn tag_name(tag: TradeTag) -> &'static str {
    match tag {
        TradeTag::Strategy => "strategy",
        TradeTag::Instrument => "market",
        TradeTag::Sector => "sector",
        TradeTag::Side => "side",
        TradeTag::Hour => "hour of opening, UTC",
    }
}
