//! The kill switch of a real server while orders come as fast as it takes them: by a line, by `connect`, by HTTP,
//! by a file and by a signal. From the record that throws it no order is let in, everything open is cancelled, and it is
//! still thrown after a restart.

use crate::server::{Server, journal, staysail, text};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::tempdir;

const THROWS: usize = 10;
/// Orders that wait for their answers at once.
const BLOCK: usize = 200;
/// From asking for it to having its record, in the middle of ten throws.
const MOST: Duration = Duration::from_millis(100);

/// How it is thrown.
type Way = fn(&Server, &Path);

const WAYS: [(&str, Way); 5] =
    [("line", by_line), ("connect", by_connect), ("http", by_http), ("file", by_file), ("signal", by_signal)];

const KILL: &str = "kill house by ann because drill";

fn by_line(server: &Server, _: &Path) {
    let reply = server.client().ask(KILL);
    assert!(reply[0].starts_with("killed house"), "{reply:?}");
}

fn by_connect(server: &Server, folder: &Path) {
    let lines = folder.join("kill.txt");
    fs::write(&lines, format!("{KILL}\n")).expect("a file");
    let address = server.address.to_string();
    let output = staysail(&["connect", &address, "--file", lines.to_str().expect("a plain path")]);
    assert!(text(&output.stdout).starts_with("killed house"), "{output:?}");
}

/// As the first administrator, who signs up the first time and is known by the token from then on.
fn by_http(server: &Server, folder: &Path) {
    let link = server.said.iter().find_map(|line| line.split_once("http://")).expect("a link").1;
    let (host, token) = (link.split('/').next().expect("a host"), link.rsplit('=').next().expect("a token"));
    let kept = folder.join("token");
    let bearer = fs::read_to_string(&kept).unwrap_or_else(|_| {
        let body = format!(r#"{{"token":"{token}","username":"boss","password":"a long password"}}"#);
        let answer = post(host, "/api/v1/auth/setup", "", &body);
        let bearer = answer.split(r#""access_token":""#).nth(1).and_then(|rest| rest.split('"').next());
        let bearer = bearer.unwrap_or_else(|| panic!("{answer}")).to_owned();
        fs::write(&kept, &bearer).expect("a file");
        bearer
    });
    let head = format!("authorization: Bearer {bearer}\r\n");
    let answer = post(host, "/api/v1/risk/kill", &head, r#"{"scope":"house","reason":"drill"}"#);
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

fn post(host: &str, path: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(host).expect("it listens");
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n{head}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

fn by_file(_: &Server, folder: &Path) {
    fs::write(folder.join("kill"), "").expect("a file");
}

fn by_signal(server: &Server, _: &Path) {
    let status = Command::new("kill").args(["-USR2", &server.pid().to_string()]).status();
    assert!(status.expect("there is a kill").success());
}

/// Orders until it is over: they rest far from each other, so that all of them must be cancelled.
fn press(server: &Server, over: &AtomicBool, sent: &AtomicUsize) {
    let mut client = server.client();
    while !over.load(Ordering::Acquire) {
        let from = sent.fetch_add(BLOCK, Ordering::AcqRel);
        let lines: String =
            (from..from + BLOCK).map(|nth| format!("buy alice 0.001 BTC-USDT @ 1 id o{nth}\n")).collect();
        client.send(lines.as_bytes());
        (0..BLOCK).for_each(|_| drop(client.reply().expect("the server answers")));
    }
}

/// Whether no order passes now.
fn is_thrown(server: &Server, nth: usize) -> bool {
    let reply = server.client().ask(&format!("buy alice 0.001 BTC-USDT @ 1 id probe{nth}"));
    reply[0].contains("killed") || reply[0].contains("kill")
}

fn run(way: Way, folder: &Path, more: &[&str]) -> Vec<Duration> {
    let data = folder.join("data");
    let server = Server::start_with(&data, more);
    server.client().set_up();
    let (over, sent, mut took) = (AtomicBool::new(false), AtomicUsize::new(0), Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| press(&server, &over, &sent));
        for nth in 0..THROWS {
            // It is pressed when it is thrown.
            let before = sent.load(Ordering::Acquire);
            await_that("orders come", || sent.load(Ordering::Acquire) >= before + 2 * BLOCK);
            let start = Instant::now();
            way(&server, folder);
            await_that("the switch is thrown", || is_thrown(&server, nth * 1_000_000 + took.len()));
            took.push(start.elapsed());
            assert_eq!(server.client().ask("show orders alice").len(), 1, "everything is cancelled");
            fs::remove_file(folder.join("kill")).unwrap_or_default();
            if nth + 1 < THROWS {
                let reply = server.client().ask("release house by ann because drill");
                assert!(reply[0].starts_with("released"), "{reply:?}");
            }
        }
        over.store(true, Ordering::Release);
    });
    server.kill();
    let server = Server::start_with(&data, more);
    assert!(is_thrown(&server, usize::MAX), "it is still thrown after a restart");
    assert!(server.stop().1);
    took
}

fn await_that(what: &str, mut there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !there() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Between a switch that is thrown and its release no order is let in, as the journal has it.
fn check_records(data: &Path) {
    let dump = text(&journal(data, &["dump"]).stdout);
    let (mut thrown, mut throws, mut let_in) = (false, 0, 0);
    for line in dump.lines().map(str::trim_start) {
        if line.starts_with("killed house") {
            (thrown, throws) = (true, throws + 1);
        } else if line.starts_with("released house") {
            thrown = false;
        } else if line.starts_with("accepted ") {
            assert!(!thrown, "{line}");
            let_in += 1;
        }
    }
    assert!(throws >= THROWS && let_in > THROWS * BLOCK, "{throws} throws, {let_in} orders");
}

#[test]
fn nothing_is_let_in_once_it_is_thrown_whichever_way() {
    for (name, way) in WAYS {
        // In memory where there is such a place: what is measured is the switch and not this machine's disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempdir()).expect("a folder");
        let file = folder.path().join("kill");
        let mut more = vec!["--segment-mib", "4", "--kill-file", file.to_str().expect("a plain path")];
        if name == "http" {
            more.extend(["--http", "127.0.0.1:0"]);
        }
        let mut took = run(way, folder.path(), &more);
        took.sort();
        assert!(took[THROWS / 2] <= MOST, "{name}: {took:?}");
        check_records(&folder.path().join("data"));
    }
}
