//! Orders over HTTP, from the first to the last moment of their lives.

use crate::client::{Client, read};
use crate::world::{World, limit, say};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn an_order_is_placed_found_changed_and_cancelled() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let placed = alice.post("/api/v1/orders", limit("BUY", "0.5", "64000.10")).expect(201);
    for (field, expected) in [
        ("symbol", "BTC-USDT"),
        ("account", "alice"),
        ("side", "buy"),
        ("order_type", "limit"),
        ("quantity", "0.5"),
        ("price", "64000.1"),
        ("time_in_force", "gtc"),
        ("execution_status", "open"),
        ("status", "pending"),
        ("filled_quantity", "0"),
    ] {
        assert_eq!(placed[field], expected, "{field} in {placed}");
    }
    let path = format!("/api/v1/orders/{}", placed["id"].as_str().expect("an id"));
    let found = alice.get(&path);
    let tag = found.header("etag").expect("a tag").to_owned();
    assert_eq!(found.expect(200)["execution_status"], "open");
    assert_eq!(alice.send("GET", &path, &[("if-none-match", &tag)], b"").status, 304);
    let changed = alice.put(&path, json!({ "price": "63000", "quantity": "0.4" })).expect(200);
    assert_eq!((&changed["price"], &changed["quantity"]), (&json!("63000"), &json!("0.4")));
    let listed = alice.get("/api/v1/orders?status=open&symbol=BTC-USDT").expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(alice.delete(&path).expect(200)["execution_status"], "cancelled");
    assert_eq!(alice.delete(&path).refused(409), "already_cancelled");
    let again = format!("{path}/cancel");
    assert_eq!(alice.send("POST", &again, &[], b"").refused(409), "already_cancelled");
    let steps = alice.get(&format!("{path}/history")).expect(200);
    let events: Vec<&str> =
        steps.as_array().expect("steps").iter().filter_map(|step| step["event"].as_str()).collect();
    assert_eq!(events.first(), Some(&"accepted"), "{steps}");
    assert_eq!(alice.get("/api/v1/orders?status=open").expect(200)["data"], json!([]));
}

#[test]
fn what_is_wrong_with_an_order_is_told_whole() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let check = |alice: &mut Client, body: Value, fields: &[&str]| {
        let answer = alice.post("/api/v1/orders", body.clone());
        assert_eq!(answer.status, 400, "{body}");
        let told = answer.json();
        let named: Vec<&str> = told["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .filter_map(|fault| fault["field"].as_str())
            .collect();
        assert_eq!(named, fields, "{body}: {told}");
    };
    let with = |field: &str, value: Value| {
        let mut body = limit("buy", "1", "100");
        body[field] = value;
        body
    };
    check(&mut alice, with("side", json!("hold")), &["side"]);
    check(&mut alice, with("symbol", json!("NO-SUCH")), &["symbol"]);
    check(&mut alice, with("price", json!("0.001")), &["price"]);
    check(&mut alice, with("price", Value::Null), &["price"]);
    check(&mut alice, with("quantity", json!("1e3")), &["quantity"]);
    check(&mut alice, with("order_type", json!("magic")), &["order_type"]);
    check(&mut alice, with("time_in_force", json!("forever")), &["time_in_force"]);
    check(&mut alice, with("expires_at", json!("2026-01-01T00:00:00Z")), &["expires_at"]);
    check(&mut alice, with("order_type", json!("iceberg")), &["display_quantity"]);
    check(
        &mut alice,
        json!({ "symbol": "BTC-USDT", "side": "x", "order_type": "stop" }),
        &["side", "quantity", "stop_price"],
    );
    check(&mut alice, with("surprise", json!(1)), &["body"]);
    let mut poor = world.person(&mut admin, "bob", "trader");
    assert_eq!(poor.post("/api/v1/orders", limit("buy", "1", "100")).refused(400), "invalid_request");
    assert_eq!(
        alice.post("/api/v1/orders", limit("buy", "1", "900000000")).refused(422),
        "insufficient_funds"
    );
    let told = alice.post("/api/v1/orders", limit("buy", "1", "900000000")).json();
    assert_eq!((&told["facts"]["asset"], told["facts"]["needed"].is_string()), (&json!("USDT"), true));
}

#[test]
fn the_same_id_gives_the_first_answer_again() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let body = limit("buy", "1", "100").to_string();
    let key = [("idempotency-key", "abc-1")];
    let first = alice.send("POST", "/api/v1/orders", &key, body.as_bytes()).expect(201);
    let again = alice.send("POST", "/api/v1/orders", &key, body.as_bytes());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(200)["id"], first["id"]);
    let other = limit("buy", "2", "100").to_string();
    assert_eq!(alice.send("POST", "/api/v1/orders", &key, other.as_bytes()).refused(409), "client_id_reused");
    let found = alice.get("/api/v1/orders/client:abc-1").expect(200);
    assert_eq!(found["id"], first["id"]);
}

#[test]
fn every_kind_of_order_can_be_said_in_json() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut maker = world.trader(&mut admin, "maker");
    for (side, price) in [("buy", "99"), ("sell", "101")] {
        maker.post("/api/v1/orders", limit(side, "100", price)).expect(201);
    }
    say(&mut admin, "mark BTC-USDT 100");
    let order = |more: Value| {
        let mut body = json!({ "symbol": "BTC-USDT", "side": "sell", "quantity": "0.5" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    for more in [
        json!({ "order_type": "market" }),
        json!({ "order_type": "limit", "price": "150", "post_only": "reject", "self_trade": "cancel_oldest" }),
        json!({ "order_type": "limit", "price": 98.5, "time_in_force": "ioc", "min_quantity": "0.1" }),
        json!({ "order_type": "limit", "price": "150", "time_in_force": "gtd", "expires_at": "2099-01-01T00:00:00Z" }),
        json!({ "order_type": "limit", "price": "150", "time_in_force": "day" }),
        json!({ "order_type": "stop", "stop_price": "50", "trigger_source": "mark" }),
        json!({ "order_type": "stop_limit", "stop_price": "50", "price": "49" }),
        json!({ "order_type": "market_if_touched", "stop_price": "150" }),
        json!({ "order_type": "limit_if_touched", "stop_price": "150", "price": "151" }),
        json!({ "order_type": "trailing_stop", "trail_amount": "20" }),
        json!({ "order_type": "trailing_stop", "trail_percent": "20", "activation_price": "150" }),
        json!({ "order_type": "trailing_stop_limit", "trail_ticks": 2000, "limit_offset": "1" }),
        json!({ "order_type": "iceberg", "price": "150", "display_quantity": "0.1" }),
        json!({ "order_type": "hidden", "price": "150" }),
        json!({ "order_type": "market_to_limit" }),
        json!({ "order_type": "pegged", "peg_to": "own_side", "peg_offset": "0.5" }),
        json!({ "order_type": "limit", "price": "150", "condition": { "above": "200" } }),
        json!({ "order_type": "limit", "price": "150", "condition": { "at": "2099-01-01T00:00:00Z" } }),
        json!({ "order_type": "market", "algo": { "name": "twap", "slices": 4, "end": "2099-01-01T00:00:00Z" } }),
        json!({ "order_type": "limit", "price": "150", "algo": { "name": "iceberg_slicer", "display_quantity": "0.1", "refresh_ms": 10 } }),
        json!({ "order_type": "market", "algo": { "name": "sniper", "price": "150", "min_quantity": "0.1" } }),
        json!({ "order_type": "market", "algo": { "name": "pov", "rate": "0.1", "end": "2099-01-01T00:00:00Z" } }),
    ] {
        let answer = alice.post("/api/v1/orders", order(more.clone()));
        assert_eq!(answer.status, 201, "{more}: {}", String::from_utf8_lossy(&answer.body));
        let told = answer.json();
        assert_eq!(told["order_type"], more["order_type"], "{told}");
    }
    let oco = json!({ "kind": "oco", "orders": [
        order(json!({ "order_type": "limit", "price": "160" })),
        order(json!({ "order_type": "stop", "stop_price": "50" })),
    ] });
    let group = alice.post("/api/v1/orders/groups", oco).expect(201);
    assert_eq!(group["orders"].as_array().map(Vec::len), Some(2));
    let bracket = json!({ "kind": "bracket", "entry": { "symbol": "BTC-USDT", "side": "buy", "order_type": "limit", "quantity": "1", "price": "90" },
        "stop": { "symbol": "BTC-USDT", "side": "sell", "order_type": "stop", "quantity": "1", "stop_price": "80" },
        "target": { "symbol": "BTC-USDT", "side": "sell", "order_type": "limit", "quantity": "1", "price": "120" } });
    alice.post("/api/v1/orders/groups", bracket).expect(201);
    let path = format!("/api/v1/orders/groups/{}", group["group_id"].as_str().expect("a number"));
    assert_eq!(alice.delete(&path).expect(200)["cancelled"], 2);
    assert!(alice.delete("/api/v1/orders?side=sell").expect(200)["cancelled"].as_u64() > Some(5));
}

#[test]
fn a_look_before_the_order_says_what_would_come_of_it() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut maker = world.trader(&mut admin, "maker");
    maker.post("/api/v1/orders", limit("sell", "2", "100")).expect(201);
    let seen = alice.post("/api/v1/orders?dry_run=1", limit("buy", "1", "100")).expect(200);
    assert_eq!(
        (&seen["would_be_accepted"], &seen["quantity_now"], &seen["value_now"]),
        (&json!(true), &json!("1"), &json!("100"))
    );
    let dear = alice.post("/api/v1/orders?dry_run=1", limit("buy", "1", "900000000")).expect(200);
    assert_eq!((&dear["would_be_accepted"], &dear["code"]), (&json!(false), &json!("insufficient_funds")));
    assert_eq!(alice.get("/api/v1/orders").expect(200)["data"], json!([]), "nothing was placed");
    admin
        .put("/api/v1/risk/limits", json!({ "scope": "account:alice", "kind": "open_orders", "value": "0" }))
        .expect(204);
    let full = alice.post("/api/v1/orders?dry_run=true", limit("buy", "1", "90")).expect(200);
    assert_eq!(full["code"], "limit_reached");
    assert_eq!(alice.post("/api/v1/orders", limit("buy", "1", "90")).refused(422), "limit_reached");
}

#[test]
fn many_orders_go_together_and_fail_alone() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let orders =
        json!({ "orders": [limit("buy", "1", "90"), limit("buy", "1", "0.001"), limit("buy", "1", "91")] });
    let told = alice.post("/api/v1/orders/batch", orders).expect(200);
    let statuses: Vec<u64> =
        told.as_array().expect("lines").iter().filter_map(|line| line["status"].as_u64()).collect();
    assert_eq!(statuses, [201, 400, 201]);
    let ids = json!({ "ids": [told[0]["order"]["id"], "1", told[2]["order"]["id"]] });
    let told = alice.post("/api/v1/orders/batch/cancel", ids).expect(200);
    let statuses: Vec<u64> =
        told.as_array().expect("lines").iter().filter_map(|line| line["status"].as_u64()).collect();
    assert_eq!(statuses, [200, 404, 200]);
    assert_eq!(alice.post("/api/v1/orders/batch", json!({ "orders": [] })).refused(400), "invalid_request");
}

#[test]
fn what_belongs_to_another_is_not_there() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    let placed = alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let path = format!("/api/v1/orders/{}", placed["id"].as_str().expect("an id"));
    for answer in [
        bob.get(&path),
        bob.get(&format!("{path}/history")),
        bob.put(&path, json!({ "price": "80" })),
        bob.delete(&path),
        bob.get("/api/v1/orders?account=alice"),
        bob.get("/api/v1/portfolio?account=alice"),
        bob.get("/api/v1/trades?account=alice"),
        bob.get("/api/v1/accounts/alice/ledger"),
        bob.post("/api/v1/accounts/alice/withdrawals", json!({ "asset": "USDT", "amount": "1" })),
        bob.delete("/api/v1/orders?account=alice"),
    ] {
        assert_eq!(answer.refused(404), "not_found");
    }
    let mut body = limit("buy", "1", "90");
    body["account"] = json!("alice");
    assert_eq!(bob.post("/api/v1/orders", body).refused(404), "not_found");
    // Who manages risk sees it, and does not touch it.
    let mut risk = world.person(&mut admin, "rita", "risk_manager");
    assert_eq!(risk.get(&path).expect(200)["execution_status"], "open");
    assert_eq!(risk.delete(&path).refused(403), "forbidden");
    assert_eq!(alice.get(&path).expect(200)["price"], "90");
}

#[test]
fn a_thousand_orders_at_once_are_all_answered() {
    const ORDERS: usize = 1000;
    let world = World::start();
    let mut admin = world.with_market();
    let alice = world.trader(&mut admin, "alice");
    let token = &alice.headers[0].1;
    // A connection each; all of them have asked before the first is listened to.
    let mut asked: Vec<TcpStream> = Vec::with_capacity(ORDERS);
    for at in 0..ORDERS {
        let mut stream = TcpStream::connect(world.address).expect("a port");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        let body = limit("buy", "0.001", &format!("{}", 100 + at % 50)).to_string();
        let request = format!(
            "POST /api/v1/orders HTTP/1.1\r\nhost: t\r\nauthorization: {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        asked.push(stream);
    }
    let ids: BTreeSet<String> = asked
        .into_iter()
        .map(|stream| {
            let order = read(&mut BufReader::new(stream)).expect("an answer").expect(201);
            order["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    assert_eq!(ids.len(), ORDERS);
}
