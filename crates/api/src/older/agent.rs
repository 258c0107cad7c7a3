//! The trading agent's surface: `/api/trading/…`.

use super::{get, post, sessions, wrapped};
use crate::auth::Power;
use crate::call::{Call, Outcome};
use crate::feed::Channel;
use crate::portfolio;
use crate::problem::Problem;
use crate::route::{Need, Route};
use crate::socket::{self, Dialect};
use std::future::ready;

pub(super) fn routes() -> Vec<Route> {
    let (read, trade) = (Need::Power(Power::Read), Need::Power(Power::Trade));
    vec![
        post("/api/trading/start", trade, |call| Box::pin(sessions(call))),
        post("/api/trading/stop", trade, |call| Box::pin(sessions(call))),
        get("/api/trading/positions", read, |call| Box::pin(positions(call))),
        get("/api/trading/performance", read, |call| Box::pin(performance(call))),
        get("/trading/{user}", read, |call| Box::pin(ready(listen(call)))).socket(),
    ]
}

/// One's own fills and positions, in the agent's words.
fn listen(call: Call) -> Outcome {
    let caller = call.caller()?;
    let named = call.path("user");
    if named != caller.name && named != caller.user.to_string() {
        return Err(Problem::not_found("user"));
    }
    socket::open_as(call, vec![Channel::Trades, Channel::Portfolio], Dialect::Agent)
}

async fn positions(call: Call) -> Outcome {
    let view = portfolio::own(&call, None).await?;
    let positions: Vec<_> = view.accounts.into_iter().flat_map(|account| account.positions).collect();
    wrapped(&positions)
}

async fn performance(call: Call) -> Outcome {
    wrapped(&portfolio::how_it_went(&call).await?)
}
