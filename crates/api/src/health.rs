//! Whether it lives, whether it can be used, and how it does.

use crate::call::{Call, Outcome, json, ok, text};
use crate::gauge;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// That it lives.
#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Whether it can be used; each part with its cause where it cannot.
#[derive(Serialize, ToSchema)]
struct Readiness {
    ready: bool,
    /// The last record on the disk.
    durable_seq: u64,
    /// Records that the archive does not show yet.
    archive_lag: u64,
    causes: Vec<Cause>,
}

/// Why something does not work.
#[derive(Serialize, ToSchema)]
struct Cause {
    part: &'static str,
    /// Orders are not taken while this lasts.
    stops_trading: bool,
    why: String,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/health", Need::Nobody, "Whether the server lives", health)
            .gives::<Health>(),
        Route::new(Method::GET, "/ready", Need::Nobody, "Whether it can be used, and why not", ready)
            .gives::<Readiness>(),
        Route::new(Method::GET, "/metrics", Need::Nobody, "Figures for Prometheus", metrics)
            .gives_text("application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ]
}

async fn health(_call: Call) -> Outcome {
    ok(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

async fn ready(call: Call) -> Outcome {
    let desk = &call.desk;
    let mut causes = Vec::new();
    if desk.is_stopping() {
        causes.push(Cause { part: "server", stops_trading: true, why: "it is stopping".to_owned() });
    }
    if desk.door.is_stopped() {
        causes.push(Cause { part: "node", stops_trading: true, why: "it has stopped".to_owned() });
    }
    if desk.door.metrics().diverged() {
        let why = "the second engine disagrees with the journal".to_owned();
        causes.push(Cause { part: "shadow", stops_trading: false, why });
    } else if let Some(trouble) = desk.door.metrics().trouble() {
        tracing::warn!(trouble, "beside the trading");
        let why = "something went wrong beside the trading; see the log".to_owned();
        causes.push(Cause { part: "node", stops_trading: false, why });
    }
    if let Some(trouble) = desk.projection.trouble() {
        tracing::warn!(cause = %trouble, "the archive is behind");
        let why = format!("the archive does not take records now; {} are waiting", desk.projection.lag());
        causes.push(Cause { part: "archive", stops_trading: false, why });
    }
    let ready = causes.is_empty();
    let (durable_seq, archive_lag) = (desk.door.durable_seq(), desk.projection.lag());
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &Readiness { ready, durable_seq, archive_lag, causes })
}

async fn metrics(call: Call) -> Outcome {
    text("application/openmetrics-text; version=1.0.0; charset=utf-8", gauge::render(&call.desk))
}
