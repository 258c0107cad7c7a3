//! Older surfaces, for clients that were written for them: one module each, and nothing in them but other names for
//! what the front desk does anyway. What belongs to rooms that are not built yet answers 501.

mod agent;
mod check;
mod engine;
mod services;

pub use services::Service;

use crate::call::{Call, Outcome, ok};
use crate::problem::Problem;
use crate::route::{Need, Route, Running};
use axum::http::Method;
use serde::Serialize;
use serde_json::json;

pub(crate) fn routes() -> Vec<Route> {
    [agent::routes(), engine::routes(), services::routes()].into_iter().flatten().collect()
}

fn get(path: &'static str, need: Need, run: fn(Call) -> Running) -> Route {
    Route::new(Method::GET, path, need, "", run).hidden()
}

fn post(path: &'static str, need: Need, run: fn(Call) -> Running) -> Route {
    Route::new(Method::POST, path, need, "", run).hidden()
}

/// The envelope that these clients expect.
fn wrapped(data: &impl Serialize) -> Outcome {
    ok(&json!({ "success": true, "data": data }))
}

async fn sessions(_call: Call) -> Outcome {
    Err(Problem::not_yet("running sessions"))
}
