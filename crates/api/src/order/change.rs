//! Orders that are changed or taken back.

use super::body::Reading;
use super::view::OrderView;
use crate::auth::Caller;
use crate::call::{Call, Outcome, account, ok};
use crate::decimal::Decimal;
use crate::desk::Desk;
use crate::problem::Problem;
use model::{
    AccountId, AlgoId, CancelOrder, Changes, Command, Directory, Event, GroupId, ModifyOrder, OrderFilter,
    OrderId, OrderRef, Side,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What changes of an order; what is absent stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// The new whole, what is filled included.
    pub(crate) quantity: Option<Decimal>,
    pub(crate) price: Option<Decimal>,
    pub(crate) stop_price: Option<Decimal>,
    pub(crate) display_quantity: Option<Decimal>,
    pub(crate) peg_offset: Option<Decimal>,
    /// gtc, day, or gtd with `expires_at`.
    pub(crate) time_in_force: Option<String>,
    pub(crate) expires_at: Option<String>,
}

/// Which orders.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MassQuery {
    /// All own accounts, if none is named.
    account: Option<String>,
    book: Option<String>,
    symbol: Option<String>,
    side: Option<String>,
}

/// Orders to take back, by id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelManyBody {
    ids: Vec<String>,
}

/// What came of one of several.
#[derive(Serialize, ToSchema)]
pub(super) struct CancelLine {
    id: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// How many were cancelled.
#[derive(Serialize, ToSchema)]
pub(super) struct Cancelled {
    cancelled: u32,
}

/// Which account a group or an algo is of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerQuery {
    account: Option<String>,
}

/// An order as it is named in an address: its number, or `client:` and the owner's own name for it.
pub(crate) fn named(text: &str) -> Result<OrderRef, Problem> {
    if let Some(client) = text.strip_prefix("client:") {
        return client.parse().map(OrderRef::Client).or(Err(Problem::not_found("order")));
    }
    text.parse().map(|id| OrderRef::Id(OrderId(id))).or(Err(Problem::not_found("order")))
}

/// The order's account, id and instrument, if it is one that the caller may touch. Who may see it but does not own
/// it may not.
pub(crate) async fn find(desk: &Arc<Desk>, caller: &Caller, order: OrderRef) -> Result<Target, Problem> {
    let names = desk.names.now();
    let own = crate::desk::accounts_of(&names, caller.user);
    let missing = || Problem::not_found("order");
    match order {
        OrderRef::Id(id) => {
            let live = desk.door.look(move |engine| engine.order(id)).await?;
            if let Some(live) = live {
                let mine = own.contains(&live.account);
                return if mine {
                    Ok(Target { account: live.account, order, instrument: Some(live.instrument) })
                } else {
                    Err(missing())
                };
            }
            desk.archived().await;
            let row = desk.ask(move |store| store.order(id)).await?.ok_or_else(missing)?;
            let mine = row.user_id == caller.user;
            // The engine says how it ended.
            if mine {
                Ok(Target { account: row.account_id, order, instrument: Some(row.instrument_id) })
            } else {
                Err(missing())
            }
        }
        OrderRef::Client(client) => {
            let account = account(caller, None, &names)?;
            desk.archived().await;
            let row = desk.ask(move |store| store.order_of_client(account, client.as_str())).await?;
            Ok(Target { account, order, instrument: row.map(|row| row.instrument_id) })
        }
    }
}

/// An order to be touched.
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) order: OrderRef,
    pub(crate) instrument: Option<model::InstrumentId>,
}

impl ChangeBody {
    pub(crate) fn read(&self, target: &Target, names: &Directory) -> Result<Command, Problem> {
        let grid = target.instrument.and_then(|instrument| names.grid(instrument));
        let grid = grid.ok_or_else(|| Problem::not_found("order"))?;
        let mut reading = Reading::new(names);
        let time_in_force = super::body::OrderBody {
            time_in_force: self.time_in_force.clone(),
            expires_at: self.expires_at.clone(),
            ..super::body::OrderBody::default()
        };
        let time_in_force = match self.time_in_force {
            Some(_) => time_in_force.read_time_in_force(&mut reading),
            None => None,
        };
        let changes = Changes {
            qty: reading.qty("quantity", self.quantity.as_ref(), grid),
            price: reading.price("price", self.price.as_ref(), grid),
            trigger: reading.price("stop_price", self.stop_price.as_ref(), grid),
            display: reading.qty("display_quantity", self.display_quantity.as_ref(), grid),
            peg_offset: reading.price("peg_offset", self.peg_offset.as_ref(), grid).map(|offset| offset.0),
            time_in_force,
        };
        if !reading.faults.is_empty() {
            return Err(Problem::invalid(reading.faults));
        }
        let Target { account, order, .. } = *target;
        Ok(Command::ModifyOrder(ModifyOrder { account, order, changes }))
    }
}

/// What the engine refused, if it did.
pub(crate) fn refusal(events: &[Event], names: &Directory) -> Result<(), Problem> {
    let refused = events.iter().find_map(|event| match event {
        Event::ModifyRejected { reason, .. }
        | Event::CancelRejected { reason, .. }
        | Event::CommandRejected { reason } => Some(reason),
        _ => None,
    });
    refused.map_or(Ok(()), |reason| Err(Problem::rejected(reason, names)))
}

pub(super) async fn modify(call: Call) -> Outcome {
    let body: ChangeBody = call.json()?;
    let target = find(&call.desk, call.caller()?, named(call.path("id"))?).await?;
    let names = call.desk.names.now();
    let command = body.read(&target, &names)?;
    let reply = call.desk.door.command(command).await?;
    refusal(reply.events(), &names)?;
    shown(&call, &target, &names).await
}

pub(super) async fn cancel(call: Call) -> Outcome {
    let target = find(&call.desk, call.caller()?, named(call.path("id"))?).await?;
    let names = call.desk.names.now();
    let Target { account, order, .. } = target;
    let reply = call.desk.door.command(Command::CancelOrder(CancelOrder { account, order })).await?;
    refusal(reply.events(), &names)?;
    shown(&call, &target, &names).await
}

/// The order as it is now.
async fn shown(call: &Call, target: &Target, names: &Directory) -> Outcome {
    call.desk.archived().await;
    let (account, order) = (target.account, target.order);
    let row = call
        .desk
        .ask(move |store| match order {
            OrderRef::Id(id) => store.order(id),
            OrderRef::Client(client) => store.order_of_client(account, client.as_str()),
        })
        .await?;
    let missing = || Problem::unavailable("archive_behind", "it is done; the archive does not show it yet");
    ok(&OrderView::kept(row.ok_or_else(missing)?, names))
}

pub(super) async fn cancel_many(call: Call) -> Outcome {
    const MOST: usize = 200;
    let body: CancelManyBody = call.json()?;
    if body.ids.is_empty() || body.ids.len() > MOST {
        return Err(Problem::wrong("ids", format!("have to be 1 to {MOST}")));
    }
    let names = call.desk.names.now();
    let mut lines = Vec::with_capacity(body.ids.len());
    for id in body.ids {
        let cancelled = async {
            let Target { account, order, .. } = find(&call.desk, call.caller()?, named(&id)?).await?;
            let reply = call.desk.door.command(Command::CancelOrder(CancelOrder { account, order })).await?;
            refusal(reply.events(), &names)
        };
        lines.push(match cancelled.await {
            Ok(()) => CancelLine { id, status: 200, code: None },
            Err(problem) => {
                CancelLine { id, status: problem.status().as_u16(), code: Some(problem.code().to_owned()) }
            }
        });
    }
    ok(&lines)
}

pub(super) async fn cancel_all(call: Call) -> Outcome {
    let query: MassQuery = call.query()?;
    let names = call.desk.names.now();
    let side = query.side.as_deref().map(|word| crate::pages::word::<Side>("side", word)).transpose()?;
    let instrument = query
        .symbol
        .as_deref()
        .map(|symbol| names.instrument_named(symbol).ok_or_else(|| Problem::not_found("symbol")));
    let instrument = instrument.transpose()?;
    let mut cancelled = 0u32;
    for account in own(&call, query.account.as_deref(), &names)? {
        let book = query
            .book
            .as_deref()
            .map(|book| names.book_named(account, book).ok_or_else(|| Problem::not_found("book")));
        let filter =
            OrderFilter { account: Some(account), book: book.transpose()?, instrument, side, group: None };
        let reply = call.desk.door.command(Command::CancelMany(filter)).await?;
        refusal(reply.events(), &names)?;
        let counted = reply.events().iter().find_map(|event| match event {
            Event::ManyCancelled { count } => Some(*count),
            _ => None,
        });
        cancelled = cancelled.saturating_add(counted.unwrap_or(0));
    }
    ok(&Cancelled { cancelled })
}

/// The caller's own accounts, or the one of them that is named: what is seen is not owned.
fn own(call: &Call, named: Option<&str>, names: &Directory) -> Result<Vec<AccountId>, Problem> {
    let user = call.caller()?.user;
    let accounts = call.accounts(named, names)?;
    let mine = |account: &AccountId| names.account(*account).is_some_and(|of| of.user == user);
    if accounts.iter().all(mine) { Ok(accounts) } else { Err(Problem::not_found("account")) }
}

fn owner(call: &Call, names: &Directory) -> Result<AccountId, Problem> {
    let query: OwnerQuery = call.query()?;
    let account = call.account(query.account.as_deref(), names)?;
    let owned = own(call, query.account.as_deref(), names)?.contains(&account);
    if owned { Ok(account) } else { Err(Problem::not_found("account")) }
}

pub(super) async fn cancel_group(call: Call) -> Outcome {
    let names = call.desk.names.now();
    let (account, group) = (owner(&call, &names)?, GroupId(call.path_number("id", "group")?));
    let reply = call.desk.door.command(Command::CancelGroup { account, group }).await?;
    refusal(reply.events(), &names)?;
    counted(&reply)
}

pub(super) async fn cancel_algo(call: Call) -> Outcome {
    let names = call.desk.names.now();
    let (account, algo) = (owner(&call, &names)?, AlgoId(call.path_number("id", "algo")?));
    let reply = call.desk.door.command(Command::CancelAlgo { account, algo }).await?;
    refusal(reply.events(), &names)?;
    counted(&reply)
}

fn counted(reply: &node::Reply) -> Outcome {
    let cancelled =
        reply.events().iter().filter(|event| matches!(event, Event::OrderCancelled { .. })).count();
    ok(&Cancelled { cancelled: u32::try_from(cancelled).unwrap_or(u32::MAX) })
}
