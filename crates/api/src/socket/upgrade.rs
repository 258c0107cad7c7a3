//! From a request to a WebSocket (RFC 6455, section 4): the handshake, and then the connection itself, with what the
//! client sent behind its request.

use crate::call::Call;
use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use data_encoding::BASE64;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use std::future::Future;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// What every server mixes into a client's key.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Both ways of a connection, and what came already.
pub(super) struct Wire {
    pub(super) reading: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) writing: Box<dyn AsyncWrite + Send + Unpin>,
    pub(super) come: Vec<u8>,
}

/// Answers the handshake and converses once the connection is ours.
pub(super) fn accept<F>(
    call: &mut Call,
    converse: impl FnOnce(Wire) -> F + Send + 'static,
) -> Result<Response, Problem>
where
    F: Future<Output = ()> + Send + 'static,
{
    let headers = &call.parts.headers;
    let refused = |why: &str| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "upgrade_needed",
            format!("this address is for a WebSocket: {why}"),
        )
    };
    if !has_word(headers, &header::CONNECTION, "upgrade") || !has_word(headers, &header::UPGRADE, "websocket")
    {
        return Err(refused("connect to it with ws:// or wss://"));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(refused("version 13 is the one that is spoken"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let key = key.filter(|key| BASE64.decode(key).is_ok_and(|nonce| nonce.len() == 16));
    let accepted = accept_of(key.ok_or_else(|| refused("sec-websocket-key is not sixteen bytes in base64"))?);
    let upgrade = call.parts.extensions.remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| refused("this connection cannot become one"))?;
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => converse(wire_of(upgraded)).await,
            Err(error) => tracing::debug!(cause = %error, "a socket did not come to be"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    Ok(response)
}

fn accept_of(key: &[u8]) -> HeaderValue {
    let hash = Sha1::new().chain_update(key).chain_update(MAGIC).finalize();
    HeaderValue::try_from(BASE64.encode(&hash)).unwrap_or(HeaderValue::from_static(""))
}

/// Whether one of a header's words, which commas part, is this one.
fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
}

fn wire_of(upgraded: Upgraded) -> Wire {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            let (reading, writing) = parts.io.into_inner().into_split();
            Wire { reading: Box::new(reading), writing: Box::new(writing), come: parts.read_buf.to_vec() }
        }
        Err(other) => {
            let (reading, writing) = tokio::io::split(TokioIo::new(other));
            Wire { reading: Box::new(reading), writing: Box::new(writing), come: Vec::new() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_standard_has_the_answer_of_the_standard() {
        assert_eq!(accept_of(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_word_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        assert!(has_word(&headers, &header::CONNECTION, "upgrade"));
        assert!(!has_word(&headers, &header::CONNECTION, "grade"));
        assert!(!has_word(&headers, &header::UPGRADE, "websocket"));
    }
}
