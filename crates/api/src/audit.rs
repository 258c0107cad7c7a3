//! Who did what at the front desk: sign-ins, changes, refused access. Each is a record of the journal, whose hash chain
//! shows whether any was changed later, and a row of the archive, where it can be looked for. What is changed is
//! written before it is answered; what was refused is written behind, with a bound, so that a flood of wrong
//! passwords fills neither memory nor the disk.

use crate::auth::{Admission, Caller, Power};
use crate::call::{Call, Outcome, ok};
use crate::clock;
use crate::desk::Desk;
use crate::pages::{Listed, Paging};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use model::{Access, Command, Name, Text, Time};
use node::Refused;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use store::{AuditEntry, AuditFilter, NewAudit};
use utoipa::ToSchema;

/// Refusals that may wait to be written, and that are written in a second; the metrics count all of them.
const WAITING_MAX: usize = 256;
const A_SECOND_MAX: usize = 100;

#[derive(Default)]
pub(crate) struct Audit {
    waiting: AtomicUsize,
    second: AtomicI64,
    in_second: AtomicUsize,
}

impl Audit {
    /// Writes a refusal down behind its answer.
    pub(crate) fn refused(&self, desk: &Arc<Desk>, asked: &Admission<'_>, id: &str, code: &str, now: Time) {
        if !self.has_room(clock::seconds(now)) {
            return;
        }
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        let entry = NewAudit {
            time: now,
            actor: "unknown".to_owned(),
            action: "access".to_owned(),
            target: format!("{} {}", asked.route.method, asked.route.path),
            outcome: code.to_owned(),
            address: asked.peer.to_string(),
            request_id: id.to_owned(),
            ..NewAudit::default()
        };
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            if let Err(problem) = keep(&desk, entry).await {
                tracing::warn!(code = problem.code(), "a refused access was not written down");
            }
            desk.audit.waiting.fetch_sub(1, Ordering::AcqRel);
        });
    }

    /// Two that come at the turn of a second may both begin it; the bound is no sharper than that.
    fn has_room(&self, second: i64) -> bool {
        if self.second.swap(second, Ordering::AcqRel) != second {
            self.in_second.store(0, Ordering::Release);
        }
        self.in_second.fetch_add(1, Ordering::AcqRel) < A_SECOND_MAX
    }
}

/// Who asks, and from where.
pub(crate) struct Source<'a> {
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) peer: IpAddr,
    pub(crate) request: &'a str,
}

/// Writes down what the caller does, before it is answered.
pub(crate) async fn note(call: &Call, action: &str, target: &str, outcome: &str) -> Result<(), Problem> {
    let source = Source { caller: call.caller.as_deref(), peer: call.peer, request: &call.id };
    note_from(&call.desk, &source, action, target, outcome).await
}

pub(crate) async fn note_from(
    desk: &Arc<Desk>,
    source: &Source<'_>,
    action: &str,
    target: &str,
    outcome: &str,
) -> Result<(), Problem> {
    let entry = NewAudit {
        time: clock::now(),
        user: source.caller.map(|caller| caller.user),
        actor: source.caller.map_or_else(|| "unknown".to_owned(), |caller| caller.name.clone()),
        action: action.to_owned(),
        target: target.chars().take(200).filter(|letter| *letter != '\0').collect(),
        outcome: outcome.to_owned(),
        address: source.peer.to_string(),
        request_id: source.request.to_owned(),
        details: None,
    };
    keep(desk, entry).await
}

/// In the journal first; the row says which record it is.
async fn keep(desk: &Arc<Desk>, mut entry: NewAudit) -> Result<(), Problem> {
    let noted = match desk.door.command(Command::NoteAccess(Box::new(access_of(&entry)))).await {
        Ok(reply) => Some(reply.seq),
        // A node that has stopped takes nothing; who comes to see why is let in, and the archive knows of it.
        Err(Refused::Stopped { .. }) => None,
        Err(refused) => return Err(refused.into()),
    };
    entry.details = noted.map(|record| format!("{{\"record\":{record}}}"));
    let listed = desk.ask(move |store| store.audit(&entry).map(drop)).await;
    // Once it is in the journal, an archive that is away takes nothing back.
    if noted.is_some() { Ok(()) } else { listed }
}

fn access_of(entry: &NewAudit) -> Access {
    Access {
        user: entry.user,
        actor: Name::lossy(&entry.actor),
        action: Name::lossy(&entry.action),
        target: Text::lossy(&entry.target),
        outcome: Name::lossy(&entry.outcome),
        address: Text::lossy(&entry.address),
        request: Text::lossy(&entry.request_id),
    }
}

/// Which entries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// Only of this user, by number.
    user_id: Option<u32>,
    action: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One thing that somebody did, or tried.
#[derive(Serialize, ToSchema)]
struct AuditLine {
    id: i64,
    time: String,
    user_id: Option<u32>,
    actor: String,
    action: String,
    target: String,
    outcome: String,
    address: String,
    request_id: String,
    /// The record of the journal that says the same.
    record: Option<u64>,
}

impl From<AuditEntry> for AuditLine {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, time, user_id, actor, action, target, outcome, address, request_id, details } =
            entry;
        let details: Option<Value> = details.and_then(|text| serde_json::from_str(&text).ok());
        let record = details.and_then(|details| details["record"].as_u64());
        let (time, user_id) = (time.to_string(), user_id.map(|user| user.0));
        Self { id, time, user_id, actor, action, target, outcome, address, request_id, record }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/audit",
            Need::Power(Power::House),
            "Who did what, the newest first",
            list,
        )
        .query::<AuditQuery>()
        .pages::<AuditLine>(),
    ]
}

async fn list(call: Call) -> Outcome {
    let query: AuditQuery = call.query()?;
    let user = query.user_id.map(model::UserId);
    let filter = AuditFilter { user, action: query.action, ..AuditFilter::default() };
    let page = Paging { limit: query.limit, cursor: query.cursor }.page();
    let (entries, next) = call.desk.ask(move |store| store.audit_entries(&filter, &page)).await?;
    ok(&Listed { data: entries.into_iter().map(AuditLine::from).collect(), next_cursor: next })
}
