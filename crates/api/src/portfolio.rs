//! What accounts hold and are worth, straight from the engine; and how they did, from the archive's days.

use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::decimal::Decimal;
use crate::margin::{self, MarginView};
use crate::order::list::span;
use crate::order::view::average;
use crate::problem::Problem;
use crate::route::{Need, Route};
use analytics::performance::{Convention, Returns, max_drawdown, sharpe};
use axum::http::Method;
use engine::Engine;
use model::line::{Answer, Query, Worded};
use model::{AccountId, AssetId, Directory, InstrumentId, Money, Price, Qty};
use serde::{Deserialize, Serialize};
use store::MetricRow;
use utoipa::ToSchema;

/// Whose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnerQuery {
    /// All own accounts, if none is named.
    account: Option<String>,
}

/// Whose, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PerformanceQuery {
    account: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// What an account holds of an instrument.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct PositionView {
    user_id: u32,
    account: String,
    symbol: String,
    /// Below zero where it is short.
    quantity: Decimal,
    average_price: Option<Decimal>,
    market_price: Option<Decimal>,
    market_value: Option<Decimal>,
    unrealized_pnl: Option<Decimal>,
    realized_pnl: Decimal,
    fees: Decimal,
}

/// What an account has of an asset.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BalanceView {
    account: String,
    asset: String,
    total_balance: Decimal,
    available_balance: Decimal,
    locked_balance: Decimal,
}

/// An account as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct AccountWorth {
    pub(crate) account: String,
    user_id: u32,
    mode: &'static str,
    kind: &'static str,
    currency: String,
    /// None where a price or a rate is missing: nothing is guessed.
    equity: Option<Decimal>,
    pub(crate) balances: Vec<BalanceView>,
    pub(crate) positions: Vec<PositionView>,
    /// Of an account that is not on margin none.
    margins: Vec<MarginView>,
    open_orders: usize,
}

/// Accounts as of one record of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct PortfolioView {
    pub(crate) seq: u64,
    pub(crate) accounts: Vec<AccountWorth>,
}

/// An account on one day.
#[derive(Serialize, ToSchema)]
struct DayView {
    day: String,
    total_value: Decimal,
    unrealized_pnl: Option<Decimal>,
    realized_pnl: Option<Decimal>,
    net_deposits: Decimal,
    daily_return: Option<Decimal>,
    cumulative_return: Option<Decimal>,
}

/// How an account did.
#[derive(Serialize, ToSchema)]
pub(crate) struct PerformanceView {
    account: String,
    days: Vec<DayView>,
    /// Over the days, deposits and withdrawals taken out.
    total_return: Option<f64>,
    /// A year's spread of the daily returns.
    volatility: Option<f64>,
    sharpe_ratio: Option<f64>,
    /// The deepest fall from a top, as a share of it.
    max_drawdown: Option<f64>,
}

impl AccountWorth {
    /// What its positions are worth; none where one cannot be valued.
    pub(crate) fn values(&self) -> Option<Vec<Money>> {
        let value = |position: &PositionView| {
            let flat = position.quantity.0 == "0";
            let value = position.market_value.as_ref().and_then(|value| Money::parse(&value.0).ok());
            if flat { Some(Money::ZERO) } else { value }
        };
        self.positions.iter().map(value).collect()
    }

    pub(crate) fn equity(&self) -> Option<&str> {
        self.equity.as_ref().map(|equity| equity.0.as_str())
    }

    pub(crate) fn open_orders(&self) -> usize {
        self.open_orders
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let read = Need::Power(Power::Read);
    vec![
        Route::new(
            Method::GET,
            "/api/v1/portfolio",
            read,
            "Accounts with what they hold and are worth",
            portfolio,
        )
        .query::<OwnerQuery>()
        .gives::<PortfolioView>()
        .refuses(&[404]),
        Route::new(Method::GET, "/api/v1/portfolio/positions", read, "Positions", positions)
            .query::<OwnerQuery>()
            .lists::<PositionView>()
            .refuses(&[404]),
        Route::new(Method::GET, "/api/v1/portfolio/balances", read, "Balances", balances)
            .query::<OwnerQuery>()
            .lists::<BalanceView>()
            .refuses(&[404]),
        Route::new(
            Method::GET,
            "/api/v1/portfolio/performance",
            read,
            "How accounts did, day by day",
            performance,
        )
        .query::<PerformanceQuery>()
        .lists::<PerformanceView>()
        .refuses(&[404]),
    ]
}

/// What the engine says of some accounts, all at one moment.
pub(crate) fn look(engine: &Engine, accounts: &[AccountId], names: &Directory) -> PortfolioView {
    let accounts = accounts.iter().filter_map(|account| worth(engine, *account, names)).collect();
    PortfolioView { seq: engine.seq(), accounts }
}

fn worth(engine: &Engine, account: AccountId, names: &Directory) -> Option<AccountWorth> {
    let of = engine.accounts().get(usize::try_from(account.0).ok()?)?;
    let text =
        |asset: AssetId| engine.assets().get(asset.0 as usize).map(ToString::to_string).unwrap_or_default();
    let name = of.name.to_string();
    let assets = (0..).map(AssetId).zip(engine.assets());
    let balances = assets.filter_map(|(asset, code)| {
        let balance = engine.balance(account, asset)?;
        Some(BalanceView {
            account: name.clone(),
            asset: code.to_string(),
            total_balance: Decimal(balance.total.to_string()),
            available_balance: Decimal(engine.available(account, asset).to_string()),
            locked_balance: Decimal(balance.locked.to_string()),
        })
    });
    let instruments = (0..).map(InstrumentId).zip(engine.instruments());
    let positions = instruments.filter_map(|(instrument, _)| {
        engine.exposure(account, instrument)?;
        position(engine, account, instrument, names)
    });
    let filter = model::OrderFilter { account: Some(account), ..model::OrderFilter::default() };
    Some(AccountWorth {
        user_id: of.user.0,
        mode: of.mode.word(),
        kind: of.kind.word(),
        currency: text(of.currency),
        equity: engine.equity(account).map(|equity| Decimal(equity.to_string())),
        balances: balances.collect(),
        positions: positions.collect(),
        margins: margin::look(engine, account, names),
        open_orders: engine.open_orders(&filter).len(),
        account: name,
    })
}

fn position(
    engine: &Engine,
    account: AccountId,
    instrument: InstrumentId,
    names: &Directory,
) -> Option<PositionView> {
    let of = engine.accounts().get(usize::try_from(account.0).ok()?)?;
    let listing = engine.instrument(instrument)?;
    let grid = names.grid(instrument)?;
    let query = Query::Position { account, instrument, book: None };
    let Answer::Position { qty, cost, realised, fees } = node::show(engine, &query) else { return None };
    let price = engine.mark(instrument).or_else(|| engine.last(instrument));
    let value = price.and_then(|price| value_of(price, qty, grid, listing.multiplier));
    let unrealized = value.and_then(|value| value.checked_sub(cost));
    // Cost ÷ quantity, in price.
    let lots = Money(i128::from(qty.0));
    let each = listing.lot.0.checked_mul(listing.multiplier.0).map(|each| each / Money::ONE.0);
    let mean = each.filter(|each| *each != 0 && lots.0 != 0).and_then(|each| {
        let whole = cost.0.checked_div(lots.0)?.checked_mul(Money::ONE.0)?;
        Some(Decimal(Money(whole.checked_div(each)?).to_string()))
    });
    Some(PositionView {
        user_id: of.user.0,
        account: of.name.to_string(),
        symbol: listing.symbol.to_string(),
        quantity: crate::order::view::qty_text(qty, grid),
        average_price: mean,
        market_price: price.and_then(|price| average(price.0.into(), Qty(1), grid)),
        market_value: value.map(|value| Decimal(value.to_string())),
        unrealized_pnl: unrealized.map(|pnl| Decimal(pnl.to_string())),
        realized_pnl: Decimal(realised.to_string()),
        fees: Decimal(fees.to_string()),
    })
}

fn value_of(price: Price, qty: Qty, grid: model::Grid, multiplier: Money) -> Option<Money> {
    let one = grid.tick.0.checked_mul(grid.lot.0)?.checked_div(Money::ONE.0)?;
    let one = one.checked_mul(multiplier.0)?.checked_div(Money::ONE.0)?;
    let count = i128::from(price.0).checked_mul(qty.0.into())?;
    count.checked_mul(one).map(Money)
}

/// The caller's accounts, or the one that is named.
pub(crate) async fn own(call: &Call, named: Option<&str>) -> Result<PortfolioView, Problem> {
    let names =
        call.desk.names_with(|names| named.is_none_or(|named| names.account_named(named).is_some())).await;
    let accounts = call.accounts(named, &names)?;
    Ok(call.desk.door.look(move |engine| look(engine, &accounts, &names)).await?)
}

async fn portfolio(call: Call) -> Outcome {
    let query: OwnerQuery = call.query()?;
    ok(&own(&call, query.account.as_deref()).await?)
}

async fn positions(call: Call) -> Outcome {
    let query: OwnerQuery = call.query()?;
    let seen = own(&call, query.account.as_deref()).await?;
    ok(&seen.accounts.into_iter().flat_map(|account| account.positions).collect::<Vec<_>>())
}

async fn balances(call: Call) -> Outcome {
    let query: OwnerQuery = call.query()?;
    let seen = own(&call, query.account.as_deref()).await?;
    ok(&seen.accounts.into_iter().flat_map(|account| account.balances).collect::<Vec<_>>())
}

async fn performance(call: Call) -> Outcome {
    ok(&how_it_went(&call).await?)
}

/// How the accounts did that the request is about.
pub(crate) async fn how_it_went(call: &Call) -> Result<Vec<PerformanceView>, Problem> {
    let query: PerformanceQuery = call.query()?;
    let names = call.desk.names.now();
    let span = span(query.from.as_deref(), query.to.as_deref())?;
    let accounts = call.accounts(query.account.as_deref(), &names)?;
    call.desk.archived().await;
    let all = call.desk.ask(move |store| {
        accounts
            .into_iter()
            .map(|account| Ok((account, store.performance(account, span)?)))
            .collect::<Result<Vec<_>, _>>()
    });
    let views = all.await?.into_iter().map(|(account, rows)| {
        let name = names.account(account).map(|of| of.name.to_string()).unwrap_or_default();
        did(name, rows)
    });
    Ok(views.collect())
}

fn did(account: String, rows: Vec<MetricRow>) -> PerformanceView {
    let number = |decimal: &store::Decimal| decimal.as_str().parse::<f64>().unwrap_or(0.0);
    let returns: Vec<f64> = rows.iter().filter_map(|row| row.daily_return.as_ref()).map(number).collect();
    let total_return = rows.last().and_then(|row| row.cumulative_return.as_ref()).map(number);
    let convention = Convention::CRYPTO_DAYS;
    let series = Returns::new(&returns).ok();
    let volatility = series.and_then(|series| series.volatility(convention).ok());
    let sharpe_ratio =
        series.and_then(|series| sharpe(series, convention).ok()).filter(|ratio| ratio.is_finite());
    let text = crate::trade::decimal;
    let days = rows.iter().map(|row| DayView {
        day: row.time.to_string().chars().take(10).collect(),
        total_value: text(&row.total_value),
        unrealized_pnl: row.unrealized_pnl.as_ref().map(text),
        realized_pnl: row.realized_pnl.as_ref().map(text),
        net_deposits: text(&row.net_deposits),
        daily_return: row.daily_return.as_ref().map(text),
        cumulative_return: row.cumulative_return.as_ref().map(text),
    });
    PerformanceView {
        account,
        days: days.collect(),
        total_return,
        volatility,
        sharpe_ratio,
        max_drawdown: series.map(max_drawdown),
    }
}
