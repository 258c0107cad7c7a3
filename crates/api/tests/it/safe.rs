//! Every address against everything that a stranger, a stolen token or a careless program may send (P14): each gets
//! an answer that the document has, never a 5xx, and nothing of anybody else.

use crate::client::Client;
use crate::world::{PASSWORD, World, config, limit};
use api::Config;
use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// The master key of the tests' world.
const MASTER: [u8; 32] = [7; 32];

struct Operation {
    method: String,
    path: String,
    /// As the document has it.
    template: String,
    secured: bool,
    takes_body: bool,
    documented: Vec<u16>,
}

/// Every operation of the document with a number in place of each variable.
fn operations(id: &str) -> Vec<Operation> {
    let document: Value = serde_json::from_str(&api::document()).expect("JSON");
    let mut all = Vec::new();
    for (template, methods) in document["paths"].as_object().expect("paths") {
        for (method, told) in methods.as_object().expect("methods") {
            let filled: Vec<&str> =
                template.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
            let answers = told["responses"].as_object().expect("answers");
            all.push(Operation {
                method: method.to_uppercase(),
                path: filled.join("/"),
                template: template.clone(),
                secured: told.get("security").is_some(),
                takes_body: told.get("requestBody").is_some(),
                documented: answers.keys().filter_map(|status| status.parse().ok()).collect(),
            });
        }
    }
    assert!(all.len() > 60);
    all
}

fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    i64::try_from(now).expect("before the end of time")
}

/// A token as the server makes them, with what the test wants in it.
fn token(header: &str, claims: &Value) -> String {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, &MASTER).expand(b"access tokens", &mut key).expect("a length");
    let signed = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
    );
    let mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key").chain_update(&signed).finalize();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.into_bytes()))
}

const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn claims(from: i64, to: i64, audience: &str, session: i64) -> Value {
    json!({ "sub": 0, "sid": session, "iat": from, "exp": to, "aud": audience, "use": "access", "mfa": false })
}

#[test]
fn no_address_believes_a_token_that_is_not_good() {
    let world = World::start();
    let mut admin = world.with_market();
    let now = now_s();
    admin.get("/api/v1/auth/me").expect(200);
    let tokens = [
        ("expired", token(HS256, &claims(now - 2000, now - 1000, "staysail", 1))),
        ("from the future", token(HS256, &claims(now + 1000, now + 2000, "staysail", 1))),
        ("for others", token(HS256, &claims(now - 10, now + 1000, "elsewhere", 1))),
        ("of no session", token(HS256, &claims(now - 10, now + 1000, "staysail", 999_999))),
        (
            "without a signature",
            token(r#"{"alg":"none","typ":"JWT"}"#, &claims(now, now + 1000, "staysail", 1)),
        ),
        ("of another kind", token(r#"{"alg":"RS256","typ":"JWT"}"#, &claims(now, now + 1000, "staysail", 1))),
    ];
    let good = token(HS256, &claims(now - 10, now + 1000, "staysail", 1));
    Client::with_token(world.address, &good).get("/api/v1/auth/me").expect(200);
    for operation in operations("1").iter().filter(|operation| operation.secured) {
        for (what, token) in &tokens {
            let mut client = Client::with_token(world.address, token);
            let answer = client.send(&operation.method, &operation.path, &[], b"{}");
            assert_eq!(answer.status, 401, "{} {}: a token {what}", operation.method, operation.path);
        }
    }
}

#[test]
fn every_address_answers_odd_requests_as_the_document_says() {
    let world = World::start();
    let mut admin = world.with_market();
    world.trader(&mut admin, "alice");
    let mut risk = world.person(&mut admin, "rita", "risk_manager");
    let mut viewer = world.person(&mut admin, "vera", "viewer");
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{\"no_such_field\": 1}",
        b"{\"symbol\": {\"$ne\": null}, \"line\": 5, \"username\": [], \"name\": \"\\u0000\"}",
        &[0xff, 0xfe],
    ];
    for id in ["0", "-1", "99999999999999999999", "%00", "..%2f..", "client:x"] {
        for operation in operations(id) {
            let ends = ["/logout", "/logout-everywhere", "/sessions/{id}", "/password", "/users/{id}"];
            if ends.iter().any(|end| operation.template.ends_with(end)) {
                continue;
            }
            let bodies = if operation.takes_body { &bodies[..] } else { &bodies[..1] };
            for body in bodies {
                for client in [&mut admin, &mut risk, &mut viewer] {
                    let answer = client.send(&operation.method, &operation.path, &[], body);
                    let known = operation.documented.contains(&answer.status);
                    let what = format!(
                        "{} {} {:?}",
                        operation.method,
                        operation.path,
                        body.get(..20.min(body.len()))
                    );
                    assert!(known, "{what}: {} is not documented", answer.status);
                    assert!(answer.status < 500 || answer.status == 501, "{what}: {}", answer.status);
                }
            }
        }
    }
}

#[test]
fn no_address_takes_more_than_it_may() {
    let world = World::start();
    let admin = world.admin();
    for operation in operations("1").iter().filter(|operation| operation.takes_body) {
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: t\r\n{}: {}\r\ncontent-length: 1048577\r\n\r\n",
            operation.method, operation.path, admin.headers[0].0, admin.headers[0].1
        );
        let answer = world.client().send_raw(head.as_bytes()).expect("an answer");
        assert!(operation.documented.contains(&413), "{} {}", operation.method, operation.path);
        assert_eq!(answer.refused(413), "too_large", "{} {}", operation.method, operation.path);
    }
}

#[test]
fn what_another_owns_is_nowhere_to_be_found() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    let order = alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let order = order["id"].as_str().expect("an id").to_owned();
    let kept = json!({ "name": "mine", "strategy_type": "momentum", "config": {} });
    let strategy = alice.post("/api/v1/strategies", kept).expect(201)["id"].to_string();
    let key =
        alice.post("/api/v1/keys", json!({ "name": "k", "scopes": ["read"] })).expect(201)["id"].to_string();
    for (method, path) in [
        ("GET", format!("/api/v1/orders/{order}")),
        ("PUT", format!("/api/v1/orders/{order}")),
        ("DELETE", format!("/api/v1/orders/{order}")),
        ("POST", format!("/api/v1/orders/{order}/cancel")),
        ("GET", format!("/api/v1/orders/{order}/history")),
        ("GET", format!("/api/v1/strategies/{strategy}")),
        ("PUT", format!("/api/v1/strategies/{strategy}")),
        ("DELETE", format!("/api/v1/strategies/{strategy}")),
        ("GET", format!("/api/v1/strategies/{strategy}/signals")),
        ("POST", format!("/api/v1/keys/{key}/rotate")),
        ("DELETE", format!("/api/v1/keys/{key}")),
        ("GET", "/api/v1/orders?account=alice".to_owned()),
        ("GET", "/api/v1/trades?account=alice".to_owned()),
        ("GET", "/api/v1/portfolio?account=alice".to_owned()),
        ("POST", "/api/v1/accounts/alice/deposits".to_owned()),
        ("POST", "/api/v1/accounts/alice/margin".to_owned()),
    ] {
        let body: &[u8] = if method == "PUT" && path.contains("orders") {
            b"{\"price\":\"91\"}"
        } else if path.ends_with("deposits") {
            b"{\"asset\":\"USDT\",\"amount\":\"1\"}"
        } else if path.ends_with("margin") {
            b"{\"symbol\":\"BTC-USDT\",\"amount\":\"1\"}"
        } else {
            b"{}"
        };
        assert_eq!(bob.send(method, &path, &[], body).status, 404, "{method} {path}");
    }
    // Nobody trades for another, whatever else they may.
    let mut theirs = limit("buy", "1", "90");
    theirs["account"] = json!("alice");
    for client in [&mut bob, &mut admin] {
        assert_eq!(client.post("/api/v1/orders", theirs.clone()).refused(404), "not_found");
        let many = client.post("/api/v1/orders/batch", json!({ "orders": [theirs] })).expect(200);
        assert_eq!(many[0]["status"], 404);
    }
    assert_eq!(alice.get(&format!("/api/v1/orders/{order}")).expect(200)["price"], "90");
}

#[test]
fn ten_times_the_budget_is_refused_and_says_when_to_come_again() {
    const BUDGET: u32 = 30;
    let world = World::start_with(Config { requests_per_minute: BUDGET, ..config() });
    let body = json!({ "username": "nobody", "password": PASSWORD });
    let mut refused = 0;
    for operation in operations("1").iter().cycle().take(10 * BUDGET as usize) {
        let body = body.to_string();
        let answer = world.client().send(&operation.method, &operation.path, &[], body.as_bytes());
        assert!(answer.status < 500 || answer.status == 501, "{} {}", operation.path, answer.status);
        if answer.status == 429 {
            assert!(answer.header("retry-after").is_some(), "{}", operation.path);
            assert!(operation.documented.contains(&429), "{}", operation.path);
            refused += 1;
        }
    }
    assert!(refused >= 8 * BUDGET, "{refused} of {} were refused", 10 * BUDGET);
}
