//! The services' surface: portfolio, risk, signals and recommendations. Each service may have a port of its own, with
//! its addresses and no others.

use super::check::check_trade;
use super::{get, post};
use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::pages::Paging;
use crate::portfolio;
use crate::problem::Problem;
use crate::route::{Need, Route};
use crate::strategy::SignalView;
use serde_json::json;
use std::future::ready;
use store::Span;

/// One of the services, which may be served on a port of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: &'static str,
    /// Where its clients expect it.
    pub port: u16,
    paths: &'static [&'static str],
}

const SERVICES: [Service; 5] = [
    Service { name: "recommendations", port: 8022, paths: &["/recommendations"] },
    Service { name: "risk", port: 8025, paths: &["/risk/check_trade", "/risk/evaluate", "/risk/limits"] },
    Service {
        name: "portfolio",
        port: 8026,
        paths: &["/portfolio", "/positions", "/performance", "/holdings/update"],
    },
    Service { name: "signals", port: 8028, paths: &["/signals/recent"] },
    Service { name: "analytics", port: 8029, paths: &["/performance"] },
];

/// What every service answers.
const EVERYWHERE: [&str; 3] = ["/health", "/ready", "/metrics"];

impl Service {
    /// The service of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SERVICES.into_iter().find(|service| service.name == name)
    }

    /// All names, for who has to choose.
    #[must_use]
    pub fn all() -> String {
        SERVICES.map(|service| service.name).join(", ")
    }

    pub(crate) fn answers(self, path: &str) -> bool {
        EVERYWHERE.contains(&path) || self.paths.contains(&path)
    }
}

pub(super) fn routes() -> Vec<Route> {
    let (read, trade) = (Need::Power(Power::Read), Need::Power(Power::Trade));
    vec![
        get("/portfolio", read, |call| Box::pin(whole(call))),
        get("/positions", read, |call| Box::pin(positions(call))),
        get("/performance", read, |call| Box::pin(performance(call))),
        post("/holdings/update", trade, |_call| Box::pin(ready(holdings()))),
        post("/risk/check_trade", trade, |call| Box::pin(check_trade(call))),
        post("/risk/evaluate", trade, |call| Box::pin(check_trade(call))),
        get("/risk/limits", read, |call| Box::pin(crate::risk::limits(call))),
        get("/signals/recent", read, |call| Box::pin(signals(call))),
        get("/recommendations", read, |_call| Box::pin(ready(recommendations()))),
    ]
}

async fn whole(call: Call) -> Outcome {
    ok(&portfolio::own(&call, None).await?)
}

async fn positions(call: Call) -> Outcome {
    let view = portfolio::own(&call, None).await?;
    let positions: Vec<_> = view.accounts.into_iter().flat_map(|account| account.positions).collect();
    ok(&json!({ "count": positions.len(), "positions": positions }))
}

async fn performance(call: Call) -> Outcome {
    ok(&portfolio::how_it_went(&call).await?)
}

/// Holdings follow from fills here, and from nothing else.
fn holdings() -> Outcome {
    let detail = "holdings follow from the engine's own fills; place an order instead";
    Err(Problem::conflict("holdings_follow_fills", detail))
}

async fn signals(call: Call) -> Outcome {
    let user = call.caller()?.user;
    let page = Paging::default().page();
    let signals = call
        .desk
        .ask(move |store| {
            let own: Vec<i64> =
                store.strategies(Some(user), None)?.iter().map(|strategy| strategy.id).collect();
            let mut all = Vec::new();
            for id in own {
                all.extend(store.signals((Some(id), None), Span::default(), &page)?.0);
            }
            Ok(all)
        })
        .await?;
    let signals: Vec<SignalView> = signals.into_iter().map(SignalView::from).collect();
    ok(&json!({ "count": signals.len(), "signals": signals }))
}

fn recommendations() -> Outcome {
    Err(Problem::not_yet("recommendations"))
}
