//! What the libraries do by themselves: a JSON body parsed and sent back, a text message sent back.

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{Message, WebSocket};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::runtime::{Builder, Runtime};

pub(super) struct Echo {
    pub(super) address: SocketAddr,
    _runtime: Runtime,
}

pub(super) fn start() -> Echo {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("a port");
    let router = Router::new()
        .route("/echo", post(async |Json(body): Json<Value>| Json(body)))
        .route("/ws", get(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(repeat)));
    runtime.spawn(async move { axum::serve(listener, router).await });
    Echo { address, _runtime: runtime }
}

/// Sends back what is here together, as a fair server would.
async fn repeat(socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    while let Some(Ok(first)) = stream.next().await {
        let mut next = Some(first);
        while let Some(message) = next.take() {
            if !matches!(message, Message::Text(_)) || sink.feed(message).await.is_err() {
                return;
            }
            if let Some(Some(Ok(more))) = stream.next().now_or_never() {
                next = Some(more);
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}
