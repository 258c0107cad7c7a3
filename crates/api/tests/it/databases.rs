//! Where the archives of the tests are: files, unless the whole suite is run once more on PostgreSQL, which the last of
//! its tests does.

use crate::client::Client;
use crate::world::{World, config, limit};
use node::SystemClock;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use store::Place;
use tests::postgres::Server;

/// Names a database of a running server, to which others are made.
const POSTGRES: &str = "STAYSAIL_TEST_POSTGRES";

/// A new archive.
pub fn new_place(folder: &Path) -> Place {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let Ok(base) = std::env::var(POSTGRES) else { return Place::Sqlite(folder.join("archive.db")) };
    let name = format!("desk{}", MADE.fetch_add(1, Ordering::Relaxed));
    let made = Command::new("psql").args([&base, "-qc", &format!("CREATE DATABASE {name}")]).status();
    assert!(made.expect("psql").success(), "the database {name} could not be made");
    let (server, _) = base.rsplit_once('/').expect("an address");
    Place::parse(&format!("{server}/{name}")).expect("an address")
}

#[test]
fn the_same_suite_holds_on_postgresql() {
    if std::env::var_os(POSTGRES).is_some() {
        return;
    }
    let Some(server) = Server::start() else { return };
    server.make("base");
    let suite = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--test-threads",
            "2",
            "--skip",
            "the_same_suite_holds_on_postgresql",
            "--skip",
            "scenarios::",
        ])
        .args(["--skip", "document::"])
        .env(POSTGRES, server.url("base"))
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&suite.stdout);
    assert!(suite.status.success(), "{said}");
    assert!(said.contains("test result: ok. ") && !said.contains(" 0 passed"), "{said}");
}

/// Posts orders of both sides, so that some trade, until it is told to stop; gives those that were accepted.
fn trade(client: &mut Client, count: &AtomicU32, stop: &AtomicBool) -> BTreeSet<String> {
    let mut accepted = BTreeSet::new();
    for at in 0..u32::MAX {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let side = if at % 2 == 0 { "buy" } else { "sell" };
        let order =
            client.post("/api/v1/orders", limit(side, "0.001", &format!("{}", 95 + at % 11))).expect(201);
        accepted.insert(order["id"].as_str().expect("an id").to_owned());
        count.fetch_add(1, Ordering::Release);
    }
    accepted
}

/// The ids of all orders that the history has, page by page.
fn listed(client: &mut Client) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/api/v1/orders?limit=1000{cursor}")).expect(200);
        let data = page["data"].as_array().expect("orders");
        ids.extend(data.iter().filter_map(|order| Some(order["id"].as_str()?.to_owned())));
        let Some(next) = page["next_cursor"].as_str() else { return ids };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn a_postgresql_killed_under_load_stops_nobody_and_misses_nothing() {
    if std::env::var_os(POSTGRES).is_some() {
        return;
    }
    let Some(server) = Server::start() else { return };
    server.make("load");
    let place = Place::parse(&server.url("load")).expect("an address");
    let world = World::start_at(config(), SystemClock::new(), |_| place);
    let mut admin = world.with_market();
    let mut traders = ["ann", "ben", "cat"].map(|name| world.trader(&mut admin, name));
    let (count, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let wait_for = |what: &str, is_there: &mut dyn FnMut() -> bool| {
        let started = Instant::now();
        while !is_there() {
            assert!(started.elapsed() < Duration::from_secs(60), "{what} did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let go_on = |more: u32| {
        let wanted = count.load(Ordering::Acquire) + more;
        wait_for("more orders", &mut || count.load(Ordering::Acquire) >= wanted);
    };
    let accepted = std::thread::scope(|scope| {
        let trading: Vec<_> =
            traders.iter_mut().map(|client| scope.spawn(|| trade(client, &count, &stop))).collect();
        for _ in 0..3 {
            go_on(100);
            server.slay();
            // Nobody who trades notices; who asks whether all is well is told.
            go_on(300);
            wait_for("the trouble", &mut || {
                let told = world.client().get("/ready");
                told.status == 503 && told.expect(503)["causes"][0]["part"] == "archive"
            });
            server.run();
        }
        go_on(100);
        stop.store(true, Ordering::Release);
        trading.into_iter().map(|trader| trader.join().expect("it traded")).collect::<Vec<_>>()
    });
    wait_for("the archive", &mut || {
        let told = world.client().get("/ready");
        told.status == 200 && told.expect(200)["archive_lag"] == 0
    });
    for (client, accepted) in traders.iter_mut().zip(&accepted) {
        assert_eq!(&listed(client), accepted, "the history has every order that was accepted");
    }
}
