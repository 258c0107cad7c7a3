//! What is broken, too large, too slow or plain hostile gets its clear answer, and the server goes on.

use crate::client::{Client, read};
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
