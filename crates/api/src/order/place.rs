//! New orders: one, many at once, groups; and what would come of one.

use super::body::OrderBody;
use super::plain::PlainOrder;
use super::told;
use super::view::{Fate, OrderView};
use crate::call::{Call, Outcome, json, json_bytes, ok, own_account};
use crate::decimal::Decimal;
use crate::desk::Desk;
use crate::problem::{Problem, facts_of};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::line::Worded;
use model::{
    AccountId, Command, Directory, Event, FirstAnswer, NewAlgo, NewGroup, NewOrder, OrderId, WhatIf,
};
use node::Reply;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Instant;
use utoipa::ToSchema;

const BATCH_MAX: usize = 200;
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Whether to look only.
#[derive(Deserialize, ToSchema)]
pub(super) struct PlaceQuery {
    /// 1 or true: nothing is placed; the answer says what would come of it.
    dry_run: Option<String>,
}

/// Several orders; each is taken or refused for itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchBody {
    orders: Vec<OrderBody>,
}

/// What came of one of several.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchLine {
    /// What it would have been alone.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::problem::ProblemDocument>)]
    problem: Option<Problem>,
}

/// Orders that depend on each other.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupBody {
    /// oco: the two of `orders` cancel each other. oto: the first of `orders` triggers the others. bracket: `entry`
    /// with `stop`, `target` or both.
    kind: String,
    #[serde(default)]
    orders: Vec<OrderBody>,
    entry: Option<OrderBody>,
    stop: Option<OrderBody>,
    target: Option<OrderBody>,
}

/// A group that was placed.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupView {
    group_id: String,
    orders: Vec<OrderView>,
}

/// One limit on the way of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct LimitUseView {
    kind: &'static str,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// Why it cannot be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

/// What would come of an order now.
#[derive(Serialize, ToSchema)]
pub(super) struct WhatIfView {
    would_be_accepted: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
    limits: Vec<LimitUseView>,
    asset: String,
    /// What the account would have to have free.
    margin: Decimal,
    /// What would trade at once, and what that is worth and costs.
    quantity_now: Decimal,
    value_now: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    spread_cost: Option<Decimal>,
    fees: Decimal,
    /// The most that would pass.
    quantity_most: Decimal,
}

/// A command that places something, with the order that it is shown as.
pub(crate) struct Wanted {
    pub(crate) command: Command,
    pub(crate) shown: NewOrder,
}

/// An order's body as a command.
pub(crate) fn read(body: &OrderBody, account: AccountId, names: &Directory) -> Result<Wanted, Problem> {
    if body.algo.is_some() {
        let algo: NewAlgo = body.read_algo(account, names).map_err(Problem::invalid)?;
        let shown = algo.parent.clone();
        return Ok(Wanted { command: Command::PlaceAlgo(Box::new(algo)), shown });
    }
    let shown = body.read(account, names).map_err(Problem::invalid)?;
    Ok(Wanted { command: Command::PlaceOrder(shown.clone()), shown })
}

pub(super) async fn place(call: Call) -> Outcome {
    let started = Instant::now();
    let (names, order) = match read_plain(&call) {
        Some(plain) => plain,
        None => {
            let mut body: OrderBody = call.json()?;
            take_key(&call, &mut body)?;
            let names = names_for(&call.desk, &body).await;
            let account = own_account(call.caller()?, body.account.as_deref(), &names)?;
            let wanted = read(&body, account, &names)?;
            if is_dry(&call)? {
                return what_if(&call, wanted, &names).await;
            }
            (names, wanted.command)
        }
    };
    let reply = call.desk.door.command(order).await?;
    let answer = answer(&call.desk, &reply, &names).await;
    let word = answer.as_ref().map_or("rejected", |(word, _)| word);
    call.desk.gauges.order(word, started.elapsed());
    answer.map(|(_, response)| response)
}

/// An ordinary order, with the names that it was read by; none where anything about the request is special.
fn read_plain(call: &Call) -> Option<(Arc<Directory>, Command)> {
    if call.parts.uri.query().is_some() || call.parts.headers.contains_key(IDEMPOTENCY_KEY) {
        return None;
    }
    let body: PlainOrder<'_> = serde_json::from_slice(&call.body).ok()?;
    let names = call.desk.names.now();
    let (account, market) = body.place(call.caller.as_ref()?.user, &names)?;
    let order = body.read(account, market)?;
    Some((names, Command::PlaceOrder(order)))
}

/// What came of it, with the word that it is counted under.
async fn answer(
    desk: &Arc<Desk>,
    reply: &Reply,
    names: &Directory,
) -> Result<(&'static str, Response), Problem> {
    let shown = shown_of(reply).ok_or_else(Problem::internal)?;
    if let Some(Event::OrderAccepted(accepted)) = reply.events().first() {
        let fate = Fate::of(accepted.order, reply.events());
        if let Some(body) = told::written(shown, &fate, (reply.time, reply.seq), names) {
            return Ok((fate.status.word(), json_bytes(StatusCode::CREATED, body)));
        }
    }
    let (repeated, view) = tell(desk, shown, reply, names).await?;
    let mut response = json(if repeated { StatusCode::OK } else { StatusCode::CREATED }, &view)?;
    if repeated {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok((view_word(&view), response))
}

/// The order that the command was about.
fn shown_of(reply: &Reply) -> Option<&NewOrder> {
    match &reply.stamped()?.command {
        Command::PlaceOrder(order) => Some(order),
        Command::PlaceAlgo(algo) => Some(&algo.parent),
        _ => None,
    }
}

/// A closed set, so that a metric has few labels.
fn view_word(view: &OrderView) -> &'static str {
    model::OrderStatus::of(&view.execution_status).map_or("unknown", Worded::word)
}

/// The header says the same as the field, and one of the two is enough.
fn take_key(call: &Call, body: &mut OrderBody) -> Result<(), Problem> {
    let Some(key) = call.header(IDEMPOTENCY_KEY) else { return Ok(()) };
    match &body.client_order_id {
        Some(own) if own != key => {
            Err(Problem::wrong("client_order_id", "is another than the Idempotency-Key: send one of the two"))
        }
        _ => {
            body.client_order_id = Some(key.to_owned());
            Ok(())
        }
    }
}

fn is_dry(call: &Call) -> Result<bool, Problem> {
    if call.parts.uri.query().is_none() {
        return Ok(false);
    }
    let query: PlaceQuery = call.query()?;
    match query.dry_run.as_deref() {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(Problem::wrong("dry_run", "has to be 1 or 0")),
    }
}

/// Names in which the order's symbol and account are, if there are such.
async fn names_for(desk: &Desk, body: &OrderBody) -> Arc<Directory> {
    let known = |names: &Directory| {
        names.instrument_named(&body.symbol).is_some()
            && body.account.as_ref().is_none_or(|account| names.account_named(account).is_some())
    };
    desk.names_with(known).await
}

/// What came of it: whether it is an answer given before, and the order; or why not.
pub(crate) async fn tell(
    desk: &Arc<Desk>,
    shown: &NewOrder,
    reply: &Reply,
    names: &Directory,
) -> Result<(bool, OrderView), Problem> {
    for event in reply.events() {
        match event {
            Event::OrderAccepted(accepted) => {
                let fate = Fate::of(accepted.order, reply.events());
                let view = OrderView::placed(shown, &fate, (reply.time, reply.seq), names);
                return view.map(|view| (false, view)).ok_or_else(Problem::internal);
            }
            Event::OrderRejected { reason, .. } | Event::CommandRejected { reason } => {
                return Err(Problem::rejected(reason, names));
            }
            Event::OrderRepeated { first: FirstAnswer::Rejected { reason }, .. } => {
                return Err(Problem::rejected(reason, names));
            }
            Event::OrderRepeated { first: FirstAnswer::Accepted { order }, .. } => {
                return Ok((true, again(desk, *order, names).await?));
            }
            _ => {}
        }
    }
    Err(Problem::internal())
}

/// An order that was placed before, as it is now.
async fn again(desk: &Arc<Desk>, order: OrderId, names: &Directory) -> Result<OrderView, Problem> {
    desk.archived().await;
    let row = desk.ask(move |store| store.order(order)).await?;
    let missing =
        || Problem::unavailable("archive_behind", "the order is placed; the archive does not show it yet");
    row.map(|row| OrderView::kept(row, names)).ok_or_else(missing)
}

async fn what_if(call: &Call, wanted: Wanted, names: &Directory) -> Outcome {
    if matches!(wanted.command, Command::PlaceAlgo(_)) {
        return Err(Problem::wrong("algo", "cannot be looked at beforehand: ask for its parent without it"));
    }
    let order = wanted.shown;
    let (instrument, asked) = (order.instrument, order);
    let answer = call.desk.door.look(move |engine| engine.what_if(&asked)).await?;
    let grid = names.grid(instrument).ok_or_else(Problem::internal)?;
    let WhatIf { limits, quote, margin, qty_now, value_now, spread, fees, qty_most, verdict } = answer;
    let refused = verdict.err();
    ok(&WhatIfView {
        would_be_accepted: refused.is_none(),
        code: refused.map(|reason| reason.code()),
        detail: refused.map(|reason| format!("{reason}: {}", reason.advice())),
        facts: refused.map(|reason| facts_of(&reason, names)).unwrap_or_default(),
        limits: limits.iter().map(|limit| limit_use(limit, names)).collect(),
        asset: names.asset(quote).map(|name| name.to_string()).unwrap_or_default(),
        margin: Decimal(margin.to_string()),
        quantity_now: super::view::qty_text(qty_now, grid),
        value_now: Decimal(value_now.to_string()),
        spread_cost: spread.map(|spread| Decimal(spread.to_string())),
        fees: Decimal(fees.to_string()),
        quantity_most: super::view::qty_text(qty_most, grid),
    })
}

fn limit_use(limit: &model::LimitUse, names: &Directory) -> LimitUseView {
    let (used, refused) = match &limit.used {
        Ok(reached) => (Some(*reached), None),
        Err(reason) => (None, Some(reason.code())),
    };
    LimitUseView {
        kind: limit.kind.word(),
        scope: crate::risk::scope_text(limit.at, names),
        limit: used.map(|reached| crate::risk::amount_text(reached.unit, reached.most())),
        before: used.map(|reached| crate::risk::amount_text(reached.unit, reached.before())),
        after: used.map(|reached| crate::risk::amount_text(reached.unit, reached.after())),
        code: refused,
    }
}

pub(super) async fn place_many(call: Call) -> Outcome {
    let body: BatchBody = call.json()?;
    if body.orders.is_empty() || body.orders.len() > BATCH_MAX {
        return Err(Problem::wrong("orders", format!("have to be 1 to {BATCH_MAX}")));
    }
    let names = call
        .desk
        .names_with(|names| body.orders.iter().all(|order| names.instrument_named(&order.symbol).is_some()))
        .await;
    let caller = call.caller()?;
    let started = Instant::now();
    // All go in, in their order, before the first is waited for.
    let sent: Vec<_> = body
        .orders
        .iter()
        .map(|order| {
            let account = own_account(caller, order.account.as_deref(), &names)?;
            let wanted = read(order, account, &names)?;
            let pending = call.desk.door.send(wanted.command)?;
            Ok::<_, Problem>((wanted.shown, pending))
        })
        .collect();
    let mut lines = Vec::with_capacity(sent.len());
    for one in sent {
        let told = match one {
            Ok((shown, pending)) => {
                let reply = call.desk.door.wait(pending).await?;
                let told = tell(&call.desk, &shown, &reply, &names).await;
                let word = told.as_ref().map_or("rejected", |(_, view)| view_word(view));
                call.desk.gauges.order(word, started.elapsed());
                told
            }
            Err(problem) => Err(problem),
        };
        lines.push(match told {
            Ok((repeated, order)) => {
                BatchLine { status: if repeated { 200 } else { 201 }, order: Some(order), problem: None }
            }
            Err(problem) => {
                BatchLine { status: problem.status().as_u16(), order: None, problem: Some(problem) }
            }
        });
    }
    ok(&lines)
}

pub(super) async fn place_group(call: Call) -> Outcome {
    let body: GroupBody = call.json()?;
    let all: Vec<&OrderBody> =
        body.orders.iter().chain(&body.entry).chain(&body.stop).chain(&body.target).collect();
    let names = call
        .desk
        .names_with(|names| all.iter().all(|order| names.instrument_named(&order.symbol).is_some()))
        .await;
    let caller = call.caller()?;
    let read = |order: &OrderBody| {
        if order.algo.is_some() {
            return Err(Problem::wrong("algo", "cannot be part of a group"));
        }
        let account = own_account(caller, order.account.as_deref(), &names)?;
        order.read(account, &names).map_err(Problem::invalid)
    };
    let orders = body.orders.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let [entry, stop, target] =
        [&body.entry, &body.stop, &body.target].map(|order| order.as_ref().map(read).transpose());
    let (entry, stop, target) = (entry?, stop?, target?);
    let shown: Vec<NewOrder> = orders.iter().chain(&entry).chain(&stop).chain(&target).cloned().collect();
    let group = match (body.kind.as_str(), &orders[..], entry) {
        ("oco", [first, second], None) => {
            NewGroup::Oco { first: Box::new(first.clone()), second: Box::new(second.clone()) }
        }
        ("oto", [first, then @ ..], None) if !then.is_empty() => {
            NewGroup::Oto { first: Box::new(first.clone()), then: then.to_vec() }
        }
        ("bracket", [], Some(entry)) => NewGroup::Bracket {
            entry: Box::new(entry),
            stop: stop.map(Box::new),
            target: target.map(Box::new),
        },
        _ => {
            let why = "is oco with two orders, oto with two or more, or bracket with entry, stop and target";
            return Err(Problem::wrong("kind", why));
        }
    };
    let reply = call.desk.door.command(Command::PlaceGroup(Box::new(group))).await?;
    tell_group(&shown, &reply, &names)
}

fn tell_group(shown: &[NewOrder], reply: &Reply, names: &Directory) -> Outcome {
    let events = reply.events();
    for event in events {
        match event {
            Event::OrderRejected { reason, .. } | Event::CommandRejected { reason } => {
                return Err(Problem::rejected(reason, names));
            }
            Event::GroupPlaced { group, orders } => {
                let view = |(id, order): (&OrderId, &NewOrder)| {
                    let fate = Fate::of(*id, events);
                    let view = OrderView::placed(order, &fate, (reply.time, reply.seq), names)?;
                    Some(OrderView { group_id: Some(group.to_string()), ..view })
                };
                let orders = orders.iter().zip(shown).filter_map(view).collect();
                return json(StatusCode::CREATED, &GroupView { group_id: group.to_string(), orders });
            }
            _ => {}
        }
    }
    Err(Problem::internal())
}
