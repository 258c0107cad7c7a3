//! Orders that there are and were, and what became of one.

use super::change::named;
use super::view::OrderView;
use crate::call::{Call, Outcome, ok};
use crate::pages::{Listed, Paging, word};
use crate::problem::Problem;
use model::{OrderRef, OrderStatus, Side, Time};
use serde::{Deserialize, Serialize};
use store::{HistoryRow, OrderFilter, OrderRow, Span};
use utoipa::ToSchema;

/// Which orders.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderQuery {
    account: Option<String>,
    book: Option<String>,
    symbol: Option<String>,
    side: Option<String>,
    /// `open`, `closed`, or states with commas between them.
    status: Option<String>,
    /// Created at or after this moment, as 2026-11-21T14:30:00Z.
    from: Option<String>,
    /// Created before it.
    to: Option<String>,
    /// 1 to 1000; 50 if not said.
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One thing that became of an order, and its cause.
#[derive(Serialize, ToSchema)]
pub(super) struct StepView {
    seq: u64,
    time: String,
    command: String,
    event: String,
    status: String,
    filled_quantity: String,
    price: Option<String>,
    last_quantity: Option<String>,
    reason: Option<String>,
}

impl From<HistoryRow> for StepView {
    fn from(row: HistoryRow) -> Self {
        Self {
            seq: row.seq,
            time: row.time.to_string(),
            command: row.command.to_lowercase(),
            event: row.event.to_lowercase(),
            status: row.status.to_lowercase(),
            filled_quantity: row.filled_quantity.to_string(),
            price: row.price.map(|price| price.to_string()),
            last_quantity: row.last_quantity.map(|quantity| quantity.to_string()),
            reason: row.reason.map(|reason| reason.to_lowercase()),
        }
    }
}

/// States that an order can be in while it works.
const WORKING: [OrderStatus; 8] = [
    OrderStatus::Accepted,
    OrderStatus::Held,
    OrderStatus::Open,
    OrderStatus::PartiallyFilled,
    OrderStatus::PendingNew,
    OrderStatus::PendingCancel,
    OrderStatus::PendingReplace,
    OrderStatus::Unknown,
];
const ENDED: [OrderStatus; 4] =
    [OrderStatus::Filled, OrderStatus::Cancelled, OrderStatus::Expired, OrderStatus::Rejected];

fn statuses(text: Option<&str>) -> Result<Vec<OrderStatus>, Problem> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(Vec::new()),
        Some("open" | "pending") => Ok(WORKING.to_vec()),
        Some("closed") => Ok(ENDED.to_vec()),
        Some(words) => words.split(',').map(|one| word::<OrderStatus>("status", one.trim())).collect(),
    }
}

/// Moments out of an address.
pub(crate) fn span(from: Option<&str>, to: Option<&str>) -> Result<Span, Problem> {
    let moment = |field: &str, text: Option<&str>| {
        text.map(|text| Time::parse(text).map_err(|error| Problem::wrong(field, error.to_string())))
            .transpose()
    };
    Ok(Span { from: moment("from", from)?, to: moment("to", to)? })
}

pub(super) async fn list(call: Call) -> Outcome {
    let query: OrderQuery = call.query()?;
    let names = call.desk.names.now();
    let account = match query.account.as_deref() {
        Some(named) => Some(call.account(Some(named), &names)?),
        None => None,
    };
    let book = query.book.as_deref().map(|book| {
        let found = account.and_then(|account| names.book_named(account, book));
        found.ok_or_else(|| Problem::wrong("book", "is none of the account; name the account, too"))
    });
    let filter = OrderFilter {
        // Who may see all names an account, or gets their own.
        user: if account.is_some() { None } else { Some(call.caller()?.user) },
        account,
        book: book.transpose()?,
        symbol: query.symbol,
        side: query.side.as_deref().map(|side| word::<Side>("side", side)).transpose()?,
        statuses: statuses(query.status.as_deref())?,
        created: span(query.from.as_deref(), query.to.as_deref())?,
    };
    let page = Paging { limit: query.limit, cursor: query.cursor }.page();
    call.desk.archived().await;
    let (rows, next_cursor) = call.desk.ask(move |store| store.orders(&filter, &page)).await?;
    let data = rows.into_iter().map(|row| OrderView::kept(row, &names)).collect();
    ok(&Listed::<OrderView> { data, next_cursor })
}

/// The order's row, if the caller may see it.
async fn row(call: &Call) -> Result<OrderRow, Problem> {
    let order = named(call.path("id"))?;
    let names = call.desk.names.now();
    let account = match order {
        OrderRef::Client(_) => Some(call.account(None, &names)?),
        OrderRef::Id(_) => None,
    };
    call.desk.archived().await;
    let row = call.desk.ask(move |store| match (order, account) {
        (OrderRef::Client(client), Some(account)) => store.order_of_client(account, client.as_str()),
        (OrderRef::Id(id), _) => store.order(id),
        _ => Ok(None),
    });
    let sees = call.sees()?;
    let row = row.await?.filter(|row| sees.is_none_or(|user| user == row.user_id));
    row.ok_or_else(|| Problem::not_found("order"))
}

pub(super) async fn get(call: Call) -> Outcome {
    let row = row(&call).await?;
    let tag = format!("\"{}-{}\"", row.id, row.updated_seq);
    if call.header("if-none-match") == Some(tag.as_str()) {
        let mut response = crate::call::nothing()?;
        *response.status_mut() = axum::http::StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let mut response = ok(&OrderView::kept(row, &call.desk.names.now()))?;
    if let Ok(tag) = tag.parse() {
        response.headers_mut().insert(axum::http::header::ETAG, tag);
    }
    Ok(response)
}

pub(super) async fn history(call: Call) -> Outcome {
    const STEPS: u32 = 1000;
    let id = row(&call).await?.id;
    let rows = call.desk.ask(move |store| store.order_history(id, 0, STEPS)).await?;
    ok(&rows.into_iter().map(StepView::from).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::line::Worded;

    #[test]
    fn every_state_is_open_or_closed() {
        for (text, status) in OrderStatus::WORDS {
            assert_eq!(WORKING.contains(status), !status.is_final(), "{text}");
            assert_eq!(ENDED.contains(status), status.is_final(), "{text}");
            assert_eq!(statuses(Some(text)).map(|all| all.contains(status)), Ok(true), "{text}");
        }
        assert!(statuses(Some("open,nonsense")).is_err());
    }
}
