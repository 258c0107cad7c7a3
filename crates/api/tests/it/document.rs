//! The OpenAPI document is the one that is kept, and every address of it keeps its permissions.

use crate::client::Client;
use crate::world::World;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json")
}

#[test]
fn the_document_that_is_kept_is_up_to_date() {
    let now = api::document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(kept(), &now).expect("it can be written");
        return;
    }
    let kept = std::fs::read_to_string(kept()).unwrap_or_default();
    assert!(
        kept == now,
        "docs/openapi.json is out of date: run `UPDATE=1 cargo test -p api --test it document` and read it"
    );
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn walk(value: &Value, root: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(to)) = fields.get("$ref") {
                    let path = to.strip_prefix('#').expect("a local reference");
                    assert!(root.pointer(path).is_some(), "{to} leads nowhere");
                }
                fields.values().for_each(|value| walk(value, root));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, root)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(&api::document()).expect("JSON");
    walk(&document, &document);
    assert!(document["paths"].as_object().map(serde_json::Map::len) > Some(50));
}

/// Every operation with its address filled in.
fn operations(document: &Value) -> Vec<(String, String, bool)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, told) in methods.as_object().expect("methods") {
            let filled: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { "999999" } else { part }).collect();
            all.push((method.to_uppercase(), filled.join("/"), told.get("security").is_some()));
        }
    }
    all
}

#[test]
fn no_address_answers_who_is_nobody_or_pretends_to_be_somebody() {
    let world = World::start();
    let mut admin = world.with_market();
    let key = serde_json::json!({ "name": "k", "scopes": ["read"] });
    let key = admin.post("/api/v1/keys", key).expect(201);
    let document: Value = serde_json::from_str(&api::document()).expect("JSON");
    let forged = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOjB9.";
    let mut callers = [
        world.client(),
        Client::with_token(world.address, forged),
        Client::with_key(world.address, "sk_no_key_of_ours"),
    ];
    let mut reader = Client::with_key(world.address, key["key"].as_str().expect("a key"));
    for (method, path, secured) in operations(&document) {
        if secured {
            for caller in &mut callers {
                let answer = caller.send(&method, &path, &[], b"{}");
                assert_eq!(answer.status, 401, "{method} {path}");
            }
            // A key that may only read changes nothing.
            if method != "GET" {
                assert_eq!(reader.send(&method, &path, &[], b"{}").status, 403, "{method} {path}");
            }
        }
        let answer = admin.send(&method, &path, &[], b"{");
        assert!(answer.status < 500 || answer.status == 501, "{method} {path}: {}", answer.status);
        if path.ends_with("logout") || path.ends_with("logout-everywhere") {
            let body = serde_json::json!({ "username": "root", "password": crate::world::PASSWORD });
            let signed = world.client().post("/api/v1/auth/login", body).expect(200);
            admin = Client::with_token(world.address, signed["access_token"].as_str().expect("a token"));
        }
    }
}

#[test]
fn each_role_may_what_the_table_says() {
    const TABLE: [(&str, &str); 5] = [
        ("viewer", "read"),
        ("service", "read trade"),
        ("trader", "read trade manage"),
        ("risk_manager", "read see_all risk"),
        ("admin", "read trade manage see_all risk house"),
    ];
    /// One address for each power, with a body that is refused for what it is, once who asks may ask.
    const PROBES: [(&str, &str, &str); 5] = [
        ("read", "GET", "/api/v1/orders"),
        ("trade", "POST", "/api/v1/orders"),
        ("manage", "POST", "/api/v1/accounts"),
        ("risk", "POST", "/api/v1/risk/kill"),
        ("house", "POST", "/api/v1/lines"),
    ];
    let world = World::start();
    let mut admin = world.admin();
    for (role, powers) in TABLE {
        let mut person = world.person(&mut admin, &format!("a-{role}"), role);
        let told = person.get("/api/v1/auth/me").expect(200);
        let words: Vec<&str> =
            told["powers"].as_array().expect("powers").iter().filter_map(Value::as_str).collect();
        assert_eq!(words.join(" "), powers);
        for (power, method, path) in PROBES {
            let status = person.send(method, path, &[], b"nonsense").status;
            let allowed = powers.split(' ').any(|word| word == power);
            assert_eq!(status != 403, allowed, "{role} {power}: {status}");
            assert!(matches!(status, 200 | 400 | 403), "{role} {power}: {status}");
        }
    }
}

#[test]
fn the_document_and_its_page_are_served() {
    let world = World::start();
    let mut client = world.client();
    let answer = client.get("/openapi.json");
    let tag = answer.header("etag").expect("a tag").to_owned();
    assert_eq!(answer.expect(200)["openapi"], "3.1.0");
    assert_eq!(client.send("GET", "/openapi.json", &[("if-none-match", &tag)], b"").status, 304);
    let zipped = client.send("GET", "/openapi.json", &[("accept-encoding", "gzip")], b"");
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert!(zipped.body.starts_with(&[0x1f, 0x8b]));
    for page in ["/docs", "/setup"] {
        let answer = client.get(page);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("http://"),
            "the page needs nothing from elsewhere"
        );
    }
}
