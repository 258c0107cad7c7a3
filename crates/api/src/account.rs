//! Accounts and their books: opened by their owners, with money that only on paper comes from nowhere.

use crate::audit;
use crate::auth::{Caller, Power, check_second_factor};
use crate::call::{Call, Outcome, json, ok};

use crate::decimal::Decimal;
use crate::order::change::refusal;
use crate::pages::word;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use model::line::Worded;
use model::{
    AccountId, AccountKind, Because, Command, Directory, Event, MarginMode, Mode, Money, Name, NewAccount,
    PositionMode, Transfer,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    /// Unique in the house.
    name: String,
    /// paper or live; paper if not said.
    mode: Option<String>,
    /// cash, margin or futures; cash if not said.
    kind: Option<String>,
    /// What it is counted in.
    currency: String,
    /// netting or hedging.
    position_mode: Option<String>,
    /// cross or isolated.
    margin_mode: Option<String>,
    /// The broker's venue of a live account.
    broker: Option<String>,
}

/// Money that comes or goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    asset: String,
    amount: Decimal,
    /// The same reference again does nothing again.
    reference: Option<String>,
}

/// A new book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookBody {
    name: String,
}

/// An account.
#[derive(Serialize, ToSchema)]
struct AccountView {
    id: u32,
    name: String,
    user_id: u32,
    mode: &'static str,
    kind: &'static str,
    books: Vec<String>,
}

/// What was moved.
#[derive(Serialize, ToSchema)]
struct TransferView {
    account: String,
    asset: String,
    amount: Decimal,
    seq: u64,
}

/// What an account's money did.
#[derive(Serialize, ToSchema)]
struct LedgerLine {
    seq: i64,
    time: String,
    kind: String,
    asset: String,
    amount: Decimal,
    reference: Option<String>,
}

/// Which part of a ledger.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LedgerQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    let (read, manage) = (Need::Power(Power::Read), Need::Power(Power::Manage));
    let created = StatusCode::CREATED;
    vec![
        Route::new(Method::GET, "/api/v1/accounts", read, "Accounts", list).lists::<AccountView>(),
        Route::new(Method::POST, "/api/v1/accounts", manage, "Open an account", open)
            .body::<AccountBody>()
            .gives::<AccountView>()
            .status(created)
            .refuses(&[404, 409, 422]),
        Route::new(Method::POST, "/api/v1/accounts/{account}/books", manage, "Open a book", open_book)
            .body::<BookBody>()
            .gives::<AccountView>()
            .status(created)
            .refuses(&[409, 422]),
        Route::new(Method::POST, "/api/v1/accounts/{account}/deposits", manage, "Pay in", deposit)
            .body::<TransferBody>()
            .gives::<TransferView>()
            .status(created)
            .refuses(&[409, 422]),
        Route::new(Method::POST, "/api/v1/accounts/{account}/withdrawals", manage, "Pay out", withdraw)
            .body::<TransferBody>()
            .gives::<TransferView>()
            .status(created)
            .refuses(&[409, 422]),
        Route::new(
            Method::POST,
            "/api/v1/accounts/{account}/arm",
            Need::Person,
            "Let a live account trade",
            arm,
        )
        .gives::<AccountView>()
        .refuses(&[409, 422]),
        Route::new(Method::POST, "/api/v1/accounts/{account}/disarm", manage, "Stop a live account", disarm)
            .gives::<AccountView>()
            .refuses(&[409, 422]),
        Route::new(
            Method::GET,
            "/api/v1/accounts/{account}/ledger",
            read,
            "Money, movement by movement",
            ledger,
        )
        .query::<LedgerQuery>()
        .pages::<LedgerLine>(),
    ]
}

fn view(account: AccountId, names: &Directory) -> Option<AccountView> {
    let of = names.account(account)?;
    let books = names.books(account).map(|(_, name)| name.to_string()).collect();
    let (mode, kind) = (of.mode.word(), of.kind.word());
    Some(AccountView { id: account.0, name: of.name.to_string(), user_id: of.user.0, mode, kind, books })
}

async fn list(call: Call) -> Outcome {
    let names = call.desk.names.after(call.desk.door.durable_seq()).await;
    let sees = call.sees()?;
    let seen = names.accounts().filter(|(_, of)| sees.is_none_or(|user| user == of.user));
    ok(&seen.filter_map(|(account, _)| view(account, &names)).collect::<Vec<_>>())
}

fn name_of(field: &str, text: &str) -> Result<Name, Problem> {
    Name::new(text).map_err(|error| Problem::wrong(field, error.to_string()))
}

fn optional<T: Worded + Default>(field: &str, text: Option<&String>) -> Result<T, Problem> {
    text.map(|text| word(field, text)).transpose().map(Option::unwrap_or_default)
}

async fn open(call: Call) -> Outcome {
    let body: AccountBody = call.json()?;
    let caller = call.caller()?;
    let asset = |names: &Directory| names.asset_named(&body.currency);
    let names = call.desk.names_with(|names| asset(names).is_some()).await;
    let mode = body.mode.as_deref().map_or(Ok(Mode::Paper), |text| word("mode", text))?;
    if mode == Mode::Live {
        check_second_factor(&call.desk, caller)?;
    }
    let broker = body.broker.as_deref().map(|venue| {
        names.venue_named(venue).ok_or_else(|| Problem::wrong("broker", "is none of the venues"))
    });
    let new = NewAccount {
        user: caller.user,
        name: name_of("name", &body.name)?,
        mode,
        kind: body.kind.as_deref().map_or(Ok(AccountKind::Cash), |text| word("kind", text))?,
        currency: asset(&names).ok_or_else(|| Problem::wrong("currency", "is no asset that there is"))?,
        position_mode: optional::<PositionMode>("position_mode", body.position_mode.as_ref())?,
        margin_mode: optional::<MarginMode>("margin_mode", body.margin_mode.as_ref())?,
        broker: broker.transpose()?,
    };
    let reply = call.desk.door.command(Command::OpenAccount(Box::new(new))).await?;
    refusal(reply.events(), &names)?;
    let names = call.desk.names.after(reply.seq).await;
    let opened = reply.events().iter().find_map(|event| match event {
        Event::AccountOpened { account, .. } => view(*account, &names),
        _ => None,
    });
    audit::note(&call, "account", &body.name, "opened").await?;
    json(StatusCode::CREATED, &opened.ok_or_else(Problem::internal)?)
}

/// The account in the address, if it is the caller's own, or the caller is the house.
pub(crate) fn owned(call: &Call, names: &Directory) -> Result<AccountId, Problem> {
    let caller: &Caller = call.caller()?;
    let account = call.account(Some(call.path("account")), names)?;
    let own = names.account(account).is_some_and(|of| of.user == caller.user);
    if own || caller.can(Power::House) { Ok(account) } else { Err(Problem::not_found("account")) }
}

async fn open_book(call: Call) -> Outcome {
    let body: BookBody = call.json()?;
    let names = call.desk.names.now();
    let account = owned(&call, &names)?;
    let name = name_of("name", &body.name)?;
    let reply = call.desk.door.command(Command::OpenBook { account, name }).await?;
    refusal(reply.events(), &names)?;
    let names = call.desk.names.after(reply.seq).await;
    json(StatusCode::CREATED, &view(account, &names).ok_or_else(Problem::internal)?)
}

async fn deposit(call: Call) -> Outcome {
    transfer(call, Command::Deposit).await
}

async fn withdraw(call: Call) -> Outcome {
    transfer(call, Command::Withdraw).await
}

/// Money of a live account is moved by the house, with a second factor.
async fn transfer(call: Call, make: fn(Transfer) -> Command) -> Outcome {
    let body: TransferBody = call.json()?;
    let names = call.desk.names_with(|names| names.asset_named(&body.asset).is_some()).await;
    let account = owned(&call, &names)?;
    let caller = call.caller()?;
    let live = names.account(account).is_some_and(|of| of.mode == Mode::Live);
    if live {
        check_second_factor(&call.desk, caller)?;
        if !caller.can(Power::House) {
            return Err(Problem::forbidden("forbidden", "money of a live account is moved by the house"));
        }
    }
    let asset =
        names.asset_named(&body.asset).ok_or_else(|| Problem::wrong("asset", "is none that there is"))?;
    let amount = Money::parse(&body.amount.0).map_err(|error| Problem::wrong("amount", error.to_string()))?;
    let reference = body.reference.as_deref().map(str::parse).transpose();
    let reference =
        reference.map_err(|error: model::TextError| Problem::wrong("reference", error.to_string()))?;
    let reply = call.desk.door.command(make(Transfer { account, asset, amount, reference })).await?;
    refusal(reply.events(), &names)?;
    audit::note(
        &call,
        "transfer",
        &format!("{} {} {}", call.path("account"), body.amount.0, body.asset),
        "done",
    )
    .await?;
    let account = names.account(account).map(|of| of.name.to_string()).unwrap_or_default();
    let amount = Decimal(amount.to_string());
    json(StatusCode::CREATED, &TransferView { account, asset: body.asset, amount, seq: reply.seq })
}

async fn arm(call: Call) -> Outcome {
    check_second_factor(&call.desk, call.caller()?)?;
    switch(call, "armed", |account, because| Command::ArmAccount { account, because }).await
}

async fn disarm(call: Call) -> Outcome {
    switch(call, "disarmed", |account, because| Command::DisarmAccount { account, because }).await
}

async fn switch(call: Call, what: &str, make: fn(AccountId, Because) -> Command) -> Outcome {
    let names = call.desk.names.now();
    let account = owned(&call, &names)?;
    let because = Because { user: call.caller()?.user, reason: name_of("reason", "api")? };
    let reply = call.desk.door.command(make(account, because)).await?;
    refusal(reply.events(), &names)?;
    audit::note(&call, "account", call.path("account"), what).await?;
    ok(&view(account, &names).ok_or_else(Problem::internal)?)
}

async fn ledger(call: Call) -> Outcome {
    let query: LedgerQuery = call.query()?;
    let names = call.desk.names.now();
    let account = call.account(Some(call.path("account")), &names)?;
    let page = crate::pages::Paging { limit: query.limit, cursor: query.cursor }.page();
    call.desk.archived().await;
    let (rows, next_cursor) = call.desk.ask(move |store| store.ledger(account, &page)).await?;
    let data = rows.into_iter().map(|row| LedgerLine {
        seq: row.seq,
        time: row.time.to_string(),
        kind: row.kind.to_lowercase(),
        asset: row.asset,
        amount: crate::trade::decimal(&row.amount),
        reference: row.reference,
    });
    ok(&crate::pages::Listed::<LedgerLine> { data: data.collect(), next_cursor })
}
