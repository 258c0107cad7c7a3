//! Strategies as their owners keep them: definitions and their signals. Running them belongs to the room that
//! decides; until it is part of the build, starting one says so.

use crate::audit;
use crate::auth::Power;
use crate::call::{Call, Outcome, json, nothing, ok};
use crate::clock;
use crate::decimal::Decimal;
use crate::order::list::span;
use crate::pages::{Listed, Paging};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{NewStrategy, SignalRow, Strategy, StrategyChange};
use utoipa::ToSchema;

const NAME_MAX: usize = 255;
const KIND_MAX: usize = 50;

/// A new strategy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StrategyBody {
    name: String,
    description: Option<String>,
    strategy_type: String,
    #[schema(value_type = Object)]
    #[serde(default)]
    config: Map<String, Value>,
    #[serde(default)]
    is_public: bool,
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    name: Option<String>,
    description: Option<String>,
    #[schema(value_type = Option<Object>)]
    config: Option<Map<String, Value>>,
    is_public: Option<bool>,
}

/// A strategy.
#[derive(Serialize, ToSchema)]
pub(crate) struct StrategyView {
    pub(crate) id: i64,
    user_id: u32,
    name: String,
    description: Option<String>,
    strategy_type: String,
    #[schema(value_type = Object)]
    config: Value,
    /// INACTIVE, ACTIVE or PAUSED.
    status: String,
    #[schema(value_type = Object)]
    performance: Value,
    is_public: bool,
    created_at: String,
    updated_at: String,
}

/// Which signals.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignalQuery {
    symbol: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What a strategy thought of a market.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignalView {
    pub(crate) id: i64,
    time: String,
    strategy_id: i64,
    symbol: String,
    signal_type: String,
    strength: Decimal,
    confidence: Decimal,
    price: Option<Decimal>,
    quantity: Option<Decimal>,
    #[schema(value_type = Object)]
    metadata: Value,
    processed: bool,
}

impl From<Strategy> for StrategyView {
    fn from(row: Strategy) -> Self {
        let parsed = |text: Option<&str>| {
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| Value::Object(Map::new()))
        };
        Self {
            id: row.id,
            user_id: row.user_id.0,
            name: row.name,
            description: row.description,
            strategy_type: row.strategy_type,
            config: parsed(Some(&row.config)),
            status: row.status,
            performance: parsed(row.performance.as_deref()),
            is_public: row.is_public,
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
        }
    }
}

impl From<SignalRow> for SignalView {
    fn from(row: SignalRow) -> Self {
        let text = crate::trade::decimal;
        let metadata = row.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self {
            id: row.id,
            time: row.time.to_string(),
            strategy_id: row.strategy_id,
            symbol: row.symbol,
            signal_type: row.signal_type,
            strength: text(&row.strength),
            confidence: text(&row.confidence),
            price: row.price.as_ref().map(text),
            quantity: row.quantity.as_ref().map(text),
            metadata: metadata.unwrap_or_else(|| Value::Object(Map::new())),
            processed: row.processed,
        }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let (read, manage) = (Need::Power(Power::Read), Need::Power(Power::Manage));
    vec![
        Route::new(Method::POST, "/api/v1/strategies", manage, "Keep a strategy", create)
            .body::<StrategyBody>()
            .gives::<StrategyView>()
            .status(StatusCode::CREATED),
        Route::new(Method::GET, "/api/v1/strategies", read, "Own strategies", list).lists::<StrategyView>(),
        Route::new(Method::GET, "/api/v1/strategies/{id}", read, "One strategy", get).gives::<StrategyView>(),
        Route::new(Method::PUT, "/api/v1/strategies/{id}", manage, "Change a strategy", change)
            .body::<ChangeBody>()
            .gives::<StrategyView>(),
        Route::new(
            Method::DELETE,
            "/api/v1/strategies/{id}",
            manage,
            "Forget a strategy and its runs",
            delete,
        )
        .status(StatusCode::NO_CONTENT),
        Route::new(Method::POST, "/api/v1/strategies/{id}/start", manage, "Start a strategy", start)
            .gives::<StrategyView>()
            .refuses(&[501]),
        Route::new(Method::POST, "/api/v1/strategies/{id}/stop", manage, "Stop a strategy", stop)
            .gives::<StrategyView>()
            .refuses(&[501]),
        Route::new(
            Method::GET,
            "/api/v1/strategies/{id}/signals",
            read,
            "A strategy's signals, the newest first",
            signals,
        )
        .query::<SignalQuery>()
        .pages::<SignalView>(),
    ]
}

fn check(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    let length = text.len();
    if (1..=most).contains(&length) {
        Ok(())
    } else {
        Err(Problem::wrong(field, format!("has to have 1 to {most} bytes")))
    }
}

fn config_text(config: Map<String, Value>) -> Result<String, Problem> {
    serde_json::to_string(&Value::Object(config)).map_err(|_no_json| Problem::internal())
}

async fn create(call: Call) -> Outcome {
    let body: StrategyBody = call.json()?;
    check("name", &body.name, NAME_MAX)?;
    check("strategy_type", &body.strategy_type, KIND_MAX)?;
    let new = NewStrategy {
        user: call.caller()?.user,
        name: body.name,
        description: body.description,
        strategy_type: body.strategy_type,
        config: config_text(body.config)?,
        is_public: body.is_public,
    };
    let id = call.desk.ask(move |store| store.create_strategy(&new, clock::now())).await?;
    audit::note(&call, "strategy", &id.to_string(), "made").await?;
    json(StatusCode::CREATED, &find(&call, id).await?)
}

/// A strategy that the caller may see.
async fn find(call: &Call, id: i64) -> Result<StrategyView, Problem> {
    let found = call.desk.ask(move |store| store.strategies(None, Some(id))).await?.pop();
    let sees = call.sees()?;
    let seen = found.filter(|row| row.is_public || sees.is_none_or(|user| user == row.user_id));
    seen.map(StrategyView::from).ok_or_else(|| Problem::not_found("strategy"))
}

/// The strategy of the address, if the caller may see it.
pub(crate) async fn seen(call: &Call) -> Result<i64, Problem> {
    find(call, id_of(call)?).await.map(|strategy| strategy.id)
}

fn id_of(call: &Call) -> Result<i64, Problem> {
    call.path_number("id", "strategy")
}

async fn list(call: Call) -> Outcome {
    let user = call.caller()?.user;
    let rows = call.desk.ask(move |store| store.strategies(Some(user), None)).await?;
    ok(&rows.into_iter().map(StrategyView::from).collect::<Vec<_>>())
}

async fn get(call: Call) -> Outcome {
    ok(&find(&call, id_of(&call)?).await?)
}

async fn change(call: Call) -> Outcome {
    let body: ChangeBody = call.json()?;
    if let Some(name) = &body.name {
        check("name", name, NAME_MAX)?;
    }
    let (user, id) = (call.caller()?.user, id_of(&call)?);
    let change = StrategyChange {
        name: body.name,
        description: body.description,
        config: body.config.map(config_text).transpose()?,
        is_public: body.is_public,
        ..StrategyChange::default()
    };
    call.desk.ask(move |store| store.change_strategy(user, id, &change, clock::now())).await?;
    audit::note(&call, "strategy", &id.to_string(), "changed").await?;
    ok(&find(&call, id).await?)
}

async fn delete(call: Call) -> Outcome {
    let (user, id) = (call.caller()?.user, id_of(&call)?);
    call.desk.ask(move |store| store.delete_strategy(user, id)).await?;
    audit::note(&call, "strategy", &id.to_string(), "deleted").await?;
    nothing()
}

async fn start(call: Call) -> Outcome {
    find(&call, id_of(&call)?).await?;
    Err(Problem::not_yet("running strategies"))
}

async fn stop(call: Call) -> Outcome {
    find(&call, id_of(&call)?).await?;
    Err(Problem::not_yet("running strategies"))
}

async fn signals(call: Call) -> Outcome {
    let query: SignalQuery = call.query()?;
    let id = id_of(&call)?;
    find(&call, id).await?;
    let span = span(query.from.as_deref(), query.to.as_deref())?;
    let page = Paging { limit: query.limit, cursor: query.cursor }.page();
    let asked = call.desk.ask(move |store| store.signals((Some(id), query.symbol.as_deref()), span, &page));
    let (rows, next_cursor) = asked.await?;
    ok(&Listed::<SignalView> { data: rows.into_iter().map(SignalView::from).collect(), next_cursor })
}
