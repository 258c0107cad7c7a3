//! WebSockets: what is told, to whom, in which order, and what becomes of who does not listen.

use crate::client::Client;
use crate::dice::Dice;
use crate::world::{World, config, limit};
use api::Config;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    pub fn open(world: &World, path: &str, client: Option<&Client>) -> Self {
        Self::try_open(world, path, client).expect("a socket")
    }

    fn try_open(world: &World, path: &str, client: Option<&Client>) -> Result<Self, u16> {
        let stream = TcpStream::connect(world.address).expect("a port");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        let mut request = format!("ws://{}{path}", world.address).into_client_request().expect("a request");
        for (name, value) in client.iter().flat_map(|client| &client.headers) {
            let name: tungstenite::http::HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(other) => panic!("{other}"),
        }
    }

    pub fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).expect("it is open");
    }

    /// The next message that is not a heartbeat.
    pub fn hear(&mut self) -> Value {
        loop {
            match self.0.read().expect("a message") {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    if message["type"] != "heartbeat" {
                        return message;
                    }
                }
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Says it as it is, and gives what is said to it.
    pub fn ask(&mut self, text: &str) -> Value {
        self.0.send(Message::text(text)).expect("it is open");
        self.hear()
    }

    /// Reads on until one fits.
    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.hear();
            if fits(&message) {
                return message;
            }
        }
    }

    fn subscribe(&mut self, channel: &str, symbol: Option<&str>) {
        self.say(json!({ "op": "subscribe", "id": "s", "channel": channel, "symbol": symbol }));
        let told = self.until(|message| message["id"] == "s");
        assert_eq!(told["type"], "subscribed", "{told}");
    }
}

#[test]
fn own_orders_are_told_from_a_snapshot_on_and_nobody_else_s() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    let first = alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let mut socket = Socket::open(&world, "/ws/v1", Some(&alice));
    socket.subscribe("orders", None);
    let snapshot = socket.until(|message| message["type"] == "snapshot");
    assert_eq!(
        (&snapshot["orders"][0]["id"], snapshot["orders"].as_array().map(Vec::len)),
        (&first["id"], Some(1))
    );
    socket.subscribe("trades", None);
    socket.until(|message| message["type"] == "snapshot" && message["channel"] == "trades");
    bob.post("/api/v1/orders", limit("buy", "1", "80")).expect(201);
    bob.post("/api/v1/orders", limit("sell", "0.25", "90")).expect(201);
    let update = socket.hear();
    assert_eq!(
        (&update["channel"], &update["orders"][0]["filled_quantity"]),
        (&json!("orders"), &json!("0.25"))
    );
    assert_eq!(update["orders"][0]["execution_status"], "partially_filled");
    let trade = socket.hear();
    assert_eq!((&trade["channel"], &trade["trades"][0]["trade_type"]), (&json!("trades"), &json!("maker")));
    alice.post("/api/v1/orders", limit("buy", "1", "900000000")).refused(422);
    assert_eq!(socket.hear()["orders"][0]["code"], "insufficient_funds");
    alice.delete(&format!("/api/v1/orders/{}", first["id"].as_str().expect("an id"))).expect(200);
    assert_eq!(socket.hear()["orders"][0]["execution_status"], "cancelled");
    socket.say(json!({ "op": "unsubscribe", "id": "u", "channel": "orders" }));
    assert_eq!(socket.hear()["type"], "unsubscribed");
}

#[test]
fn no_event_of_another_user_is_ever_delivered() {
    const USERS: usize = 4;
    let world = World::start();
    let mut admin = world.with_market();
    let names: Vec<String> = (0..USERS).map(|at| format!("user{at}")).collect();
    let mut clients: Vec<Client> = names.iter().map(|name| world.trader(&mut admin, name)).collect();
    let mut sockets: Vec<Socket> =
        clients.iter().map(|client| Socket::open(&world, "/ws/v1", Some(client))).collect();
    for socket in &mut sockets {
        for channel in ["orders", "trades", "portfolio"] {
            socket.subscribe(channel, None);
        }
    }
    let mut dice = Dice::new(0x5eed);
    for at in 0..200u64 {
        let who = dice.index(USERS);
        let side = if dice.below(2) == 0 { "buy" } else { "sell" };
        let mut order = limit(side, "0.01", &format!("{}", 100 + dice.below(5)));
        order["client_order_id"] = json!(format!("{}-{at}", names[who]));
        clients[who].post("/api/v1/orders", order);
        if dice.below(10) == 0 {
            clients[who].delete("/api/v1/orders").expect(200);
        }
    }
    for (who, (socket, client)) in sockets.iter_mut().zip(&mut clients).enumerate() {
        let last = client.post("/api/v1/orders", limit("buy", "0.01", "1")).expect(201);
        let mut heard = 0;
        loop {
            let message = socket.hear();
            let text = message.to_string();
            for (other, name) in names.iter().enumerate().filter(|(other, _)| *other != who) {
                assert!(!text.contains(name.as_str()), "user{who} heard of user{other}: {text}");
            }
            heard += usize::from(text.contains(names[who].as_str()));
            if message["channel"] == "orders" && text.contains(last["id"].as_str().expect("an id")) {
                break;
            }
        }
        assert!(heard > 10, "user{who} heard only {heard} messages of their own");
    }
}

#[test]
fn a_dropped_client_goes_on_without_a_gap_or_a_repeat() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut socket = Socket::open(&world, "/ws/v1", Some(&alice));
    socket.subscribe("orders", None);
    let mut last = socket.until(|message| message["type"] == "snapshot")["seq"].as_u64().expect("a number");
    let (mut heard, mut placed) = (Vec::new(), Vec::new());
    for round in 0..100u64 {
        for at in 0..3 {
            let order = alice
                .post("/api/v1/orders", limit("buy", "0.001", &format!("{}", 10 + round + at)))
                .expect(201);
            placed.push(order["id"].as_str().expect("an id").to_owned());
        }
        // Hears some of it, and is gone.
        for _ in 0..round % 4 {
            if heard.len() < placed.len() {
                let update = socket.until(|message| message["type"] == "update");
                last = update["seq"].as_u64().expect("a number");
                heard.push(update["orders"][0]["id"].as_str().expect("an id").to_owned());
            }
        }
        drop(socket);
        socket = Socket::open(&world, "/ws/v1", Some(&alice));
        socket.say(json!({ "op": "subscribe", "channel": "orders", "after": last }));
        assert_eq!(socket.until(|message| message["type"] != "subscribed")["type"], "resumed");
    }
    while heard.len() < placed.len() {
        let update = socket.until(|message| message["type"] == "update");
        heard.push(update["orders"][0]["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(heard, placed);
}

/// A book as a client keeps it.
#[derive(Default)]
struct Book {
    bids: BTreeMap<i64, String>,
    asks: BTreeMap<i64, String>,
    seq: u64,
}

impl Book {
    fn take(&mut self, message: &Value) {
        if message["type"] == "snapshot" {
            (self.bids, self.asks) = (BTreeMap::new(), BTreeMap::new());
        } else {
            assert_eq!(message["prev_seq"], self.seq, "no message is missing");
        }
        self.seq = message["seq"].as_u64().expect("a number");
        for (side, levels) in [(&mut self.bids, &message["bids"]), (&mut self.asks, &message["asks"])] {
            for level in levels.as_array().expect("levels") {
                let price = level[0].as_str().expect("a price").parse().expect("whole prices");
                match level[1].as_str().expect("a quantity") {
                    "0" => drop(side.remove(&price)),
                    qty => drop(side.insert(price, qty.to_owned())),
                }
            }
        }
        assert_eq!(message["checksum"], self.checksum(), "{message}");
    }

    fn checksum(&self) -> u32 {
        let mut parts = Vec::new();
        let (mut bids, mut asks) = (self.bids.iter().rev(), self.asks.iter());
        for _ in 0..10 {
            for (price, qty) in bids.next().into_iter().chain(asks.next()) {
                parts.push(format!("{price}:{qty}"));
            }
        }
        crc32fast::hash(parts.join(":").as_bytes())
    }
}

#[test]
fn a_book_kept_from_its_messages_is_the_book() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let mut socket = Socket::open(&world, "/ws/market-data/orderbook/BTC-USDT", Some(&alice));
    let mut book = Book::default();
    book.take(&socket.hear());
    assert_eq!(book.bids.get(&90).map(String::as_str), Some("1"));
    for at in 0..40 {
        alice.post("/api/v1/orders", limit("buy", "0.5", &format!("{}", 80 + at % 12))).expect(201);
        bob.post("/api/v1/orders", limit("sell", "0.3", &format!("{}", 88 + at % 12))).expect(201);
    }
    alice.delete("/api/v1/orders").expect(200);
    let wanted = bob.get("/api/v1/market-data/orderbook?symbol=BTC-USDT").expect(200);
    let side = |levels: &Value| -> BTreeMap<i64, String> {
        let level = |level: &Value| {
            let text = |at: usize| level[at].as_str().expect("a text").to_owned();
            (text(0).parse().expect("whole prices"), text(1))
        };
        levels.as_array().expect("levels").iter().map(level).collect()
    };
    let (bids, asks) = (side(&wanted["bids"]), side(&wanted["asks"]));
    while (&book.bids, &book.asks) != (&bids, &asks) {
        book.take(&socket.hear());
    }
}

#[test]
fn orders_go_in_over_a_socket_one_after_the_other() {
    let world = World::start();
    let mut admin = world.with_market();
    let alice = world.trader(&mut admin, "alice");
    let mut socket = Socket::open(&world, "/ws/v1", None);
    socket.say(json!({ "op": "place", "id": "0", "order": limit("buy", "1", "90") }));
    assert_eq!(socket.hear()["code"], "unauthenticated");
    let token = alice.headers[0].1.trim_start_matches("Bearer ").to_owned();
    socket.say(json!({ "op": "auth", "token": "forged" }));
    assert_eq!(socket.hear()["code"], "bad_credential");
    socket.say(json!({ "op": "auth", "id": "a", "token": token }));
    assert_eq!(socket.hear()["type"], "signed_in");
    for at in 0..500 {
        let order = limit("buy", "0.001", &format!("{}", 10 + at % 50));
        socket.say(json!({ "op": "place", "id": format!("o{at}"), "order": order }));
    }
    let mut first = Value::Null;
    for at in 0..500 {
        let told = socket.hear();
        assert_eq!((&told["id"], &told["type"]), (&json!(format!("o{at}")), &json!("placed")), "{told}");
        first = if at == 0 { told } else { first };
    }
    socket.say(
        json!({ "op": "modify", "id": "m", "order_id": first["order_id"], "changes": { "price": "11" } }),
    );
    assert_eq!(socket.hear()["type"], "done");
    socket.say(json!({ "op": "cancel", "id": "c", "order_id": first["order_id"] }));
    assert_eq!(socket.hear()["type"], "done");
    socket.say(json!({ "op": "cancel", "id": "d", "order_id": first["order_id"] }));
    let told = socket.hear();
    assert_eq!((&told["type"], &told["code"]), (&json!("refused"), &json!("already_cancelled")));
    let mut dear = limit("buy", "1", "900000000");
    dear["client_order_id"] = json!("x");
    socket.say(json!({ "op": "place", "id": "p", "order": dear }));
    assert_eq!(socket.hear()["code"], "insufficient_funds");
    for nonsense in [
        "{",
        "[]",
        "{\"op\":\"sing\"}",
        "{\"op\":\"place\"}",
        "{\"op\":\"subscribe\",\"channel\":\"gossip\"}",
    ] {
        socket.0.send(Message::text(nonsense)).expect("it is open");
        assert_eq!(socket.hear()["code"], "invalid_request", "{nonsense}");
    }
    socket.say(json!({ "op": "line", "id": "l", "line": "show alerts" }));
    assert_eq!(socket.hear()["code"], "forbidden");
    socket.say(json!({ "op": "ping", "id": "z" }));
    assert_eq!(socket.hear()["type"], "pong");
}

#[test]
fn plain_paths_tell_one_channel_each_to_who_may() {
    let world = World::start();
    let mut admin = world.with_market();
    let (alice, mut bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    for path in ["/ws/orders/updates", "/ws/market-data/ticker/BTC-USDT"] {
        assert_eq!(Socket::try_open(&world, path, None).err(), Some(401));
    }
    assert_eq!(Socket::try_open(&world, "/ws/market-data/ticker/NO", Some(&alice)).err(), Some(404));
    let token = alice.headers[0].1.trim_start_matches("Bearer ").to_owned();
    let mut orders = Socket::open(&world, &format!("/ws/orders/updates?access_token={token}"), None);
    assert_eq!(orders.hear()["type"], "snapshot");
    let mut tape = Socket::open(&world, "/ws/market-data/trades/BTC-USDT", Some(&alice));
    let mut ticker = Socket::open(&world, "/ws/market-data/ticker/BTC-USDT", Some(&alice));
    assert_eq!(ticker.hear()["bid_price"], Value::Null);
    let mut portfolio = Socket::open(&world, "/ws/portfolio/updates", Some(&bob));
    assert_eq!(portfolio.until(|message| message["accounts"].is_array())["accounts"][0]["account"], "bob");
    bob.post("/api/v1/orders", limit("sell", "1", "100")).expect(201);
    assert_eq!(ticker.until(|message| message["ask_price"] == "100")["symbol"], "BTC-USDT");
    let mut taker = Client::new(world.address);
    taker.headers.clone_from(&alice.headers);
    taker.post("/api/v1/orders", limit("buy", "0.4", "100")).expect(201);
    let trade = tape.hear();
    assert_eq!(
        (&trade["price"], &trade["quantity"], &trade["side"]),
        (&json!("100"), &json!("0.4"), &json!("buy"))
    );
    let held = portfolio.until(|message| {
        message["accounts"][0]["positions"][0]["quantity"] == "-0.4"
            || message["accounts"][0]["balances"].to_string().contains("999.6")
    });
    assert_eq!(held["channel"], "portfolio");
}

#[test]
fn who_does_not_read_is_let_go_with_a_reason_and_nobody_waits_for_them() {
    let world = World::start_with(Config { socket_queue_max: 8, ..config() });
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut socket = Socket::open(&world, "/ws/orders/updates", Some(&alice));
    assert_eq!(socket.hear()["type"], "snapshot");
    // Each is told to the socket, which reads nothing: the system's buffers fill, then its queue.
    let orders: Vec<Value> = (0..200).map(|at| limit("buy", "0.0001", &format!("{}", 1 + at % 90))).collect();
    let mut closed = false;
    for _ in 0..400 {
        alice.post("/api/v1/orders/batch", json!({ "orders": orders })).expect(200);
        alice.delete("/api/v1/orders").expect(200);
        let text = String::from_utf8(world.client().get("/metrics").body).expect("text");
        closed = text.contains("http_refused_total{why=\"Lagging\"} 1");
        if closed {
            break;
        }
    }
    assert!(closed, "it was never let go");
}

#[test]
fn a_frame_that_is_too_large_ends_the_socket_and_nothing_else() {
    let world = World::start();
    let mut admin = world.with_market();
    let alice = world.trader(&mut admin, "alice");
    let mut socket = Socket::open(&world, "/ws/v1", Some(&alice));
    let large = format!("{{\"op\":\"ping\",\"id\":\"{}\"}}", "x".repeat(300 << 10));
    // It may be cut off before all of it is sent.
    socket.0.send(Message::text(large)).unwrap_or_default();
    let end = loop {
        match socket.0.read() {
            Ok(Message::Close(_)) | Err(_) => break true,
            Ok(Message::Text(text)) if text.as_str().contains("pong") => break false,
            Ok(_) => {}
        }
    };
    assert!(end);
    world.client().get("/health").expect(200);
}

/// How a socket was closed.
fn end_of(socket: &mut Socket) -> (u16, String) {
    loop {
        match socket.0.read() {
            Ok(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.as_str().to_owned()),
            Ok(_) => {}
            Err(error) => panic!("it ended without a word: {error}"),
        }
    }
}

#[test]
fn who_may_not_be_inside_any_more_is_let_go_with_the_reason() {
    let world = World::start();
    let mut admin = world.with_market();
    let signed = world.sign_up(&mut admin, "alice", "trader");
    let mut alice = Client::with_token(world.address, signed["access_token"].as_str().expect("a token"));
    let key = alice.post("/api/v1/keys", json!({ "name": "k", "scopes": ["read"] })).expect(201);
    let bot = Client::with_key(world.address, key["key"].as_str().expect("a key"));
    let mut by_key = Socket::open(&world, "/ws/v1", Some(&bot));
    let mut by_session = Socket::open(&world, "/ws/orders/updates", Some(&alice));
    let mut other = Socket::open(&world, "/ws/v1", Some(&admin));
    // Said over the socket, not in the handshake.
    let mut later = Socket::open(&world, "/ws/v1", None);
    later.say(json!({ "op": "auth", "id": "a", "token": signed["access_token"] }));
    assert_eq!(later.hear()["type"], "signed_in");
    let started = std::time::Instant::now();
    alice.delete(&format!("/api/v1/keys/{}", key["id"])).expect(204);
    assert_eq!(
        end_of(&mut by_key),
        (1008, "key_over: the key was revoked or its time is up; use another".to_owned())
    );
    alice.post("/api/v1/auth/logout-everywhere", json!({})).expect(200);
    for socket in [&mut by_session, &mut later] {
        let (code, why) = end_of(socket);
        assert!(code == 1008 && why.starts_with("session_over"), "{code} {why}");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "it took {:?}", started.elapsed());
    other.say(json!({ "op": "ping", "id": "p" }));
    assert_eq!(other.hear()["type"], "pong");
    // Whose rights change connects again with the new ones.
    let path = format!("/api/v1/users/{}", signed["user_id"]);
    let body = json!({ "username": "alice", "password": crate::world::PASSWORD });
    let again = world.client().post("/api/v1/auth/login", body).expect(200);
    let alice = Client::with_token(world.address, again["access_token"].as_str().expect("a token"));
    let mut socket = Socket::open(&world, "/ws/v1", Some(&alice));
    admin.put(&path, json!({ "role": "viewer" })).expect(200);
    assert!(end_of(&mut socket).1.starts_with("changed"));
}

#[test]
fn a_broken_socket_is_closed_with_the_code_for_it() {
    let world = World::start();
    let check = |frame: &[u8], code: u16| {
        let mut socket = Socket::open(&world, "/ws/v1", None);
        std::io::Write::write_all(socket.0.get_mut(), frame).expect("it reads");
        assert_eq!(end_of(&mut socket).0, code, "{frame:?}");
    };
    check(&[0x81, 0x02, b'h', b'i'], 1002);
    check(&[0x83, 0x80, 0, 0, 0, 0], 1002);
    check(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007);
    check(&[0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff], 1009);
    check(&[0x88, 0x80, 0, 0, 0, 0], 1000);
    let mut parts = Socket::open(&world, "/ws/v1", None);
    let bytes =
        [&[0x01, 0x85, 0, 0, 0, 0][..], b"{\"op\"", &[0x80, 0x88, 0, 0, 0, 0], b":\"ping\"}"].concat();
    std::io::Write::write_all(parts.0.get_mut(), &bytes).expect("it reads");
    assert_eq!(parts.hear()["type"], "pong");
}

#[test]
fn a_strategy_is_heard_by_who_may_see_it() {
    let world = World::start();
    let mut admin = world.with_market();
    let (mut alice, bob) = (world.trader(&mut admin, "alice"), world.trader(&mut admin, "bob"));
    let kept = json!({ "name": "mine", "strategy_type": "momentum", "config": {} });
    let id = alice.post("/api/v1/strategies", kept).expect(201)["id"].as_i64().expect("a number");
    let path = format!("/ws/strategies/{id}/status");
    assert_eq!(Socket::try_open(&world, &path, Some(&bob)).err(), Some(404));
    assert_eq!(Socket::try_open(&world, &path, None).err(), Some(401));
    let mut status = Socket::open(&world, &path, Some(&alice));
    let told = status.hear();
    assert_eq!((&told["channel"], &told["strategy"]["name"]), (&json!("status"), &json!("mine")));
    let mut signals = Socket::open(&world, &format!("/ws/strategies/{id}/signals"), Some(&alice));
    assert_eq!(signals.hear()["signals"], json!([]));
    alice.put(&format!("/api/v1/strategies/{id}"), json!({ "name": "ours" })).expect(200);
    assert_eq!(status.hear()["strategy"]["name"], "ours");
    let signal = store::NewSignal {
        time: model::Time(1_795_271_400_000_000_000),
        strategy: id,
        symbol: "BTC-USDT".to_owned(),
        signal_type: "BUY".to_owned(),
        strength: model::Money::ONE,
        confidence: model::Money::ONE,
        price: None,
        quantity: None,
        metadata: None,
    };
    world.archive().add_signal(&signal).expect("a signal");
    let told = signals.hear();
    assert_eq!((&told["type"], &told["signals"][0]["signal_type"]), (&json!("update"), &json!("BUY")));
}
