//! Trades: what was filled, one side of each, and their sums by symbol and day.

use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::decimal::Decimal;
use crate::order::list::span;
use crate::pages::{Listed, Paging};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use model::{Directory, OrderId, TradeId};
use serde::{Deserialize, Serialize};
use store::{Page, Summary, TradeFilter, TradeRow};
use utoipa::ToSchema;

/// Which trades.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TradeQuery {
    account: Option<String>,
    symbol: Option<String>,
    order_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One side of a trade.
#[derive(Serialize, ToSchema)]
pub(crate) struct TradeView {
    id: String,
    order_id: String,
    account: String,
    book: Option<String>,
    symbol: String,
    side: String,
    quantity: Decimal,
    price: Decimal,
    value: Decimal,
    fee: Decimal,
    realized_pnl: Decimal,
    timestamp: String,
    /// maker or taker.
    trade_type: String,
    seq: u64,
}

/// One symbol on one day.
#[derive(Serialize, ToSchema)]
struct SummaryView {
    symbol: String,
    day: String,
    trades: i64,
    quantity: Decimal,
    value: Decimal,
    fees: Decimal,
    realized_pnl: Decimal,
    won: i64,
    lost: i64,
}

pub(crate) fn decimal(of: &store::Decimal) -> Decimal {
    Decimal(of.to_string())
}

impl TradeView {
    fn of(row: &TradeRow, names: &Directory) -> Self {
        let account = names.account(row.account_id);
        Self {
            id: row.id.to_string(),
            order_id: row.order_id.to_string(),
            account: account.map_or_else(|| row.account_id.to_string(), |of| of.name.to_string()),
            book: names.book(row.book_id).map(|(_, name)| name.to_string()),
            symbol: row.symbol.clone(),
            side: row.side.to_lowercase(),
            quantity: decimal(&row.quantity),
            price: decimal(&row.price),
            value: decimal(&row.value),
            fee: decimal(&row.fee),
            realized_pnl: decimal(&row.realized_pnl),
            timestamp: row.timestamp.to_string(),
            trade_type: row.trade_type.to_lowercase(),
            seq: row.seq,
        }
    }
}

impl From<Summary> for SummaryView {
    fn from(sum: Summary) -> Self {
        Self {
            symbol: sum.symbol,
            day: sum.day.to_string().chars().take(10).collect(),
            trades: sum.count,
            quantity: decimal(&sum.quantity),
            value: decimal(&sum.value),
            fees: decimal(&sum.fees),
            realized_pnl: decimal(&sum.realized_pnl),
            won: sum.won,
            lost: sum.lost,
        }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let read = Need::Power(Power::Read);
    vec![
        Route::new(Method::GET, "/api/v1/trades", read, "Trades, the newest first", list)
            .query::<TradeQuery>()
            .pages::<TradeView>()
            .refuses(&[404]),
        Route::new(Method::GET, "/api/v1/trades/summary", read, "Trades by symbol and day", summary)
            .query::<TradeQuery>()
            .lists::<SummaryView>()
            .refuses(&[404]),
        Route::new(Method::GET, "/api/v1/trades/{id}", read, "The own sides of one trade", get)
            .lists::<TradeView>(),
    ]
}

fn filter(call: &Call, query: &TradeQuery) -> Result<TradeFilter, Problem> {
    let names = call.desk.names.now();
    let account = match query.account.as_deref() {
        Some(named) => Some(call.account(Some(named), &names)?),
        None => None,
    };
    let order = query.order_id.as_deref().map(|id| id.parse().map(OrderId));
    let order = order
        .transpose()
        .map_err(|_no_number| Problem::wrong("order_id", "is not the number of an order"))?;
    Ok(TradeFilter {
        user: if account.is_some() { None } else { Some(call.caller()?.user) },
        account,
        order,
        symbol: query.symbol.clone(),
        span: span(query.from.as_deref(), query.to.as_deref())?,
    })
}

async fn list(call: Call) -> Outcome {
    let query: TradeQuery = call.query()?;
    let filter = filter(&call, &query)?;
    let page = Paging { limit: query.limit, cursor: query.cursor }.page();
    call.desk.archived().await;
    let (rows, next_cursor) = call.desk.ask(move |store| store.trades(&filter, &page)).await?;
    let names = call.desk.names.now();
    let data = rows.iter().map(|row| TradeView::of(row, &names)).collect();
    ok(&Listed::<TradeView> { data, next_cursor })
}

async fn get(call: Call) -> Outcome {
    let id: u64 = call.path_number("id", "trade")?;
    let above = id.checked_add(1).ok_or_else(|| Problem::not_found("trade"))?;
    let filter = TradeFilter { user: call.sees()?, ..TradeFilter::default() };
    let page = Page { limit: 1, after: Some(above.to_string()) };
    call.desk.archived().await;
    let (rows, _) = call.desk.ask(move |store| store.trades(&filter, &page)).await?;
    let names = call.desk.names.now();
    let sides = rows.iter().filter(|row| row.id == TradeId(id));
    let sides: Vec<TradeView> = sides.map(|row| TradeView::of(row, &names)).collect();
    if sides.is_empty() { Err(Problem::not_found("trade")) } else { ok(&sides) }
}

async fn summary(call: Call) -> Outcome {
    let query: TradeQuery = call.query()?;
    let filter = filter(&call, &query)?;
    call.desk.archived().await;
    let sums = call.desk.ask(move |store| store.trade_summary(&filter)).await?;
    ok(&sums.into_iter().map(SummaryView::from).collect::<Vec<_>>())
}
