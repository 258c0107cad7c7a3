//! Limits, how risk stands, and alerts. Reading shows what concerns the caller; changing is for who manages risk.

use crate::audit;
use crate::auth::{Caller, Power};
use crate::call::{Call, Outcome, nothing, ok};
use crate::decimal::Decimal;
use crate::order::change::refusal;
use crate::pages::word;
use crate::portfolio;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use model::line::Worded;
use model::{
    Alert, AlertCause, Because, Command, Directory, Limit, LimitKind, LimitValue, Money, Name, Policy, Qty,
    Rate, RuleId, Scope, TradingState, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A limit that stands.
#[derive(Serialize, ToSchema)]
struct LimitView {
    scope: String,
    kind: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<String>,
    policy: &'static str,
    /// Where it is kept.
    set_by: Option<String>,
    reason: Option<String>,
}

/// A limit to set, or to take away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LimitBody {
    /// house, user:NAME, account:NAME, book:ACCOUNT/NAME, instrument:SYMBOL, or account:NAME/instrument:SYMBOL.
    scope: String,
    /// order_notional, position_net, daily_loss and so on; docs/RISK.md has all.
    kind: String,
    /// An amount (with `asset`), a quantity in lots, a share like 0.25, a count, or `yes`; which, follows from the kind.
    value: Option<Decimal>,
    asset: Option<String>,
    /// amount, lots, ratio, count or yes; found out from the rest if not said.
    unit: Option<String>,
    /// alert, reduce_only, cancel_open, flatten or halt.
    policy: Option<String>,
    /// The limit is taken away.
    #[serde(default)]
    remove: bool,
    reason: Option<String>,
}

/// How risk stands.
#[derive(Serialize, ToSchema)]
struct MetricsView {
    seq: u64,
    accounts: Vec<RiskView>,
}

/// An account's risk.
#[derive(Serialize, ToSchema)]
struct RiskView {
    account: String,
    equity: Option<Decimal>,
    /// The positions' values, added without their signs, and with them.
    gross_exposure: Option<Decimal>,
    net_exposure: Option<Decimal>,
    /// Gross exposure over equity.
    leverage: Option<f64>,
    margins: Vec<MarginView>,
    open_orders: usize,
}

/// How an account's margin stands, in one asset.
#[derive(Serialize, ToSchema)]
struct MarginView {
    /// The position that it is of, where an account has a margin for each.
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    asset: String,
    #[schema(value_type = Object)]
    state: serde_json::Value,
}

/// Something that a person should know.
#[derive(Serialize, ToSchema)]
struct AlertView {
    id: u32,
    severity: &'static str,
    scope: String,
    /// What it is about, in a word.
    cause: &'static str,
    state: &'static str,
    at: String,
}

/// Where trading goes on, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StateBody {
    scope: String,
    /// active, reduce_only or halted.
    state: String,
    reason: Option<String>,
}

/// A kill switch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KillBody {
    scope: String,
    /// Takes positions off, too.
    #[serde(default)]
    flatten: bool,
    reason: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    let (read, risk) = (Need::Power(Power::Read), Need::Power(Power::Risk));
    let done = StatusCode::NO_CONTENT;
    vec![
        Route::new(Method::GET, "/api/v1/risk/limits", read, "Limits that stand", limits)
            .lists::<LimitView>(),
        Route::new(Method::PUT, "/api/v1/risk/limits", risk, "Set a limit, or take it away", set_limit)
            .body::<LimitBody>()
            .status(done)
            .refuses(&[404, 409, 422]),
        Route::new(Method::GET, "/api/v1/risk/metrics", read, "How risk stands", metrics)
            .query::<MetricsQuery>()
            .gives::<MetricsView>()
            .refuses(&[404]),
        Route::new(Method::GET, "/api/v1/risk/alerts", read, "Alerts, the oldest first", alerts)
            .lists::<AlertView>(),
        Route::new(
            Method::POST,
            "/api/v1/risk/alerts/{id}/acknowledge",
            risk,
            "Acknowledge an alert",
            acknowledge,
        )
        .status(done)
        .refuses(&[409, 422]),
        Route::new(Method::PUT, "/api/v1/risk/state", risk, "Halt trading, or let it go on", set_state)
            .body::<StateBody>()
            .status(done)
            .refuses(&[404, 409, 422]),
        Route::new(Method::POST, "/api/v1/risk/kill", risk, "Throw a kill switch", kill)
            .body::<KillBody>()
            .status(done)
            .refuses(&[404, 409, 422]),
        Route::new(Method::POST, "/api/v1/risk/release", risk, "Release a kill switch", release)
            .body::<KillBody>()
            .status(done)
            .refuses(&[404, 409, 422]),
    ]
}

/// Whose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MetricsQuery {
    account: Option<String>,
}

/// A place in the tree of limits.
pub(crate) fn scope_text(scope: Scope, names: &Directory) -> String {
    let account = |id| names.account(id).map_or_else(|| id.to_string(), |of| of.name.to_string());
    let symbol = |id| names.instrument(id).map_or_else(|| id.to_string(), |of| of.symbol.to_string());
    match scope {
        Scope::House => "house".to_owned(),
        Scope::User(id) => {
            format!("user:{}", names.user(id).map_or_else(|| id.to_string(), |name| name.to_string()))
        }
        Scope::Account(id) => format!("account:{}", account(id)),
        Scope::Book(id) => names
            .book(id)
            .map_or_else(|| format!("book:{id}"), |(of, name)| format!("book:{}/{name}", account(of))),
        Scope::Instrument(id) => format!("instrument:{}", symbol(id)),
        Scope::AccountInstrument(of, id) => format!("account:{}/instrument:{}", account(of), symbol(id)),
        Scope::Venue(id) => {
            format!("venue:{}", names.venue(id).map_or_else(|| id.to_string(), |of| of.name.to_string()))
        }
    }
}

fn parse_scope(text: &str, names: &Directory) -> Result<Scope, Problem> {
    let missing =
        || Problem::wrong("scope", format!("{text:?} names no place; see the reference for the forms"));
    if text == "house" {
        return Ok(Scope::House);
    }
    let (kind, name) = text.split_once(':').ok_or_else(missing)?;
    let found = match (kind, name.split_once('/')) {
        ("user", _) => names.user_named(name).map(Scope::User),
        ("account", None) => names.account_named(name).map(Scope::Account),
        ("account", Some((account, rest))) => {
            let symbol = rest.strip_prefix("instrument:").and_then(|symbol| names.instrument_named(symbol));
            names
                .account_named(account)
                .zip(symbol)
                .map(|(account, id)| Scope::AccountInstrument(account, id))
        }
        ("book", Some((account, book))) => {
            let account = names.account_named(account);
            account.and_then(|account| names.book_named(account, book)).map(Scope::Book)
        }
        ("instrument", _) => names.instrument_named(name).map(Scope::Instrument),
        ("venue", _) => names.venue_named(name).map(Scope::Venue),
        _ => None,
    };
    found.ok_or_else(missing)
}

/// A number of a limit in its unit.
pub(crate) fn amount_text(unit: Unit, number: i128) -> String {
    match unit {
        Unit::Amount => Money(number).to_string(),
        Unit::Ratio => {
            i64::try_from(number).map_or_else(|_large| number.to_string(), |rate| Rate(rate).to_string())
        }
        _ => number.to_string(),
    }
}

/// Whether a place in the tree concerns a caller: it is theirs, or it is above everybody.
fn concerns(scope: Scope, caller: &Caller, names: &Directory) -> bool {
    if caller.can(Power::SeeAll) {
        return true;
    }
    let own = |account| names.account(account).is_some_and(|of| of.user == caller.user);
    match scope {
        Scope::House | Scope::Instrument(_) | Scope::Venue(_) => true,
        Scope::User(user) => user == caller.user,
        Scope::Account(account) | Scope::AccountInstrument(account, _) => own(account),
        Scope::Book(book) => names.book(book).is_some_and(|(account, _)| own(account)),
    }
}

pub(crate) async fn limits(call: Call) -> Outcome {
    let all = call.desk.door.look(|engine| engine.limits().collect::<Vec<_>>());
    let (all, names) = (all.await?, call.desk.names.now());
    let caller = call.caller()?;
    let seen = all.iter().filter(|(limit, _)| concerns(limit.scope, caller, &names));
    let views = seen.map(|(limit, because)| {
        let (value, asset) = match limit.value {
            LimitValue::Amount { asset, amount } => {
                (amount.to_string(), names.asset(asset).map(|name| name.to_string()))
            }
            LimitValue::Qty(qty) => (qty.0.to_string(), None),
            LimitValue::Ratio(rate) => (rate.to_string(), None),
            LimitValue::Count(count) => (count.to_string(), None),
            LimitValue::Yes => ("yes".to_owned(), None),
        };
        LimitView {
            scope: scope_text(limit.scope, &names),
            kind: limit.kind.word(),
            value,
            asset,
            policy: limit.policy.word(),
            set_by: because.and_then(|because| names.user(because.user)).map(|name| name.to_string()),
            reason: because.map(|because| because.reason.to_string()),
        }
    });
    ok(&views.collect::<Vec<_>>())
}

fn because(call: &Call, reason: Option<&str>) -> Result<Because, Problem> {
    let reason =
        Name::new(reason.unwrap_or("api")).map_err(|error| Problem::wrong("reason", error.to_string()))?;
    Ok(Because { user: call.caller()?.user, reason })
}

async fn done(call: &Call, command: Command, what: &str, target: &str) -> Outcome {
    let reply = call.desk.door.command(command).await?;
    let outcome = refusal(reply.events(), &call.desk.names.now());
    let word = outcome.as_ref().map_or_else(Problem::code, |()| "done");
    audit::note(call, what, target, word).await?;
    outcome?;
    nothing()
}

async fn set_limit(call: Call) -> Outcome {
    let body: LimitBody = call.json()?;
    let names = call.desk.names_with(|names| parse_scope(&body.scope, names).is_ok()).await;
    let scope = parse_scope(&body.scope, &names)?;
    let kind: LimitKind = word("kind", &body.kind)?;
    let because = because(&call, body.reason.as_deref())?;
    let target = format!("{} {}", body.scope, body.kind);
    if body.remove {
        return done(&call, Command::RemoveLimit { scope, kind, because }, "limit_removed", &target).await;
    }
    let policy = body.policy.as_deref().map_or(Ok(Policy::Alert), |text| word("policy", text))?;
    let value = read_value(&body, kind, &names)?;
    let limit = Box::new(Limit { scope, kind, value, policy });
    done(&call, Command::SetLimit { limit, because }, "limit_set", &target).await
}

fn read_value(body: &LimitBody, kind: LimitKind, names: &Directory) -> Result<LimitValue, Problem> {
    let unit = body.unit.as_deref().unwrap_or(match (&body.asset, kind) {
        (Some(_), _) => "amount",
        (None, LimitKind::Restricted | LimitKind::MarketHours) => "yes",
        (None, LimitKind::OrderSize | LimitKind::PositionNet | LimitKind::PositionGross) => "lots",
        (
            None,
            LimitKind::Positions
            | LimitKind::OpenOrders
            | LimitKind::OrdersPerMinute
            | LimitKind::TradesPerDay,
        ) => "count",
        _ => "ratio",
    });
    let bad = |error: &dyn std::fmt::Display| Problem::wrong("value", error.to_string());
    let text = body.value.as_ref().map_or("", |value| value.0.as_str());
    Ok(match unit {
        "yes" => LimitValue::Yes,
        "amount" => {
            let asset = body.asset.as_deref().and_then(|asset| names.asset_named(asset));
            let asset = asset.ok_or_else(|| Problem::wrong("asset", "is missing, or none that there is"))?;
            LimitValue::Amount { asset, amount: Money::parse(text).map_err(|error| bad(&error))? }
        }
        "lots" => LimitValue::Qty(Qty(text.parse().map_err(|error| bad(&error))?)),
        "count" => LimitValue::Count(text.parse().map_err(|error| bad(&error))?),
        "ratio" => LimitValue::Ratio(Rate::parse(text).map_err(|error| bad(&error))?),
        _ => return Err(Problem::wrong("unit", "is one of amount, lots, ratio, count and yes")),
    })
}

async fn metrics(call: Call) -> Outcome {
    let query: MetricsQuery = call.query()?;
    let names = call.desk.names.now();
    let accounts = call.accounts(query.account.as_deref(), &names)?;
    let looked = call.desk.door.look(move |engine| {
        let margins: Vec<_> = accounts.iter().map(|account| engine.margins(*account)).collect();
        (portfolio::look(engine, &accounts, &names), margins)
    });
    let (portfolio, margins) = looked.await?;
    let names = call.desk.names.now();
    let accounts = portfolio.accounts.iter().zip(margins).map(|(account, margins)| {
        let margins = margins.iter().map(|(of, margin)| MarginView {
            symbol: of.and_then(|of| names.instrument(of)).map(|listed| listed.symbol.to_string()),
            asset: names.asset(margin.asset).map(|name| name.to_string()).unwrap_or_default(),
            state: serde_json::json!({
                "equity": margin.equity.to_string(), "initial": margin.initial.to_string(),
                "maintenance": margin.maintenance.to_string(), "stage": margin.stage.word(),
            }),
        });
        account.risk(margins.collect())
    });
    ok(&MetricsView { seq: portfolio.seq, accounts: accounts.collect() })
}

impl portfolio::AccountWorth {
    fn risk(&self, margins: Vec<MarginView>) -> RiskView {
        let values: Option<Vec<Money>> = self.values();
        let sum = |map: fn(i128) -> i128| {
            values
                .as_ref()
                .map(|values| Money(values.iter().fold(0i128, |sum, one| sum.saturating_add(map(one.0)))))
        };
        let (gross, net) = (sum(i128::saturating_abs), sum(|value| value));
        let number = |text: &str| text.parse::<f64>().ok();
        let leverage = gross.zip(self.equity()).and_then(|(gross, equity)| {
            let (gross, equity) = (number(&gross.to_string())?, number(equity)?);
            (equity > 0.0).then(|| gross / equity)
        });
        RiskView {
            account: self.account.clone(),
            equity: self.equity().map(|equity| Decimal(equity.to_owned())),
            gross_exposure: gross.map(|gross| Decimal(gross.to_string())),
            net_exposure: net.map(|net| Decimal(net.to_string())),
            leverage,
            margins,
            open_orders: self.open_orders(),
        }
    }
}

fn cause_word(cause: &AlertCause) -> &'static str {
    match cause {
        AlertCause::Loss { .. } => "loss",
        AlertCause::Unvalued { .. } => "unvalued",
        AlertCause::Breaker { .. } => "breaker",
        AlertCause::MarginCall { .. } => "margin_call",
        AlertCause::Liquidation { .. } => "liquidation",
        AlertCause::Shortfall { .. } => "shortfall",
        AlertCause::Silent { .. } => "silent",
        AlertCause::InputMissing { .. } => "input_missing",
    }
}

async fn alerts(call: Call) -> Outcome {
    let all: Vec<Alert> = call.desk.door.look(|engine| engine.alerts().to_vec()).await?;
    let (names, caller) = (call.desk.names.now(), call.caller()?);
    let seen = all.iter().filter(|alert| concerns(alert.scope, caller, &names));
    let views = seen.map(|alert| AlertView {
        id: alert.rule.0,
        severity: alert.severity.word(),
        scope: scope_text(alert.scope, &names),
        cause: cause_word(&alert.cause),
        state: alert.state.word(),
        at: alert.at.to_string(),
    });
    ok(&views.collect::<Vec<_>>())
}

async fn acknowledge(call: Call) -> Outcome {
    let rule = RuleId(call.path_number("id", "alert")?);
    let because = because(&call, None)?;
    done(&call, Command::AcknowledgeAlert { rule, because }, "alert", call.path("id")).await
}

async fn set_state(call: Call) -> Outcome {
    let body: StateBody = call.json()?;
    let scope = parse_scope(&body.scope, &call.desk.names.now())?;
    let state: TradingState = word("state", &body.state)?;
    let because = because(&call, body.reason.as_deref())?;
    let target = format!("{} {}", body.scope, body.state);
    done(&call, Command::SetTradingState { scope, state, because }, "trading_state", &target).await
}

async fn kill(call: Call) -> Outcome {
    let body: KillBody = call.json()?;
    let scope = parse_scope(&body.scope, &call.desk.names.now())?;
    let because = because(&call, body.reason.as_deref())?;
    let flatten = body.flatten;
    done(&call, Command::ThrowKillSwitch { scope, flatten, because }, "kill_switch", &body.scope).await
}

async fn release(call: Call) -> Outcome {
    let body: KillBody = call.json()?;
    let scope = parse_scope(&body.scope, &call.desk.names.now())?;
    let because = because(&call, body.reason.as_deref())?;
    done(&call, Command::ReleaseKillSwitch { scope, because }, "kill_switch_released", &body.scope).await
}
