//! The trade engine's surface: `/api/trade-engine/…`.

use super::{get, post, sessions, wrapped};
use crate::auth::Power;
use crate::call::{Call, Outcome};
use crate::portfolio;
use crate::route::{Need, Route};
use serde_json::json;

pub(super) fn routes() -> Vec<Route> {
    let (read, trade) = (Need::Power(Power::Read), Need::Power(Power::Trade));
    vec![
        post("/api/trade-engine/start", trade, |call| Box::pin(sessions(call))),
        post("/api/trade-engine/stop", trade, |call| Box::pin(sessions(call))),
        post("/api/trade-engine/pause", trade, |call| Box::pin(sessions(call))),
        post("/api/trade-engine/resume", trade, |call| Box::pin(sessions(call))),
        get("/api/trade-engine/status", read, |call| Box::pin(status(call))),
        get("/api/trade-engine/performance", read, |call| Box::pin(performance(call))),
    ]
}

async fn status(call: Call) -> Outcome {
    let states = call.desk.ask(|store| store.engine_states()).await?;
    let connections: Vec<_> = states
        .iter()
        .map(|state| {
            json!({
                "connection_id": state.connection_id, "status": state.status,
                "prehistoric_data_loaded": state.prehistoric_data_loaded,
                "manager_health_status": state.manager_health_status,
                "active_positions_count": state.active_positions_count,
                "error_message": state.error_message, "updated_at": state.updated_at.to_string(),
            })
        })
        .collect();
    let running = states.iter().any(|state| state.status == "running");
    wrapped(&json!({ "status": if running { "running" } else { "stopped" }, "connections": connections }))
}

async fn performance(call: Call) -> Outcome {
    let performance = portfolio::how_it_went(&call).await?;
    let healthy = !call.desk.door.is_stopped() && call.desk.projection.trouble().is_none();
    let health = if healthy { "healthy" } else { "degraded" };
    let micros = call.desk.door.metrics().sync_us(0.5);
    wrapped(&json!({ "health": health, "journal_sync_us": micros, "accounts": performance }))
}
