//! WebSockets: one for everything at `/ws/v1`, and a plain path for each channel alone. Bytes become frames in `frame`,
//! what a client may say is in `message`, what becomes of it in `session`; orders go in by `entry`, come back through
//! a `lane`, and their answers are written in `answer`. Who is inside is held against who still may in `guests`.

mod answer;
mod dialect;
mod entry;
pub(crate) mod frame;
mod guests;
mod lane;
mod message;
mod session;
mod upgrade;
mod writer;

pub(crate) use answer::Ticket;
pub(crate) use dialect::Dialect;
pub(crate) use guests::{Guests, watch};
pub(crate) use lane::{Bundled, Lane};
pub(crate) use message::is_message;

use crate::auth::Power;
use crate::call::{Call, Outcome};
use crate::feed::Channel;
use crate::route::{Need, Route};
use axum::http::Method;
use session::Session;
use std::future::{Ready, ready};
use std::sync::Arc;

pub(crate) fn routes() -> Vec<Route> {
    let read = Need::Power(Power::Read);
    vec![
        Route::new(Method::GET, "/ws/v1", Need::Nobody, "Everything over one socket", everything).socket(),
        Route::new(Method::GET, "/ws/market-data/ticker/{symbol}", read, "A market's ticker", ticker)
            .socket(),
        Route::new(Method::GET, "/ws/market-data/trades/{symbol}", read, "A market's trades", tape).socket(),
        Route::new(Method::GET, "/ws/market-data/orderbook/{symbol}", read, "A market's book", book).socket(),
        Route::new(Method::GET, "/ws/strategies/{id}/signals", read, "A strategy's signals", signals)
            .socket(),
        Route::new(Method::GET, "/ws/strategies/{id}/status", read, "How a strategy stands", status).socket(),
        Route::new(Method::GET, "/ws/orders/updates", read, "Own orders", orders).socket(),
        Route::new(Method::GET, "/ws/trades/updates", read, "Own trades", trades).socket(),
        Route::new(Method::GET, "/ws/portfolio/updates", read, "Own portfolio", portfolio).socket(),
    ]
}

async fn signals(call: Call) -> Outcome {
    let id = crate::strategy::seen(&call).await?;
    open(call, Some(Channel::Signals(id)))
}

async fn status(call: Call) -> Outcome {
    let id = crate::strategy::seen(&call).await?;
    open(call, Some(Channel::Status(id)))
}

fn everything(call: Call) -> Ready<Outcome> {
    ready(open(call, None))
}

async fn ticker(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Ticker(instrument)))
}

async fn tape(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Tape(instrument)))
}

async fn book(call: Call) -> Outcome {
    let (instrument, _) = crate::market::find(&call, call.path("symbol")).await?;
    open(call, Some(Channel::Book(instrument)))
}

fn orders(call: Call) -> Ready<Outcome> {
    ready(open(call, Some(Channel::Orders)))
}

fn trades(call: Call) -> Ready<Outcome> {
    ready(open(call, Some(Channel::Trades)))
}

fn portfolio(call: Call) -> Ready<Outcome> {
    ready(open(call, Some(Channel::Portfolio)))
}

fn open(call: Call, first: Option<Channel>) -> Outcome {
    open_as(call, first.into_iter().collect(), Dialect::Own)
}

/// A socket that begins with these channels.
pub(crate) fn open_as(mut call: Call, first: Vec<Channel>, dialect: Dialect) -> Outcome {
    let (desk, caller) = (Arc::clone(&call.desk), call.caller.take());
    let peer = (call.peer, call.id.clone());
    upgrade::accept(&mut call, move |wire| Session::run(desk, (caller, peer), wire, (first, dialect)))
}
