//! Spans for a collector: those of requests, with their ids and their records, sent as OTLP over HTTP in JSON, many
//! at a time, by a thread of its own. A collector that is slow or gone costs spans and nothing else: what does not
//! fit is counted and dropped. Plain HTTP only: the collector stands beside the server or behind a tunnel.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context as Of;
use tracing_subscriber::registry::LookupSpan;

const WAITING_MAX: usize = 4096;
const AT_ONCE: usize = 512;
const EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes spans from the program.
pub struct Exporter {
    send: SyncSender<Value>,
    /// Tells the traces of this run from those of others.
    run: u64,
}

/// A span while it is open.
struct Open {
    start: u128,
    fields: Vec<Value>,
}

/// Where spans go.
struct Collector {
    host: String,
    path: String,
}

impl Collector {
    fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            anyhow!("{url:?} is no place for spans: write http://HOST:4318; for https put a collector beside the server")
        })?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() {
            bail!("{url:?} names no host: write http://HOST:4318");
        }
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:4318") };
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { "/v1/traces".to_owned() } else { format!("/{path}") };
        Ok(Self { host, path })
    }

    fn post(&self, spans: &[Value]) -> Result<()> {
        let body = json!({ "resourceSpans": [{
            "resource": { "attributes": [attribute("service.name", "staysail")] },
            "scopeSpans": [{ "scope": { "name": "staysail" }, "spans": spans }],
        }]});
        let body = body.to_string();
        let address = self.host.to_socket_addrs()?.next().context("the host has no address")?;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n",
            self.path,
            self.host,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        if &status[9..10] == b"2" {
            Ok(())
        } else {
            bail!("it answered {}", String::from_utf8_lossy(&status))
        }
    }
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

impl Exporter {
    pub fn start(url: &str) -> Result<Self> {
        let collector = Collector::parse(url)?;
        let (send, take) = sync_channel(WAITING_MAX);
        Builder::new().name("spans".to_owned()).spawn(move || run(&collector, &take))?;
        Ok(Self { send, run: u64::try_from(now() & u128::from(u64::MAX)).unwrap_or(0) })
    }
}

fn run(collector: &Collector, take: &Receiver<Value>) {
    let (mut spans, mut is_well) = (Vec::new(), true);
    loop {
        let next = take.recv_timeout(EVERY);
        let over = matches!(next, Err(RecvTimeoutError::Disconnected));
        let waited = next.is_err();
        spans.extend(next.ok());
        if !spans.is_empty() && (waited || spans.len() >= AT_ONCE) {
            let sent = collector.post(&spans);
            if let Err(error) = &sent
                && is_well
            {
                warn!(cause = %error, "spans cannot be sent; they are dropped until they can");
            }
            is_well = sent.is_ok();
            spans.clear();
        }
        if over {
            return;
        }
    }
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}

struct Fields<'a>(&'a mut Vec<Value>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push(attribute(field.name(), &format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push(attribute(field.name(), value));
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Exporter {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, of: Of<'_, S>) {
        let mut open = Open { start: now(), fields: Vec::new() };
        attributes.record(&mut Fields(&mut open.fields));
        if let Some(span) = of.span(id) {
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, of: Of<'_, S>) {
        if let Some(span) = of.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut Fields(&mut open.fields));
        }
    }

    fn on_close(&self, id: Id, of: Of<'_, S>) {
        let Some(span) = of.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let root = span.scope().last().map_or(id.into_u64(), |root| root.id().into_u64());
        let start = u64::try_from(open.start & u128::from(u64::MAX)).unwrap_or(0);
        // Ids of spans are used again; with the moment they are not.
        let own = |id: u64| format!("{:016x}", id ^ start.rotate_left(17));
        let told = json!({
            "traceId": format!("{:016x}{:016x}", self.run, root ^ start.rotate_left(17)),
            "spanId": own(id.into_u64()),
            "name": span.name(),
            "kind": 2,
            "startTimeUnixNano": open.start.to_string(),
            "endTimeUnixNano": now().to_string(),
            "attributes": open.fields,
        });
        // Full: the collector is slow, and this span is not waited for.
        self.send.try_send(told).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn a_collector_is_a_plain_address() {
        let parse = |url: &str| Collector::parse(url).map(|to| (to.host, to.path)).ok();
        let expected = |host: &str, path: &str| Some((host.to_owned(), path.to_owned()));
        assert_eq!(parse("http://127.0.0.1:4318"), expected("127.0.0.1:4318", "/v1/traces"));
        assert_eq!(parse("http://collector/spans/"), expected("collector:4318", "/spans"));
        assert_eq!(parse("https://collector"), None);
        assert_eq!(parse("http://"), None);
    }

    #[test]
    fn a_span_arrives_with_what_was_said_of_it() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("a port"));
        let exporter = Exporter::start(&url).expect("a thread");
        let subscriber = tracing_subscriber::registry().with(exporter);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", id = "r-1", seq = tracing::field::Empty);
            span.record("seq", 7);
        });
        let (stream, _) = listener.accept().expect("the exporter");
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a head");
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it reads");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(
            (&span["name"], &span["attributes"][0]["value"]["stringValue"]),
            (&json!("request"), &json!("r-1"))
        );
        assert_eq!(span["attributes"][1]["value"]["stringValue"], "7");
        assert_eq!(span["traceId"].as_str().map(str::len), Some(32));
    }
}
