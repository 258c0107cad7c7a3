//! What goes wrong and must not matter: a database that dies, one that is slow, a second writer, records that do
//! not follow, an older schema.

use super::archives::{Archive, on_each, postgres_on, sqlite};
use super::story::{Story, assert_same, picture, story};
use model::Record;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{Batch, Projector, Records, Status, Store, StoreError};
use tests::postgres::Server;

/// A journal that is read a few records at a time, and says how far it was.
struct Tail {
    records: Arc<Vec<Record>>,
    shown: Arc<AtomicUsize>,
    step: usize,
}

impl Records for Tail {
    fn after(&mut self, seq: u64, most: usize, _: Duration) -> Batch {
        let from = usize::try_from(seq).unwrap();
        let to = (from + most.min(self.step)).min(self.records.len());
        self.shown.fetch_max(to, Ordering::Relaxed);
        if from == to { Batch::Ended } else { Batch::Records(self.records[from..to].to_vec()) }
    }

    fn head(&self) -> u64 {
        u64::try_from(self.records.len()).unwrap()
    }
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "waited too long for {what}");
        std::thread::yield_now();
    }
}

fn expected(story: &Story) -> Vec<String> {
    let archive = sqlite();
    Projector::open(&archive.config).unwrap().apply(&story.records).unwrap();
    picture(&Store::open(archive.config.clone()).unwrap())
}

fn tail(story: &Story, step: usize) -> (Tail, Arc<AtomicUsize>) {
    let shown = Arc::new(AtomicUsize::new(0));
    (Tail { records: Arc::new(story.records.clone()), shown: Arc::clone(&shown), step }, shown)
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let Some(server) = Server::start() else { return };
    let story = story(21, 4_000);
    let Archive { mut config, .. } = postgres_on(&server);
    (config.batch_records, config.retry) = (40, (Duration::from_millis(20), Duration::from_millis(200)));
    let (mut tail, shown) = tail(&story, 40);
    let status = Status::default();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| store::run(&config, &mut tail, &status));
        for part in 1..4 {
            wait_for("progress", || shown.load(Ordering::Relaxed) > part * 900);
            server.kill();
            wait_for("the loss to be noticed", || status.trouble().is_some());
            server.run();
        }
        assert_eq!(run.join().unwrap(), Ok(()));
    });
    assert!(status.retries() > 0 && status.lag() == 0 && status.trouble().is_none());
    let store = Store::open(config).unwrap();
    assert_same("after three deaths", &expected(&story), &picture(&store));
}

#[test]
fn a_server_that_stops_answering_is_given_up_and_found_again() {
    let Some(server) = Server::start() else { return };
    let story = story(23, 1_500);
    let Archive { mut config, .. } = postgres_on(&server);
    // Made with time enough; what comes then is quick.
    store::migrate(&config, None).unwrap();
    (config.query_limit, config.write_limit) = (Duration::from_millis(300), Duration::from_millis(300));
    (config.batch_records, config.retry) = (20, (Duration::from_millis(20), Duration::from_millis(100)));
    let store = Store::open(config.clone()).unwrap();
    let (mut tail, shown) = tail(&story, 20);
    let status = Status::default();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| store::run(&config, &mut tail, &status));
        wait_for("progress", || shown.load(Ordering::Relaxed) > 400);
        store.projected().unwrap();
        server.freeze(true);
        let asked = Instant::now();
        let answer = store.projected();
        assert!(matches!(answer, Err(StoreError::Deadline { .. })), "{answer:?}");
        assert!(asked.elapsed() < Duration::from_secs(10), "it ended by its deadline");
        wait_for("the projector to notice", || status.trouble().is_some());
        server.freeze(false);
        assert_eq!(run.join().unwrap(), Ok(()));
    });
    wait_for("an answer", || store.projected().is_ok());
    assert_same("after a silence", &expected(&story), &picture(&Store::open(config.clone()).unwrap()));
}

#[test]
fn a_slow_database_is_waited_for_and_queries_end_by_their_deadline() {
    let story = story(22, 1_200);
    let expected = expected(&story);
    let Archive { mut config, _dir: dir } = sqlite();
    config.write_limit = Duration::from_millis(150);
    config.query_limit = Duration::from_millis(200);
    config.retry = (Duration::from_millis(10), Duration::from_millis(50));
    config.batch_records = 100;
    let store = Store::open(config.clone()).unwrap();
    let store::Place::Sqlite(path) = &config.place else { unreachable!() };
    let hog = rusqlite::Connection::open(path).unwrap();
    hog.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (mut tail, _) = tail(&story, 100);
    let status = Status::default();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| store::run(&config, &mut tail, &status));
        wait_for("the first retry", || status.retries() > 1);
        assert_eq!(status.trouble(), Some(StoreError::Busy));
        let now = model::Time(1);
        assert_eq!(store.put_setting("house", "a", "1", now), Err(StoreError::Busy));
        assert_eq!(store.projected().unwrap().0, 0, "readers do not wait");
        hog.execute_batch("ROLLBACK").unwrap();
        assert_eq!(run.join().unwrap(), Ok(()));
    });
    assert_same("after a wait", &expected, &picture(&store));
    drop(dir);
}

#[test]
fn a_second_projector_is_refused_and_a_stopped_one_stops() {
    on_each(|name, archive| {
        let first = Projector::open(&archive.config).unwrap();
        assert_eq!(Projector::open(&archive.config).err(), Some(StoreError::Held), "{name}");
        let (mut records, _) = tail(&story(1, 50), 10);
        let status = Status::default();
        assert_eq!(store::run(&archive.config, &mut records, &status), Err(StoreError::Held), "{name}");
        drop(first);
        status.stop();
        assert_eq!(store::run(&archive.config, &mut records, &status), Ok(()));
        assert_eq!(status.projected(), 0, "{name}");
        let status = Status::default();
        // PostgreSQL takes a moment to see that a session is over.
        wait_for("the lock", || {
            let outcome = store::run(&archive.config, &mut records, &status);
            outcome != Err(StoreError::Held)
        });
        assert_eq!((status.projected(), status.lag()), (50, 0), "{name}");
    });
}

#[test]
fn records_that_do_not_follow_are_refused_and_change_nothing() {
    on_each(|name, archive| {
        let Story { records, .. } = story(3, 400);
        let mut projector = Projector::open(&archive.config).unwrap();
        projector.apply(&records[..200]).unwrap();
        let gap = projector.apply(&records[201..300]);
        assert_eq!(gap, Err(StoreError::Gap { expected: 201, found: 202 }), "{name}");
        let mut strange = records[200].clone();
        strange.events = vec![model::Event::OrderHeld { order: model::OrderId(u64::MAX) }];
        let batch = [strange, records[201].clone()];
        assert!(matches!(projector.apply(&batch), Err(StoreError::Unfounded { seq: 201, .. })), "{name}");
        assert_eq!(projector.cursor(), Ok(200));
        assert_eq!(projector.apply(&records), Ok(400), "{name}");
    });
}

#[test]
fn every_older_schema_becomes_this_one_and_a_newer_one_is_refused() {
    let story = story(4, 300);
    let expected = expected(&story);
    let server = Server::start();
    for from in 1..=6 {
        let mut archives = vec![sqlite()];
        archives.extend(server.as_ref().map(postgres_on));
        for archive in archives {
            assert_eq!(store::migrate(&archive.config, Some(from)), Ok(from));
            let mut projector = Projector::open(&archive.config).unwrap();
            projector.apply(&story.records).unwrap();
            assert_eq!(store::migrate(&archive.config, None), Ok(6));
            let store = Store::open(archive.config.clone()).unwrap();
            assert_same(&format!("from schema {from}"), &expected, &picture(&store));
            assert!(store::check_statements(&archive.config).unwrap() > 60);
        }
    }
    let archive = sqlite();
    store::migrate(&archive.config, None).unwrap();
    let store::Place::Sqlite(path) = &archive.config.place else { unreachable!() };
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute("INSERT INTO schema_version VALUES (99, 'later')", []).unwrap();
    let refused = Store::open(archive.config.clone()).err();
    assert_eq!(refused, Some(StoreError::NewerSchema { found: 99, known: 6 }));
}
