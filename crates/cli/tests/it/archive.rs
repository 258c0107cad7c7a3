//! The archive beside a running server: it may die, be slow or be looked after, and trading goes on; in the end the
//! tables have everything that was acknowledged.

use crate::server::{Client, Server, staysail, text};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use store::{Config, OrderFilter, Page, Place, Store};
use tempfile::tempdir;
use tests::postgres;

/// No answer may take so long, whatever the database does; a loaded machine is slow by itself.
const PATIENCE: Duration = Duration::from_secs(5);

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(90);
    while !done() {
        assert!(Instant::now() < end, "waited too long for {what}");
        sleep(Duration::from_millis(10));
    }
}

/// The sender ends with the test, also where that fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// One order, acknowledged; gives its record.
fn place(client: &mut Client, id: &str, at: u64) -> u64 {
    let (who, side) = if at.is_multiple_of(2) { ("alice", "buy") } else { ("bob", "sell") };
    let asked = Instant::now();
    let reply = client.ask(&format!("{side} {who} 0.001 BTC-USDT @ {} id {id}", 90 + at % 7));
    assert!(asked.elapsed() < PATIENCE, "{id} waited {:?}", asked.elapsed());
    assert!(reply[0].starts_with(&format!("accepted {who} {id} ")), "{reply:?}");
    reply.last().and_then(|line| line.strip_prefix("ok ")).expect("acknowledged").parse().expect("a number")
}

fn ids(store: &Store) -> BTreeSet<String> {
    let (mut ids, mut page) = (BTreeSet::new(), Page { limit: 1000, after: None });
    loop {
        let (rows, next) = store.orders(&OrderFilter::default(), &page).expect("it answers");
        ids.extend(rows.into_iter().filter_map(|row| row.client_order_id));
        if next.is_none() {
            return ids;
        }
        page.after = next;
    }
}

/// `staysail store …` on a folder.
fn store_says(data: &Path, more: &[&str]) -> (bool, String) {
    let mut all = vec!["store"];
    all.extend(more);
    all.extend(["--data", data.to_str().expect("a plain path")]);
    let output = staysail(&all);
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

fn sqlite(data: &Path) -> Config {
    Config::new(Place::Sqlite(data.join("archive.db")))
}

#[test]
fn trading_never_stops_while_postgresql_is_killed_and_nothing_is_missing_afterwards() {
    let Some(database) = postgres::Server::start() else { return };
    database.make("archive");
    let (data, url) = (tempdir().expect("a folder"), database.url("archive"));
    let server = Server::start_with(data.path(), &["--database-url", &url]);
    let mut client = server.client();
    client.set_up();
    let config = Config::new(Place::parse(&url).expect("an address"));
    let projected = || Store::open(config.clone()).and_then(|store| store.projected()).map_or(0, |at| at.0);
    let (over, placed, last) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    scope(|scope| {
        let _stop = Stop(&over);
        let sender = scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                let at = placed.load(Ordering::Acquire);
                last.store(place(&mut client, &format!("o{at}"), at), Ordering::Release);
                placed.store(at + 1, Ordering::Release);
            }
        });
        let flows = |more: u64| {
            let from = placed.load(Ordering::Acquire);
            wait_for("orders", || sender.is_finished() || placed.load(Ordering::Acquire) >= from + more);
            assert!(!sender.is_finished(), "trading stopped");
        };
        for _ in 0..2 {
            let from = projected();
            wait_for("the archive to move", || projected() > from);
            flows(100);
            database.slay();
            flows(300);
            database.run();
            flows(100);
        }
    });
    wait_for("the archive to catch up", || projected() == last.load(Ordering::Acquire));
    let (said, well) = server.stop();
    assert!(well && !said.contains("behind"), "{said}");
    let store = Store::open(config.clone()).expect("it is there");
    let expected: BTreeSet<String> = (0..placed.load(Ordering::Acquire)).map(|at| format!("o{at}")).collect();
    assert_eq!(ids(&store), expected, "every acknowledged order, and no other");
    let (well, said) = store_says(data.path(), &["check", "--database-url", &url]);
    assert!(well && said.contains("are the engine's"), "{said}");
    let (well, said) = store_says(data.path(), &["status", "--database-url", &url]);
    assert!(well && said.contains("\n0 records behind\n"), "{said}");
}

#[test]
fn sqlite_that_dies_with_the_process_has_everything_after_the_next_start() {
    let data = tempdir().expect("a folder");
    let mut expected = BTreeSet::new();
    let mut last = 0;
    for round in 0..6u64 {
        let server = Server::start(data.path());
        assert!(server.said.iter().any(|line| line.starts_with("archive in sqlite:")), "{:?}", server.said);
        let mut client = server.client();
        if round == 0 {
            client.set_up();
        }
        for at in 0..200 {
            let id = format!("r{round}n{at}");
            last = place(&mut client, &id, at);
            expected.insert(id);
        }
        server.kill();
    }
    let server = Server::start(data.path());
    let store = Store::open(sqlite(data.path())).expect("it is there");
    wait_for("the archive to catch up", || store.projected().is_ok_and(|at| at.0 == last));
    assert_eq!(ids(&store), expected, "every acknowledged order, and no other");
    let (well, said) = store_says(data.path(), &["check"]);
    assert!(well, "{said}");
    // A second writer is not let in.
    let (well, said) = store_says(data.path(), &["rebuild"]);
    assert!(!well && said.contains("another process projects into this archive"), "{said}");
    server.kill();
}

#[test]
fn an_archive_is_optional_and_made_anew_from_the_journal() {
    let data = tempdir().expect("a folder");
    let server = Server::start_with(data.path(), &["--no-database"]);
    let mut client = server.client();
    client.set_up();
    for at in 0..50 {
        place(&mut client, &format!("o{at}"), at);
    }
    let (said, well) = server.stop();
    assert!(well && !said.contains("archive"), "{said}");
    assert!(!data.path().join("archive.db").exists());
    let (well, said) = store_says(data.path(), &["status"]);
    assert!(!well && said.contains("there is no archive"), "{said}");
    for _ in 0..2 {
        let (well, said) = store_says(data.path(), &["rebuild"]);
        assert!(well && said.starts_with("rebuilt 58 records"), "{said}");
        let (well, said) = store_says(data.path(), &["status"]);
        assert!(well && said.contains("record 58 of 58") && said.contains("\n0 records behind\n"), "{said}");
        let (well, said) = store_says(data.path(), &["check"]);
        assert!(well && said.contains("record 58: "), "{said}");
    }
    let (well, said) = store_says(data.path(), &["status", "--database-url", "mysql://ann:secret@host/d"]);
    assert!(!well && said.contains("write sqlite:PATH") && !said.contains("secret"), "{said}");
}

/// One request to the front desk, and its status and body.
fn ask_http(address: &str, request: &str) -> Option<(u16, String)> {
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    std::io::Write::write_all(&mut stream, request.as_bytes()).ok()?;
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[test]
fn an_archive_that_is_away_at_the_start_keeps_nothing_from_starting() {
    let Some(database) = postgres::Server::start() else { return };
    database.make("archive");
    let (data, url) = (tempdir().expect("a folder"), database.url("archive"));
    database.kill();
    let more = ["--database-url", &url, "--http", "127.0.0.1:0", "--log", "off"];
    let server = Server::start_with(data.path(), &more);
    assert!(
        server.said.iter().any(|line| line.starts_with("the archive does not answer yet")),
        "{:?}",
        server.said
    );
    let desk =
        server.said.iter().find_map(|line| line.strip_prefix("HTTP on ")).expect("it is served").to_owned();
    let get =
        |path: &str| ask_http(&desk, &format!("GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"));
    assert_eq!(get("/health").map(|(status, _)| status), Some(200));
    let (status, why) = get("/ready").expect("an answer");
    assert!(status == 503 && why.contains("archive"), "{status} {why}");
    // Who is asked for cannot be known; orders go in where nobody has to be.
    let body = "{\"username\":\"root\",\"password\":\"none of ours\"}";
    let login = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(ask_http(&desk, &login).map(|(status, _)| status), Some(503));
    let mut client = server.client();
    client.set_up();
    let last = (0..20).map(|at| place(&mut client, &format!("early-{at}"), at)).last().expect("orders");
    database.run();
    wait_for("the archive to be there", || get("/ready").is_some_and(|(status, _)| status == 200));
    let store = Store::open(Config::new(Place::parse(&url).expect("an address"))).expect("it answers");
    wait_for("the archive to catch up", || store.projected().is_ok_and(|(seq, _)| seq >= last));
    assert_eq!(ids(&store).iter().filter(|id| id.starts_with("early-")).count(), 20);
    // One that could not be reached is tried again after a second.
    wait_for("people to be asked for", || ask_http(&desk, &login).is_some_and(|(status, _)| status == 401));
}
