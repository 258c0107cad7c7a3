//! The ways in: TLS, web pages of other origins, services on ports of their own, an archive that is away.

use crate::client::{Answer, Client, read};
use crate::world::{World, config, limit};
use api::{Config, Service, Tls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A connection that trusts our certificate and no other, or nothing at all.
fn shake(world: &World, trusts: bool) -> std::io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    if trusts {
        let certificate = CertificateDer::from_pem_file(file("certificate.pem")).expect("a certificate");
        roots.add(certificate).expect("a certificate");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let client = client.expect("versions").with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(client), name).expect("a connection");
    let mut stream = StreamOwned::new(connection, TcpStream::connect(world.address)?);
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    read(&mut BufReader::new(stream))
}

#[test]
fn what_is_said_over_tls_is_answered_over_tls() {
    let tls = Tls { certificate: file("certificate.pem"), key: file("key.pem") };
    let world = World::start_with(Config { tls: Some(tls), ..config() });
    assert!(
        world.api.as_ref().and_then(api::Api::setup_link).is_some_and(|link| link.starts_with("https://"))
    );
    assert_eq!(shake(&world, true).expect("an answer").expect(200)["status"], "ok");
    assert!(shake(&world, false).is_err(), "nobody is trusted who was not told of");
    // Plain words are no handshake: the connection ends, and others go on.
    assert!(world.client().send_raw(b"GET /health HTTP/1.1\r\nhost: t\r\n\r\n").is_err());
    assert_eq!(shake(&world, true).expect("an answer").status, 200);
}

#[test]
fn a_web_page_may_call_from_where_it_was_allowed_to() {
    let origin = "https://desk.example";
    let world = World::start_with(Config { origins: vec![origin.to_owned()], ..config() });
    let mut client = world.client();
    let mut ask = |from: &str| {
        let headers = [("origin", from), ("access-control-request-method", "POST")];
        client.send("OPTIONS", "/api/v1/orders", &headers, b"")
    };
    let asked = ask(origin);
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, Some(origin)));
    assert!(asked.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")));
    assert_eq!(ask("https://elsewhere.example").header("access-control-allow-origin"), None);
    let answer = client.send("GET", "/health", &[("origin", origin)], b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(origin)));
    // Where nothing was allowed, nothing is said of it.
    let closed = World::start();
    let answer = closed.client().send("GET", "/health", &[("origin", origin)], b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}

#[test]
fn a_service_has_its_own_addresses_on_its_own_port_and_no_others() {
    let mut world = World::start();
    let mut admin = world.with_market();
    let alice = world.trader(&mut admin, "alice");
    let api = world.api.as_mut().expect("it runs");
    let mut open = |name: &str| {
        let service = Service::named(name).expect("a service");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut client = Client::new(api.serve(service, listener).expect("it listens"));
        client.headers.clone_from(&alice.headers);
        client
    };
    let (mut portfolio, mut risk, mut signals) = (open("portfolio"), open("risk"), open("signals"));
    assert_eq!(portfolio.get("/portfolio").expect(200)["accounts"][0]["account"], "alice");
    assert_eq!(portfolio.get("/positions").expect(200)["count"], 0);
    assert_eq!(portfolio.post("/holdings/update", json!({})).refused(409), "holdings_follow_fills");
    assert_eq!(signals.get("/signals/recent").expect(200)["count"], 0);
    for client in [&mut portfolio, &mut risk, &mut signals] {
        client.get("/health").expect(200);
        assert_eq!(client.get("/metrics").status, 200);
        assert_eq!(client.get("/api/v1/orders").refused(404), "not_found");
    }
    assert_eq!(risk.get("/portfolio").refused(404), "not_found");
    assert_eq!(Service::named("casino"), None);
    // Without a price there is nothing to count with.
    let check = |amount: &str| json!({ "symbol": "BTC-USDT", "side": "BUY", "amount": amount });
    assert_eq!(risk.post("/risk/check_trade", check("1000")).expect(200)["allowed"], false);
    let mut other = world.trader(&mut admin, "bob");
    other.post("/api/v1/orders", limit("sell", "5", "64000")).expect(201);
    assert_eq!(risk.post("/risk/check_trade", check("1000")).expect(200)["allowed"], true);
    let refused = risk.post("/risk/evaluate", check("900000000000")).expect(200);
    assert_eq!(refused["allowed"], false);
    assert!(refused["reason"].as_str().is_some_and(|why| why.starts_with("insufficient_funds")), "{refused}");
    let wrong = json!({ "symbol": "BTC-USDT", "side": "hold", "amount": "1" });
    assert_eq!(risk.post("/risk/check_trade", wrong).refused(400), "invalid_request");
}
