//! Who may come in, how, and how often.

use crate::client::Client;
use crate::world::{PASSWORD, World, config, limit, open_account};
use api::{Config, SignUp};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use model::{Command, Event};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn login(world: &World, name: &str, password: &str, code: Option<&str>) -> crate::client::Answer {
    world.client().post("/api/v1/auth/login", json!({ "username": name, "password": password, "code": code }))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_millis()
}

/// The code of an authenticator, so many steps from now.
fn code(secret: &str, steps: u64) -> String {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let step = u64::try_from(now_ms() / 30_000).expect("a time") + steps;
    let mac = Hmac::<Sha1>::new_from_slice(&secret).expect("a key").chain_update(step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().expect("four")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[test]
fn the_first_administrator_comes_by_the_link_and_nobody_else_does() {
    let world = World::start();
    let body = |token: &str| json!({ "token": token, "username": "root", "password": PASSWORD });
    assert_eq!(world.client().post("/api/v1/auth/setup", body("setup_guess")).refused(401), "bad_credential");
    let link = world.api.as_ref().and_then(api::Api::setup_link).expect("a link").to_owned();
    let token = link.split_once("token=").expect("a token").1;
    let mut short = body(token);
    short["password"] = json!("short");
    assert_eq!(world.client().post("/api/v1/auth/setup", short).refused(400), "invalid_request");
    let signed = world.client().post("/api/v1/auth/setup", body(token)).expect(201);
    assert_eq!(signed["role"], "admin");
    assert_eq!(world.client().post("/api/v1/auth/setup", body(token)).refused(401), "bad_credential");
}

#[test]
fn sign_up_is_by_invitation_once_or_open() {
    let world = World::start();
    let mut admin = world.admin();
    let body = json!({ "username": "alice", "password": PASSWORD });
    assert_eq!(world.client().post("/api/v1/auth/sign-up", body.clone()).refused(403), "invitation_needed");
    let invited = admin.post("/api/v1/invitations", json!({ "role": "viewer" })).expect(201);
    let mut invited_body = body.clone();
    invited_body["invitation"] = invited["invitation"].clone();
    let signed = world.client().post("/api/v1/auth/sign-up", invited_body.clone()).expect(201);
    assert_eq!(signed["role"], "viewer");
    invited_body["username"] = json!("bob");
    assert_eq!(world.client().post("/api/v1/auth/sign-up", invited_body).refused(404), "not_found");
    let open = World::start_with(Config { sign_up: SignUp::Open, ..config() });
    assert_eq!(open.client().post("/api/v1/auth/sign-up", body.clone()).expect(201)["role"], "trader");
    assert_eq!(open.client().post("/api/v1/auth/sign-up", body).refused(409), "name_taken");
}

#[test]
fn a_refresh_token_is_good_once_and_a_copy_ends_the_session() {
    let world = World::start();
    let mut admin = world.admin();
    let first = world.sign_up(&mut admin, "alice", "trader");
    let refresh =
        |token: &Value| world.client().post("/api/v1/auth/refresh", json!({ "refresh_token": token }));
    let second = refresh(&first["refresh_token"]).expect(200);
    let mut alice = Client::with_token(world.address, text(&second["access_token"]));
    assert_eq!(alice.get("/api/v1/auth/me").expect(200)["username"], "alice");
    assert_eq!(refresh(&first["refresh_token"]).refused(401), "token_reused");
    assert_eq!(refresh(&second["refresh_token"]).refused(401), "bad_credential");
    assert_eq!(alice.get("/api/v1/auth/me").refused(401), "session_over");
    assert_eq!(refresh(&json!("refresh_guess")).refused(401), "bad_credential");
}

#[test]
fn signing_out_everywhere_ends_every_session_at_once() {
    let world = World::start();
    let mut admin = world.admin();
    let mut here = world.person(&mut admin, "alice", "trader");
    let signed = login(&world, "alice", PASSWORD, None).expect(200);
    let mut there = Client::with_token(world.address, text(&signed["access_token"]));
    assert_eq!(there.get("/api/v1/auth/sessions").expect(200).as_array().map(Vec::len), Some(2));
    assert_eq!(here.send("POST", "/api/v1/auth/logout-everywhere", &[], b"").expect(200)["sessions"], 2);
    for client in [&mut here, &mut there] {
        assert_eq!(client.get("/api/v1/auth/me").refused(401), "session_over");
    }
}

#[test]
fn guessing_locks_a_user_and_is_written_down() {
    let world = World::start_with(Config { failures_max: 3, ..config() });
    let mut admin = world.admin();
    world.person(&mut admin, "alice", "trader");
    for _ in 0..3 {
        assert_eq!(login(&world, "alice", "a wrong password", None).refused(401), "bad_credential");
    }
    assert_eq!(login(&world, "alice", PASSWORD, None).refused(403), "locked");
    assert_eq!(login(&world, "nobody", PASSWORD, None).refused(401), "bad_credential");
    let entries = admin.get("/api/v1/audit?action=login").expect(200);
    let outcomes: Vec<&str> = entries["data"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["unknown", "locked", "refused", "refused", "refused"]);
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_is_good_once() {
    let world = World::start_with(Config { second_factor: true, ..config() });
    let mut admin = world.admin();
    let mut alice = world.person(&mut admin, "alice", "trader");
    let key = json!({ "name": "bot", "scopes": ["read"] });
    assert_eq!(alice.post("/api/v1/keys", key.clone()).refused(403), "second_factor_required");
    let factor = alice.send("POST", "/api/v1/auth/totp", &[], b"").expect(201);
    let secret = text(&factor["secret"]);
    assert_eq!(
        alice.post("/api/v1/auth/totp/confirm", json!({ "code": "000000" })).refused(403),
        "wrong_code"
    );
    let used = code(secret, 0);
    let codes = alice.post("/api/v1/auth/totp/confirm", json!({ "code": used })).expect(200);
    assert_eq!(login(&world, "alice", PASSWORD, None).refused(401), "second_factor_required");
    assert_eq!(login(&world, "alice", PASSWORD, Some(&used)).refused(401), "bad_credential", "it was used");
    let signed = login(&world, "alice", PASSWORD, Some(&code(secret, 1))).expect(200);
    let mut alice = Client::with_token(world.address, text(&signed["access_token"]));
    alice.post("/api/v1/keys", key).expect(201);
    let recovery = text(&codes["recovery_codes"][0]);
    login(&world, "alice", PASSWORD, Some(recovery)).expect(200);
    assert_eq!(login(&world, "alice", PASSWORD, Some(recovery)).refused(401), "bad_credential");
}

#[test]
fn a_key_does_what_its_scopes_say_from_where_it_may() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut make = |body: Value| alice.post("/api/v1/keys", body);
    assert_eq!(make(json!({ "name": "k", "scopes": ["house"] })).refused(400), "invalid_request");
    assert_eq!(make(json!({ "name": "k", "scopes": [] })).refused(400), "invalid_request");
    assert_eq!(
        make(json!({ "name": "k", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z" })).refused(400),
        "invalid_request"
    );
    let reads = make(json!({ "name": "reads", "scopes": ["read"] })).expect(201);
    let far = make(json!({ "name": "far", "scopes": ["read"], "addresses": ["192.0.2.1"] })).expect(201);
    let near =
        make(json!({ "name": "near", "scopes": ["read", "trade"], "addresses": ["127.0.0.1"] })).expect(201);
    let mut reader = Client::with_key(world.address, text(&reads["key"]));
    reader.get("/api/v1/orders").expect(200);
    assert_eq!(reader.post("/api/v1/orders", limit("buy", "1", "90")).refused(403), "forbidden");
    assert_eq!(reader.get("/api/v1/keys").refused(403), "person_needed");
    let mut away = Client::with_key(world.address, text(&far["key"]));
    assert_eq!(away.get("/api/v1/orders").refused(403), "address_not_allowed");
    let mut trader = Client::with_key(world.address, text(&near["key"]));
    trader.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let path = format!("/api/v1/keys/{}", near["id"]);
    alice.delete(&path).expect(204);
    assert_eq!(trader.get("/api/v1/orders").refused(401), "key_revoked");
    assert_eq!(
        Client::with_key(world.address, "sk_guess").get("/api/v1/orders").refused(401),
        "bad_credential"
    );
}

#[test]
fn a_key_ends_and_a_rotated_one_works_beside_the_new_for_a_while() {
    let world = World::start();
    let mut admin = world.admin();
    let mut alice = world.person(&mut admin, "alice", "trader");
    let first = alice.post("/api/v1/keys", json!({ "name": "k", "scopes": ["read"] })).expect(201);
    let rotate = |alice: &mut Client, id: &Value, overlap: u64| {
        alice.post(&format!("/api/v1/keys/{id}/rotate"), json!({ "overlap_seconds": overlap })).expect(201)
    };
    let second = rotate(&mut alice, &first["id"], 3600);
    for key in [&first, &second] {
        Client::with_key(world.address, text(&key["key"])).get("/api/v1/orders").expect(200);
    }
    let third = rotate(&mut alice, &second["id"], 0);
    assert_eq!(
        Client::with_key(world.address, text(&second["key"])).get("/api/v1/orders").refused(401),
        "key_expired"
    );
    Client::with_key(world.address, text(&third["key"])).get("/api/v1/orders").expect(200);
    let listed = alice.get("/api/v1/keys").expect(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(3));
    assert!(
        listed
            .as_array()
            .expect("keys")
            .iter()
            .all(|key| key.get("key").is_none() && key.get("secret").is_none())
    );
}

#[test]
fn a_signed_request_is_believed_once_and_for_some_seconds() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.person(&mut admin, "alice", "trader");
    open_account(&mut alice, "alice");
    let made = alice
        .post("/api/v1/keys", json!({ "name": "s", "scopes": ["read", "trade"], "signed": true }))
        .expect(201);
    let secret = text(&made["secret"]).to_owned();
    let mut bot = Client::with_key(world.address, text(&made["key"]));
    assert_eq!(bot.get("/api/v1/orders").refused(401), "signature_missing");
    let body = limit("buy", "1", "90").to_string();
    let sign = |stamp: u128, body: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        let mac = mac.chain_update(format!("{stamp}\nPOST\n/api/v1/orders\n{body}"));
        HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    let mut send = |stamp: u128, signature: &str, body: &str| {
        let stamp = stamp.to_string();
        let headers = [("x-trading-timestamp", stamp.as_str()), ("x-trading-signature", signature)];
        bot.send("POST", "/api/v1/orders", &headers, body.as_bytes())
    };
    let now = now_ms();
    let good = sign(now, &body);
    send(now, &good, &body).expect(201);
    assert_eq!(send(now, &good, &body).refused(401), "replayed");
    let other = limit("buy", "2", "90").to_string();
    assert_eq!(send(now + 1, &sign(now + 1, &body), &other).refused(401), "bad_signature");
    for skewed in [now - 60_000, now + 60_000] {
        assert_eq!(send(skewed, &sign(skewed, &body), &body).refused(401), "clock_skew");
    }
}

#[test]
fn an_access_token_ends_and_a_forged_one_never_begins() {
    let life = Duration::from_secs(1);
    let world = World::start_with(Config { access_life: life, ..config() });
    let mut admin = world.admin();
    // The clock's leeway is five seconds; what a token says is checked apart, in the unit tests.
    admin.get("/api/v1/auth/me").expect(200);
    for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30."] {
        let code = Client::with_token(world.address, token).get("/api/v1/auth/me").refused(401);
        assert!(matches!(code.as_str(), "bad_credential" | "unauthenticated"), "{token}: {code}");
    }
}

#[test]
fn a_budget_is_told_and_kept() {
    let world = World::start_with(Config { requests_per_minute: 5, ..config() });
    let mut client = world.client();
    let left: Vec<String> = (0..5)
        .map(|_| {
            let answer = client.get("/health");
            assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, Some("5")));
            answer.header("ratelimit-remaining").expect("a header").to_owned()
        })
        .collect();
    assert_eq!(left, ["4", "3", "2", "1", "0"]);
    let refused = client.get("/health");
    assert!(refused.header("retry-after").is_some() && refused.header("ratelimit-reset").is_some());
    assert_eq!(refused.refused(429), "rate_limited");
}

#[test]
fn who_is_switched_off_is_out_at_once() {
    let world = World::start();
    let mut admin = world.admin();
    let signed = world.sign_up(&mut admin, "alice", "trader");
    let mut alice = Client::with_token(world.address, text(&signed["access_token"]));
    alice.get("/api/v1/auth/me").expect(200);
    let path = format!("/api/v1/users/{}", signed["user_id"]);
    assert_eq!(alice.put(&path, json!({ "role": "admin" })).refused(403), "forbidden");
    admin.put(&path, json!({ "role": "viewer" })).expect(200);
    assert_eq!(alice.get("/api/v1/auth/me").expect(200)["powers"], json!(["read"]));
    admin.put(&path, json!({ "is_active": false })).expect(200);
    assert_eq!(alice.get("/api/v1/auth/me").refused(401), "session_over");
    assert_eq!(login(&world, "alice", PASSWORD, None).refused(401), "bad_credential");
}

#[test]
fn who_came_and_what_they_changed_is_in_the_journal() {
    let world = World::start();
    let mut admin = world.admin();
    world.sign_up(&mut admin, "alice", "trader");
    assert_eq!(login(&world, "alice", "not the pass phrase", None).refused(401), "bad_credential");
    let mut alice = login(&world, "alice", PASSWORD, None).expect(200);
    let mut alice = Client::with_token(world.address, text(&alice["access_token"].take()));
    assert_eq!(alice.post("/api/v1/lines", json!({ "line": "asset X" })).refused(403), "forbidden");
    admin.post("/api/v1/lines", json!({ "line": "asset USDT" })).expect(200);
    let mut records = world.node.as_ref().expect("it runs").subscribe(1);
    let mut noted = Vec::new();
    let is_whole = |noted: &[String]| {
        let has = |wanted: &str| noted.iter().any(|line| line == wanted);
        has("login refused unknown alice")
            && has("access forbidden unknown POST_/api/v1/lines")
            && has("line done root asset")
    };
    // What was refused is written behind its answer.
    while !is_whole(&noted) {
        let record = records.next(Duration::from_secs(10)).expect("a journal").expect("a record in time");
        if let Command::NoteAccess(access) = &record.stamped.command {
            assert_eq!(
                (record.events.as_slice(), access.address.as_str()),
                (&[Event::AccessNoted][..], "127.0.0.1")
            );
            noted.push(format!("{} {} {} {}", access.action, access.outcome, access.actor, access.target));
        }
    }
    for wanted in [
        "setup done unknown root",
        "invite done root trader",
        "sign_up done unknown alice",
        "login done unknown alice",
        "line done root asset",
    ] {
        assert!(noted.iter().any(|line| line == wanted), "{wanted} is not in {noted:#?}");
    }
    // The archive's row says which record it is.
    let rows = admin.get("/api/v1/audit?action=line").expect(200);
    let record = rows["data"][0]["record"].as_u64().expect("a record");
    let mut again = world.node.as_ref().expect("it runs").subscribe(record);
    let found = again.try_next().expect("a journal").expect("the record");
    assert!(matches!(found.stamped.command, Command::NoteAccess(_)));
}
