//! Where the archives of the tests are: files, unless the whole suite is run once more on PostgreSQL, which the last of
//! its tests does.

use crate::postgres::Server;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use store::Place;

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
