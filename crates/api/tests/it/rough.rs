//! What is broken, too large, too slow or plain hostile gets its clear answer, and the server goes on.

use crate::client::{Client, read};
use crate::dice::Dice;
use crate::world::{World, config, limit};
use api::Config;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.address).expect("a port");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    stream
}

#[test]
fn what_is_no_json_or_too_much_of_it_is_refused() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    for body in ["", "{", "nonsense", "[]", "null", "\"text\"", "{\"a\":", "\u{0}", "{\"symbol\": 1}"] {
        assert_eq!(
            alice.send("POST", "/api/v1/orders", &[], body.as_bytes()).refused(400),
            "invalid_request",
            "{body:?}"
        );
    }
    assert_eq!(
        alice.send("POST", "/api/v1/orders", &[], &[0xff, 0xfe, 0xfd]).refused(400),
        "invalid_request"
    );
    let deep = "[".repeat(100_000);
    assert_eq!(alice.send("POST", "/api/v1/orders", &[], deep.as_bytes()).refused(400), "invalid_request");
    // What is told to be too large is refused before it is sent.
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: t\r\ncontent-length: 1048577\r\n\r\n";
    let answer = world.client().send_raw(head.as_bytes()).expect("it answers");
    assert_eq!(answer.refused(413), "too_large");
    assert_eq!(alice.get("/nowhere").refused(404), "not_found");
    assert_eq!(alice.send("PATCH", "/api/v1/orders", &[], b"").refused(405), "method_not_allowed");
    let id = alice.send("GET", "/health", &[("x-request-id", "mine-1")], b"");
    assert_eq!(id.header("x-request-id"), Some("mine-1"));
}

/// The text with something taken out, doubled, put in another's place or made up.
fn mutated(dice: &mut Dice, text: &[u8]) -> Vec<u8> {
    const ODD: [&[u8]; 12] = [
        b"\"",
        b"{",
        b"]",
        b"\\u0000",
        b"\xff",
        b"-",
        b"1e309",
        b"null",
        b"9999999999999999999999",
        b"\r\n",
        b" ",
        b"0.",
    ];
    let mut bytes = text.to_vec();
    for _ in 0..=dice.below(3) {
        let at = |dice: &mut Dice, bytes: &[u8]| dice.index(bytes.len() + 1);
        let (from, to) = (at(dice, &bytes), at(dice, &bytes));
        let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 8));
        match dice.below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let part = bytes[from..to].to_vec();
                bytes.splice(from..from, part);
            }
            2 => drop(bytes.splice(from..to, ODD[dice.index(ODD.len())].iter().copied())),
            _ => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
        }
    }
    bytes
}

#[test]
fn broken_orders_and_messages_get_an_answer_each() {
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let mut socket = crate::sockets::Socket::open(&world, "/ws/v1", Some(&alice));
    let mut order = limit("buy", "0.001", "90");
    order["client_order_id"] = "mine-1".into();
    order["time_in_force"] = "gtd".into();
    order["expires_at"] = "2036-11-21T14:30:00Z".into();
    let body = order.to_string();
    let message = format!("{{\"op\":\"place\",\"id\":\"1\",\"order\":{body}}}");
    let mut dice = Dice::new(13);
    let mut refused = 0;
    for _ in 0..3_000 {
        let sent = mutated(&mut dice, body.as_bytes());
        let answer = alice.send("POST", "/api/v1/orders", &[], &sent);
        let shown = String::from_utf8_lossy(&sent).into_owned();
        assert!(matches!(answer.status, 200 | 201 | 400 | 404 | 409 | 422), "{}: {shown}", answer.status);
        if answer.status >= 400 {
            let status = answer.status;
            assert!(!answer.refused(status).is_empty(), "{shown}");
            refused += 1;
        }
        let Ok(text) = String::from_utf8(mutated(&mut dice, message.as_bytes())) else { continue };
        let told = socket.ask(&text);
        assert!(told["type"].is_string(), "{told}: {text}");
    }
    assert!(refused > 1_000, "only {refused} of them were broken");
    world.client().get("/ready").expect(200);
}

#[test]
fn broken_requests_are_answered_or_closed_and_others_go_on() {
    let world = World::start();
    let mut dice = Dice::new(14);
    let whole = b"POST /api/v1/auth/login HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n\
        content-length: 29\r\nconnection: close\r\n\r\n{\"username\":\"a\",\"pass\":\"b\"}";
    for _ in 0..1_000 {
        let sent = mutated(&mut dice, whole);
        let mut stream = connect(&world);
        stream.write_all(&sent).expect("it reads");
        stream.shutdown(std::net::Shutdown::Write).expect("a socket");
        let mut answer = Vec::new();
        // What is reset after the answer is no matter.
        stream.read_to_end(&mut answer).map(|_| ()).unwrap_or_default();
        let status: Option<u16> =
            answer.get(9..12).and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let shown = String::from_utf8_lossy(&sent);
        assert!(answer.is_empty() || status.is_some_and(|status| (400..500).contains(&status)), "{shown}");
    }
    world.client().get("/health").expect(200);
}

#[test]
fn a_chunked_body_has_the_same_bound() {
    let world = World::start();
    let admin = world.admin();
    let token = admin.headers[0].1.clone();
    let mut stream = connect(&world);
    let head = format!(
        "POST /api/v1/lines HTTP/1.1\r\nhost: t\r\nauthorization: {token}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 1 << 16], b"\r\n"].concat();
    for _ in 0..20 {
        // It may have answered and closed by now.
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    // What is reset after the answer is no matter.
    stream.read_to_end(&mut answer).map(|_| ()).unwrap_or_default();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.contains("413"), "{text}");
    world.client().get("/health").expect(200);
}

#[test]
fn who_sends_byte_after_byte_is_let_go() {
    let short = Duration::from_millis(300);
    let world = World::start_with(Config { head_wait: short, body_wait: short, ..config() });
    let started = Instant::now();
    let mut head = connect(&world);
    head.write_all(b"GET /health HTTP/1.1\r\nhost: t\r\nx: ").expect("it reads");
    let mut rest = Vec::new();
    head.read_to_end(&mut rest).map(|_| ()).unwrap_or_default();
    assert!(started.elapsed() < Duration::from_secs(10), "the head took {:?}", started.elapsed());
    let mut body = connect(&world);
    body.write_all(b"POST /api/v1/auth/login HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\n{")
        .expect("it reads");
    let answer = read(&mut BufReader::new(body)).expect("an answer");
    assert_eq!(answer.refused(408), "too_slow");
}

#[test]
fn connections_beyond_the_bound_are_closed_and_come_back() {
    let world = World::start_with(Config { connections_max: 4, ..config() });
    let mut kept: Vec<Client> = (0..4).map(|_| world.client()).collect();
    for client in &mut kept {
        client.get("/health").expect(200);
    }
    let refused = world.client().send_raw(b"GET /health HTTP/1.1\r\nhost: t\r\n\r\n");
    assert!(refused.is_err());
    drop(kept);
    let started = Instant::now();
    while world.client().send_raw(b"GET /health HTTP/1.1\r\nhost: t\r\n\r\n").is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "the places are not given back");
        std::thread::yield_now();
    }
}

#[test]
fn what_is_on_its_way_is_answered_when_the_server_stops() {
    let mut world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    alice.post("/api/v1/orders", limit("buy", "1", "90")).expect(201);
    let mut waiting = connect(&world);
    let body = limit("buy", "1", "91").to_string();
    let head = format!(
        "POST /api/v1/orders HTTP/1.1\r\nhost: t\r\nauthorization: {}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        alice.headers[0].1,
        body.len()
    );
    let (first, last) = body.split_at(10);
    waiting.write_all(head.as_bytes()).expect("it reads");
    // It asks for the body once it has read the head, and not before.
    let mut asks = [0; 25];
    waiting.read_exact(&mut asks).expect("it asks for the body");
    assert_eq!(&asks, b"HTTP/1.1 100 Continue\r\n\r\n");
    waiting.write_all(first.as_bytes()).expect("it reads");
    let mut api = world.api.take().expect("it runs");
    let stopping = std::thread::spawn(move || api.stop());
    while TcpStream::connect(world.address).is_ok_and(probe) {
        std::thread::yield_now();
    }
    waiting.write_all(last.as_bytes()).expect("it still reads");
    let answer = read(&mut BufReader::new(waiting)).expect("an answer");
    assert_eq!(answer.expect(201)["price"], "91");
    stopping.join().expect("it stopped");
}

/// Whether somebody answers there.
fn probe(mut stream: TcpStream) -> bool {
    let asked = stream.write_all(b"GET /health HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    asked.is_ok() && read(&mut BufReader::new(stream)).is_ok()
}
