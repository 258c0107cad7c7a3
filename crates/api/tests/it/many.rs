//! Many sockets at once: they are all told, nobody is dropped, and memory does not grow with time. The listeners are
//! a process of their own, so that the server's memory is the server's. A few for a moment as a test; with
//! `STAYSAIL_SOCKETS=10000 STAYSAIL_SECONDS=600` as many and as long as that.

use crate::client::Client;
use crate::world::{World, limit};
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Tells the listeners where to listen, as whom, how many of them and how long.
const LISTEN: &str = "STAYSAIL_TEST_LISTEN";

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Resident memory of this process, in MiB.
fn memory_mib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("linux");
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    (pages * 4096) >> 20
}

fn gauge(client: &mut Client, name: &str) -> u64 {
    let text = String::from_utf8(client.get("/metrics").body).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a gauge");
    line.trim().parse().expect("a number")
}

#[test]
fn many_sockets_are_held_and_told_in_bounded_memory() {
    if std::env::var_os(LISTEN).is_some() {
        return;
    }
    let (sockets, seconds) = (asked("STAYSAIL_SOCKETS", 300), asked("STAYSAIL_SECONDS", 3));
    let world = World::start();
    let mut admin = world.with_market();
    let mut alice = world.trader(&mut admin, "alice");
    let token = alice.headers[0].1.trim_start_matches("Bearer ").to_owned();
    let before = memory_mib();
    let listeners = Command::new(std::env::current_exe().expect("this program"))
        .args(["many::the_listeners", "--exact", "--nocapture"])
        .env(LISTEN, format!("{} {token} {sockets} {seconds}", world.address))
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let patience = Instant::now() + Duration::from_secs(300);
    while gauge(&mut world.client(), "ws_clients ") < sockets {
        assert!(Instant::now() < patience, "only {} have come", gauge(&mut world.client(), "ws_clients "));
        std::thread::sleep(Duration::from_millis(50));
    }
    // The connection that she had has been idle for too long.
    alice = Client::with_token(world.address, &token);
    let opened = memory_mib();
    let (end, mut most) = (Instant::now() + Duration::from_secs(seconds), opened);
    let mut at = 0;
    while Instant::now() < end {
        let order =
            alice.post("/api/v1/orders", limit("buy", "0.01", &format!("{}", 100 + at % 50))).expect(201);
        at += 1;
        alice.delete(&format!("/api/v1/orders/{}", order["id"].as_str().expect("an id"))).expect(200);
        most = most.max(memory_mib());
        std::thread::sleep(Duration::from_millis(500));
    }
    let held = gauge(&mut world.client(), "ws_clients ");
    let heard = listeners.wait_with_output().expect("they end");
    let said = String::from_utf8_lossy(&heard.stdout).into_owned();
    let line = said.lines().find(|line| line.contains("messages")).unwrap_or_default();
    let after = memory_mib();
    let told = format!(
        "{sockets} sockets, {seconds} s: {before} MiB before, {opened} with them, {most} at the most, {after} after; {line}\n"
    );
    std::io::stderr().write_all(told.as_bytes()).expect("it is read");
    assert!(heard.status.success(), "{said}");
    assert_eq!(held, sockets, "some were let go");
    // Beside other tests the memory is theirs, too.
    if std::env::var_os("STAYSAIL_SOCKETS").is_some() {
        assert!(most <= opened + 48 + sockets / 50, "memory grew: {told}");
    }
}

/// Not a test of its own: the other process of the one above.
#[test]
fn the_listeners() {
    let Ok(asked) = std::env::var(LISTEN) else { return };
    let words: Vec<&str> = asked.split(' ').collect();
    let [address, token, sockets, seconds] = words[..] else { panic!("{asked}") };
    let (sockets, seconds): (usize, u64) =
        (sockets.parse().expect("a number"), seconds.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let messages: usize = runtime.block_on(async {
        let (over, until) = tokio::sync::watch::channel(false);
        let mut tasks = Vec::with_capacity(sockets);
        for _ in 0..sockets {
            tasks.push(tokio::spawn(listen(open(address, token).await, until.clone())));
        }
        // A little longer than they are looked at.
        tokio::time::sleep(Duration::from_secs(seconds + 5)).await;
        over.send_replace(true);
        let mut all = 0;
        for task in tasks {
            let heard = task.await.expect("a listener");
            assert!(heard > 2, "one heard only {heard} messages");
            all += heard;
        }
        all
    });
    let told = json!({ "sockets": sockets, "messages": messages }).to_string();
    std::io::stdout().write_all(format!("\n{told}\n").as_bytes()).expect("it is read");
}

/// A socket that has asked for a ticker and a book.
async fn open(address: &str, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!(
        "GET /ws/v1 HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {token}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("it answers"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    for channel in ["ticker", "orderbook"] {
        let text = json!({ "op": "subscribe", "channel": channel, "symbol": "BTC-USDT" }).to_string();
        let length = u8::try_from(text.len()).expect("short");
        let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat();
        stream.write_all(&frame).await.expect("it reads");
    }
    stream
}

/// Counts messages, and says now and then that it is there.
async fn listen(mut stream: TcpStream, mut until: tokio::sync::watch::Receiver<bool>) -> usize {
    let (mut heard, mut buffer) = (0, [0_u8; 2048]);
    let mut beat = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let read = read.expect("it is open");
                assert!(read > 0, "it was closed");
                // Every message names its channel or is a heartbeat; some are cut, which is near enough.
                heard += buffer[..read].windows(7).filter(|seven| *seven == b"\"type\":").count();
            }
            _ = beat.tick() => stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.expect("it is open"),
            _ = until.changed() => return heard,
        }
    }
}
