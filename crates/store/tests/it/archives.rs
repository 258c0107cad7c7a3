//! Archives to test on: always SQLite; PostgreSQL where there is one.

use std::sync::atomic::{AtomicU32, Ordering};
use store::{Config, Place};
use tempfile::TempDir;
use tests::postgres::Server;

pub struct Archive {
    pub config: Config,
    pub _dir: Option<TempDir>,
}

pub fn sqlite() -> Archive {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::new(Place::Sqlite(dir.path().join("archive.db")));
    Archive { config, _dir: Some(dir) }
}

pub fn postgres_on(server: &Server) -> Archive {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("archive{}", MADE.fetch_add(1, Ordering::Relaxed));
    server.make(&name);
    Archive { config: Config::new(Place::parse(&server.url(&name)).unwrap()), _dir: None }
}

/// The test, on every database there is.
pub fn on_each(test: impl Fn(&str, &Archive)) {
    test("sqlite", &sqlite());
    let Some(server) = Server::start() else { return };
    test("postgres", &postgres_on(&server));
}
