//! What stands behind positions on margin: how it stands, and more of it put there or taken back in an isolated
//! account.

use crate::account::owned;
use crate::audit;
use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::decimal::Decimal;
use crate::order::change::refusal;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use engine::Engine;
use model::line::Worded;
use model::{AccountId, Command, Directory, Event, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Cash that is to stand behind a position.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MarginBody {
    symbol: String,
    /// In the asset that the instrument is settled in. Below zero it is taken back, as far as it is free.
    amount: Decimal,
}

/// What stands behind a position now.
#[derive(Serialize, ToSchema)]
struct MarginAdjustedView {
    account: String,
    symbol: String,
    asset: String,
    amount: Decimal,
    behind: Decimal,
    seq: u64,
}

/// How margin stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct MarginView {
    /// The position of an isolated account that this is of; none: all positions of the account in the asset.
    symbol: Option<String>,
    asset: String,
    /// sound, called or liquidating.
    stage: &'static str,
    /// Cash and unrealised profit.
    equity: Decimal,
    initial: Decimal,
    maintenance: Decimal,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/accounts/{account}/margin",
            Need::Power(Power::Trade),
            "Put cash behind a position of an isolated account, or take it back",
            adjust,
        )
        .body::<MarginBody>()
        .gives::<MarginAdjustedView>()
        .refuses(&[404, 409, 422]),
    ]
}

pub(crate) fn look(engine: &Engine, account: AccountId, names: &Directory) -> Vec<MarginView> {
    let margins = engine.margins(account).into_iter().map(|(behind, state)| MarginView {
        symbol: behind.and_then(|instrument| Some(names.instrument(instrument)?.symbol.to_string())),
        asset: names.asset(state.asset).map(|name| name.to_string()).unwrap_or_default(),
        stage: state.stage.word(),
        equity: Decimal(state.equity.to_string()),
        initial: Decimal(state.initial.to_string()),
        maintenance: Decimal(state.maintenance.to_string()),
    });
    margins.collect()
}

async fn adjust(call: Call) -> Outcome {
    let body: MarginBody = call.json()?;
    let names = call.desk.names_with(|names| names.instrument_named(&body.symbol).is_some()).await;
    let account = owned(&call, &names)?;
    let instrument = names.instrument_named(&body.symbol);
    let instrument = instrument
        .ok_or_else(|| Problem::wrong("symbol", "is none that there is; see /api/v1/market-data/symbols"))?;
    let amount = Money::parse(&body.amount.0).map_err(|error| Problem::wrong("amount", error.to_string()))?;
    if amount == Money::ZERO {
        return Err(Problem::wrong(
            "amount",
            "is above zero to put cash there, and below zero to take it back",
        ));
    }
    let reply = call.desk.door.command(Command::AdjustMargin { account, instrument, amount }).await?;
    refusal(reply.events(), &names)?;
    let done = format!("{} {} {}", call.path("account"), body.symbol, body.amount.0);
    audit::note(&call, "margin", &done, "done").await?;
    let adjusted = reply.events().iter().find_map(|event| match event {
        Event::MarginAdjusted { asset, behind, .. } => Some((*asset, *behind)),
        _ => None,
    });
    let (asset, behind) = adjusted.ok_or_else(Problem::internal)?;
    ok(&MarginAdjustedView {
        account: names.account(account).map(|of| of.name.to_string()).unwrap_or_default(),
        symbol: body.symbol,
        asset: names.asset(asset).map(|name| name.to_string()).unwrap_or_default(),
        amount: Decimal(amount.to_string()),
        behind: Decimal(behind.to_string()),
        seq: reply.seq,
    })
}
