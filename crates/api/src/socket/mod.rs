//! WebSockets: one for everything at `/ws/v1`, and a plain path for each channel alone. What a client may say is in
//! `message`, what becomes of it in `session`, and answers of orders are written in `answer`.

mod answer;
mod dialect;
mod message;
mod session;

pub(crate) use answer::{Bundled, Ticket};
pub(crate) use dialect::Dialect;

use crate::auth::Power;
use crate::call::{Call, Outcome};
use crate::feed::Channel;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::Method;
use session::Session;

pub(crate) fn routes() -> Vec<Route> {
    let read = Need::Power(Power::Read);
    vec![
        Route::new(Method::GET, "/ws/v1", Need::Nobody, "Everything over one socket", everything).socket(),
        Route::new(Method::GET, "/ws/market-data/ticker/{symbol}", read, "A market's ticker", ticker)
            .socket(),
        Route::new(Method::GET, "/ws/market-data/trades/{symbol}", read, "A market's trades", tape).socket(),
        Route::new(Method::GET, "/ws/market-data/orderbook/{symbol}", read, "A market's book", book).socket(),
        Route::new(Method::GET, "/ws/orders/updates", read, "Own orders", orders).socket(),
        Route::new(Method::GET, "/ws/trades/updates", read, "Own trades", trades).socket(),
        Route::new(Method::GET, "/ws/portfolio/updates", read, "Own portfolio", portfolio).socket(),
    ]
}

async fn everything(call: Call) -> Outcome {
    open(call, None).await
}

async fn ticker(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Ticker(instrument))).await
}

async fn tape(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Tape(instrument))).await
}

async fn book(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Book(instrument))).await
}

async fn orders(call: Call) -> Outcome {
    open(call, Some(Channel::Orders)).await
}

async fn trades(call: Call) -> Outcome {
    open(call, Some(Channel::Trades)).await
}

async fn portfolio(call: Call) -> Outcome {
    open(call, Some(Channel::Portfolio)).await
}

async fn open(call: Call, first: Option<Channel>) -> Outcome {
    open_as(call, first.into_iter().collect(), Dialect::Own).await
}

/// A socket that begins with these channels.
pub(crate) async fn open_as(mut call: Call, first: Vec<Channel>, dialect: Dialect) -> Outcome {
    let refused = |error: axum::extract::ws::rejection::WebSocketUpgradeRejection| {
        Problem::new(error.status(), "upgrade_needed", "this address is for a WebSocket")
    };
    let upgrade = WebSocketUpgrade::from_request_parts(&mut call.parts, &()).await.map_err(refused)?;
    let bytes_max = call.desk.config.socket_bytes_max;
    let upgrade = upgrade.max_message_size(bytes_max).max_frame_size(bytes_max);
    let (desk, caller) = (call.desk, call.caller);
    Ok(upgrade.on_upgrade(move |socket| Session::run(desk, caller, socket, (first, dialect))))
}
