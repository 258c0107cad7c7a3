//! Trades, portfolios, markets, risk, strategies, and how the server says that it is well.

use crate::world::{World, limit, say};
use serde_json::json;

#[test]
fn a_trade_is_seen_from_both_sides() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    bob.post("/api/v1/orders", limit("sell", "2", "100")).expect(201);
    let taken = alice.post("/api/v1/orders", limit("buy", "0.5", "101")).expect(201);
    assert_eq!(
        (&taken["status"], &taken["average_price"], &taken["filled_quantity"]),
        (&json!("filled"), &json!("100"), &json!("0.5"))
    );
    let trades = alice.get("/api/v1/trades").expect(200);
    let trade = &trades["data"][0];
    assert_eq!(
        (&trade["price"], &trade["side"], &trade["trade_type"]),
        (&json!("100"), &json!("buy"), &json!("taker"))
    );
    let path = format!("/api/v1/trades/{}", trade["id"].as_str().expect("an id"));
    assert_eq!(alice.get(&path).expect(200).as_array().map(Vec::len), Some(1));
    assert_eq!(bob.get(&path).expect(200)[0]["trade_type"], "maker");
    assert_eq!(world.person(&mut admin, "carol", "trader").get(&path).refused(404), "not_found");
    let summary = alice.get("/api/v1/trades/summary").expect(200);
    assert_eq!((&summary[0]["trades"], &summary[0]["value"]), (&json!(1), &json!("50")));

    let positions = alice.get("/api/v1/portfolio/positions").expect(200);
    let held =
        positions.as_array().expect("positions").iter().find(|at| at["symbol"] == "BTC-USDT").expect("it");
    assert_eq!(
        (&held["quantity"], &held["average_price"], &held["market_price"]),
        (&json!("0.5"), &json!("100"), &json!("100"))
    );
    let balances = alice.get("/api/v1/portfolio/balances").expect(200);
    let usdt = balances.as_array().expect("balances").iter().find(|at| at["asset"] == "USDT").expect("it");
    assert_eq!(usdt["total_balance"], "99999950");
    let portfolio = alice.get("/api/v1/portfolio").expect(200);
    assert_eq!(portfolio["accounts"][0]["account"], "alice");
    let did = alice.get("/api/v1/portfolio/performance").expect(200);
    assert_eq!(did[0]["account"], "alice");
    let ledger = alice.get("/api/v1/accounts/alice/ledger").expect(200);
    assert_eq!(ledger["data"].as_array().map(Vec::len), Some(3));

    let book = alice.get("/api/v1/market-data/orderbook?symbol=BTC-USDT&depth=5").expect(200);
    assert_eq!((&book["asks"], &book["bids"]), (&json!([["100", "1.5"]]), &json!([])));
    let ticker = alice.get("/api/v1/market-data/ticker?symbol=BTC-USDT").expect(200);
    assert_eq!((&ticker[0]["ask_price"], &ticker[0]["last_price"]), (&json!("100"), &json!("100")));
    assert_eq!(alice.get("/api/v1/market-data/symbols").expect(200)[0]["symbol"], "BTC-USDT");
    assert_eq!(alice.get("/api/v1/market-data/trades?symbol=BTC-USDT").expect(200)[0]["price"], "100");
    let bars = alice.get("/api/v1/market-data/ohlcv?symbol=BTC-USDT&timeframe=1m").expect(200);
    assert_eq!((&bars[0]["close"], &bars[0]["volume"]), (&json!("100"), &json!("0.5")));
    assert_eq!(
        alice.get("/api/v1/market-data/ohlcv?symbol=BTC-USDT&timeframe=7m").refused(400),
        "invalid_request"
    );
    assert_eq!(alice.get("/api/v1/market-data/orderbook?symbol=NO").refused(404), "not_found");
}

#[test]
fn lists_come_in_pages_without_a_gap_or_a_repeat() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let placed: Vec<String> = (0..25)
        .map(|at| {
            let order =
                alice.post("/api/v1/orders", limit("buy", "0.01", &(100 + at).to_string())).expect(201);
            order["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice.get(&format!("/api/v1/orders?limit=10{cursor}")).expect(200);
        let ids = page["data"].as_array().expect("a page").iter().filter_map(|order| order["id"].as_str());
        seen.extend(ids.map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.reverse();
    assert_eq!(seen, placed);
    assert_eq!(alice.get("/api/v1/orders?cursor=nonsense").refused(400), "invalid_request");
    assert_eq!(alice.get("/api/v1/orders?surprise=1").refused(400), "invalid_request");
}

#[test]
fn risk_is_seen_by_whom_it_concerns_and_set_by_who_may() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    let mut rita = world.person(&mut admin, "rita", "risk_manager");
    let body = json!({ "scope": "account:alice", "kind": "order_notional", "value": "1000", "asset": "USDT", "reason": "drill" });
    assert_eq!(alice.put("/api/v1/risk/limits", body.clone()).refused(403), "forbidden");
    rita.put("/api/v1/risk/limits", body).expect(204);
    let limits = alice.get("/api/v1/risk/limits").expect(200);
    assert_eq!(
        (&limits[0]["kind"], &limits[0]["set_by"], &limits[0]["reason"]),
        (&json!("order_notional"), &json!("rita"), &json!("drill"))
    );
    assert_eq!(bob.get("/api/v1/risk/limits").expect(200), json!([]));
    assert_eq!(alice.post("/api/v1/orders", limit("buy", "20", "100")).refused(422), "limit_reached");
    rita.put(
        "/api/v1/risk/limits",
        json!({ "scope": "account:alice", "kind": "order_notional", "remove": true }),
    )
    .expect(204);
    alice.post("/api/v1/orders", limit("buy", "20", "100")).expect(201);
    let state = json!({ "scope": "account:alice", "state": "halted", "reason": "drill" });
    rita.put("/api/v1/risk/state", state).expect(204);
    assert_eq!(alice.post("/api/v1/orders", limit("buy", "1", "100")).refused(422), "halted_at");
    rita.put("/api/v1/risk/state", json!({ "scope": "account:alice", "state": "active" })).expect(204);
    rita.post("/api/v1/risk/kill", json!({ "scope": "house" })).expect(204);
    assert_eq!(bob.post("/api/v1/orders", limit("buy", "1", "100")).refused(422), "killed_at");
    rita.post("/api/v1/risk/release", json!({ "scope": "house" })).expect(204);
    bob.post("/api/v1/orders", limit("buy", "1", "100")).expect(201);
    assert_eq!(alice.get("/api/v1/risk/metrics").expect(200)["accounts"][0]["account"], "alice");
    assert_eq!(alice.get("/api/v1/risk/metrics?account=bob").refused(404), "not_found");
    alice.get("/api/v1/risk/alerts").expect(200);
    assert_eq!(
        rita.put("/api/v1/risk/limits", json!({ "scope": "account:nobody", "kind": "restricted" }))
            .refused(400),
        "invalid_request"
    );
}

#[test]
fn a_strategy_is_kept_by_its_owner() {
    let world = World::start();
    let mut admin = world.admin();
    let (mut alice, mut bob) =
        (world.person(&mut admin, "alice", "trader"), world.person(&mut admin, "bob", "trader"));
    let body = json!({ "name": "cross", "strategy_type": "momentum", "config": { "fast": 5, "slow": 20 } });
    let made = alice.post("/api/v1/strategies", body).expect(201);
    assert_eq!((&made["status"], &made["config"]["slow"]), (&json!("INACTIVE"), &json!(20)));
    let path = format!("/api/v1/strategies/{}", made["id"]);
    assert_eq!(alice.put(&path, json!({ "name": "crossing" })).expect(200)["name"], "crossing");
    assert_eq!(alice.get("/api/v1/strategies").expect(200).as_array().map(Vec::len), Some(1));
    assert_eq!(alice.get(&format!("{path}/signals")).expect(200)["data"], json!([]));
    assert_eq!(alice.send("POST", &format!("{path}/start"), &[], b"").refused(501), "not_implemented");
    for answer in [bob.get(&path), bob.put(&path, json!({ "name": "mine" })), bob.delete(&path)] {
        assert_eq!(answer.refused(404), "not_found");
    }
    alice.delete(&path).expect(204);
    assert_eq!(alice.get(&path).refused(404), "not_found");
}

#[test]
fn the_server_says_how_it_is() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let mut client = world.client();
    assert_eq!(client.get("/health").expect(200)["status"], "ok");
    assert_eq!(client.get("/ready").expect(200)["ready"], true);
    let text = String::from_utf8(client.get("/metrics").body).expect("text");
    for wanted in [
        "orders_total{status=\"open\"} 1",
        "order_processing_seconds_count 1",
        "node_commands_total",
        "archive_lag_records",
        "ws_clients 0",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1);
    for path in [
        "/portfolio",
        "/positions",
        "/performance",
        "/api/trading/positions",
        "/api/trade-engine/status",
        "/signals/recent",
    ] {
        alice.get(path).expect(200);
        assert_eq!(client.get(path).refused(401), "unauthenticated");
    }
    for path in ["/api/trading/start", "/api/trade-engine/pause"] {
        assert_eq!(alice.send("POST", path, &[], b"").refused(501), "not_implemented");
    }
}

#[test]
fn the_house_s_language_is_spoken_to_administrators() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let told = say(&mut admin, "show balance alice USDT");
    assert!(told["lines"][0].as_str().expect("a line").contains("100000000"), "{told}");
    let told = say(&mut admin, "buy alice 1 BTC-USDT @ 90 id a1");
    assert_eq!(told["lines"], json!(["accepted alice a1 buy 1 BTC-USDT", "rests a1 1 @ 90"]));
    assert!(say(&mut admin, "show history alice a1")["lines"].as_array().map(Vec::len) > Some(1));
    assert_eq!(admin.post("/api/v1/lines", json!({ "line": "sing" })).refused(400), "invalid_request");
    assert_eq!(alice.post("/api/v1/lines", json!({ "line": "show alerts" })).refused(403), "forbidden");
}

#[test]
fn margin_is_put_behind_a_position_and_taken_back() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut iris = world.person(&mut admin, "iris", "trader");
    say(
        &mut admin,
        "list OIL-F future BTC/USDT tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2036-12-21T00:00:00Z",
    );
    for (name, mode) in [("long", "isolated"), ("short", "cross")] {
        let account = json!({ "name": name, "kind": "margin", "currency": "USDT", "margin_mode": mode });
        iris.post("/api/v1/accounts", account).expect(201);
        let path = format!("/api/v1/accounts/{name}/deposits");
        iris.post(&path, json!({ "asset": "USDT", "amount": "1000" })).expect(201);
    }
    for (account, side) in [("short", "sell"), ("long", "buy")] {
        let order = json!({ "account": account, "symbol": "OIL-F", "side": side, "order_type": "limit",
            "quantity": "10", "price": "100" });
        iris.post("/api/v1/orders", order).expect(201);
    }
    let margin = |amount: &str| json!({ "symbol": "OIL-F", "amount": amount });
    let path = "/api/v1/accounts/long/margin";
    let behind = iris.post(path, margin("250")).expect(200);
    assert_eq!((&behind["behind"], &behind["asset"]), (&json!("350"), &json!("USDT")));
    let account = iris.get("/api/v1/portfolio?account=long").expect(200)["accounts"][0].clone();
    let apart = account["margins"].as_array().expect("margins");
    let apart = apart.iter().find(|margin| margin["symbol"] == "OIL-F").expect("the position's");
    assert_eq!(
        (&apart["equity"], &apart["initial"], &apart["stage"]),
        (&json!("350"), &json!("100"), &json!("sound"))
    );
    assert_eq!(account["balances"][0]["available_balance"], "650");
    assert_eq!(iris.post(path, margin("-250")).expect(200)["behind"], "100");

    assert_eq!(iris.post(path, margin("-1")).refused(422), "insufficient_margin");
    assert_eq!(iris.post(path, margin("2000")).refused(422), "insufficient_funds");
    assert_eq!(iris.post("/api/v1/accounts/short/margin", margin("1")).refused(422), "not_isolated");
    for amount in ["much", "0"] {
        assert_eq!(iris.post(path, margin(amount)).refused(400), "invalid_request");
    }
    assert_eq!(iris.post(path, json!({ "symbol": "NO", "amount": "1" })).refused(400), "invalid_request");
    assert_eq!(iris.post("/api/v1/accounts/none/margin", margin("1")).refused(404), "not_found");
}
