//! Connections: a bounded number of them, heads that must come in time, and an end that waits for what is on its
//! way. A client that sends a byte now and then holds a connection only until its time is up.

use super::dispatch::{self, Direct};
use crate::desk::Desk;
use crate::older::Service;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

/// From a request to who answers it.
#[derive(Clone)]
struct Ways {
    router: Router,
    direct: Arc<Direct>,
}

pub(super) async fn run(
    desk: Arc<Desk>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    only: Option<Service>,
) {
    let ways = Ways { router: dispatch::router(&desk, only), direct: Arc::new(Direct::new(only)) };
    let room = Arc::new(Semaphore::new(desk.config.connections_max));
    let mut stopping = desk.stopping.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        // Who hung up before we looked is no matter; without handles we wait for some.
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        let (desk, ways, tls) = (Arc::clone(&desk), ways.clone(), tls.clone());
        tokio::spawn(async move {
            desk.gauges.connections.inc();
            if let Err(error) = serve(&desk, stream, Peer(peer.ip()), ways, tls).await {
                tracing::debug!(cause = %error, "a connection broke");
            }
            desk.gauges.connections.dec();
            drop(permit);
        });
    }
    drop(listener);
    // All places are free once everybody has gone.
    let places = u32::try_from(desk.config.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(desk.config.drain_wait, room.acquire_many(places)).await.is_err() {
        tracing::warn!("some requests took too long to finish and were cut");
    }
}

async fn serve(
    desk: &Arc<Desk>,
    stream: TcpStream,
    peer: Peer,
    ways: Ways,
    tls: Option<TlsAcceptor>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    match tls {
        None => converse(desk, TokioIo::new(stream), peer, ways).await,
        Some(tls) => {
            let shaken = tokio::time::timeout(desk.config.head_wait, tls.accept(stream)).await??;
            converse(desk, TokioIo::new(shaken), peer, ways).await
        }
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    desk: &Arc<Desk>,
    stream: TokioIo<S>,
    peer: Peer,
    ways: Ways,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let own = Arc::clone(desk);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        match ways.direct.find(&request) {
            Some(route) => Either::Left(dispatch::at_once(Arc::clone(&own), route, request.map(Body::new))),
            None => Either::Right(ways.router.clone().call(request.map(Body::new))),
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(desk.config.head_wait).max_buf_size(64 << 10);
    let mut connection = pin!(http.serve_connection(stream, service).with_upgrades());
    let mut stopping = desk.stopping.subscribe();
    tokio::select! {
        ended = connection.as_mut() => return Ok(ended?),
        _ = stopping.wait_for(|stopping| *stopping) => connection.as_mut().graceful_shutdown(),
    }
    Ok(connection.await?)
}
