//! The house's own language over HTTP: every command and every look, for administrators. One line in, the lines
//! that a terminal would show out.

use crate::audit::{self, Source};
use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::desk::Desk;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use model::line::Line;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

const LINE_MAX: usize = 64 << 10;

/// One line of the house's language.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LineBody {
    /// As docs/LANGUAGE.md has them, like `show book BTC-USDT`.
    line: String,
}

/// What a terminal would show.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    pub(crate) lines: Vec<String>,
    /// The record of the command, or the last one that the look saw.
    pub(crate) seq: u64,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/lines",
            Need::Power(Power::House),
            "Any line of the house's language",
            say,
        )
        .body::<LineBody>()
        .gives::<LineView>(),
    ]
}

async fn say(call: Call) -> Outcome {
    let body: LineBody = call.json()?;
    let source = Source { caller: call.caller.as_deref(), peer: call.peer, request: &call.id };
    ok(&answer(&call.desk, &source, &body.line).await?)
}

/// What comes of a line. A command is its own record; who asked for it is written down behind it, before it is
/// answered.
pub(crate) async fn answer(desk: &Arc<Desk>, source: &Source<'_>, line: &str) -> Result<LineView, Problem> {
    if line.len() > LINE_MAX || line.contains('\n') {
        return Err(Problem::wrong("line", format!("has to be one, of {LINE_MAX} bytes at the most")));
    }
    let parsed = desk.lines.parse(line);
    let parsed = parsed.map_err(|error| Problem::wrong("line", error.to_string()))?;
    let names = Arc::clone(&desk.lines);
    Ok(match parsed {
        None => LineView { lines: Vec::new(), seq: desk.door.durable_seq() },
        Some(Line::Command(command)) => {
            let reply = desk.door.command(command).await?;
            let verb: String = line.split_whitespace().next().unwrap_or_default().chars().take(40).collect();
            audit::note_from(desk, source, "line", &verb, "done").await?;
            desk.names.after(reply.seq).await;
            let seq = reply.seq;
            let lines = blocking(move || match reply.stamped() {
                Some(stamped) => names.events(stamped, reply.events()),
                None => Vec::new(),
            });
            LineView { lines: lines.await?, seq }
        }
        Some(Line::Show(query)) => {
            let looked = desk.door.look(move |engine| (engine.seq(), node::show(engine, &query)));
            let (seq, answer) = looked.await?;
            LineView { lines: names.answer(&query, &answer), seq }
        }
        Some(Line::WhatIf(order)) => {
            let asked = order.clone();
            let looked = desk.door.look(move |engine| (engine.seq(), engine.what_if(&asked)));
            let (seq, answer) = looked.await?;
            LineView { lines: names.what_if(&order, &answer), seq }
        }
        Some(Line::History { account, order }) => {
            let (seq, sender) = (desk.door.durable_seq(), desk.door.sender().clone());
            let steps = blocking(move || sender.history(account, order)).await?;
            let steps = steps.map_err(|error| {
                tracing::error!(cause = %error, "the journal could not be read");
                Problem::internal()
            })?;
            LineView { lines: names.history(&steps), seq }
        }
        Some(Line::OnDisconnect(_)) => {
            return Err(Problem::wrong("line", "is about a connection of the line protocol"));
        }
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_panicked| Problem::internal())
}
