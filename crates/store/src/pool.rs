//! The archive as those who ask see it: a few connections for queries, one for the rows that are only here. What a
//! projection made is asked of the replica, if there is one; rows that are only here never are, because who has
//! just written one looks for it. All of it blocks, and all of it ends by a deadline: asynchronous callers use a
//! thread for it.

use crate::config::{Config, Place};
use crate::database::{Access, Database};
use crate::error::{Result, StoreError};
use crate::schema;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An archive that could not be opened is not tried again for so long.
const FAILED_FOR: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Store {
    config: Config,
    writer: Mutex<Option<Database>>,
    readers: Readers,
    replica: Option<Readers>,
    /// It was reached once, and has the schema of this build.
    opened: AtomicBool,
    failed: Mutex<Option<(Instant, StoreError)>>,
}

/// Connections that nobody uses, and how many there are at all.
#[derive(Debug)]
struct Readers {
    place: Place,
    limit: Duration,
    kept: Mutex<(Vec<Database>, usize)>,
    freed: Condvar,
    most: usize,
}

impl Store {
    /// Opens the archive, and makes or migrates it first.
    ///
    /// # Errors
    /// What the database says.
    pub fn open(config: Config) -> Result<Self> {
        let store = Self::later(config);
        store.reach()?;
        Ok(store)
    }

    /// An archive that is opened when it is first asked, and again as long as it cannot be.
    #[must_use]
    pub fn later(config: Config) -> Self {
        let readers = |place: &Place| Readers {
            place: place.clone(),
            limit: config.query_limit,
            kept: Mutex::default(),
            freed: Condvar::new(),
            most: config.readers.max(1),
        };
        Self {
            writer: Mutex::new(None),
            readers: readers(&config.place),
            replica: config.replica.as_ref().map(readers),
            opened: AtomicBool::new(false),
            failed: Mutex::default(),
            config,
        }
    }

    /// Makes sure that it was opened once, and has the schema of this build.
    ///
    /// # Errors
    /// What the database says.
    pub fn reach(&self) -> Result<()> {
        if self.opened.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut writer = locked(&self.writer);
        if self.opened.load(Ordering::Acquire) {
            return Ok(());
        }
        let lately = locked(&self.failed).clone().filter(|(when, _)| when.elapsed() < FAILED_FOR);
        if let Some((_, error)) = lately {
            return Err(error);
        }
        let opened = Database::open(&self.config.place, Access::Writes, self.config.query_limit)
            .and_then(|mut database| schema::migrate(&mut database, i64::MAX).map(|()| database));
        match opened {
            Ok(database) => {
                *writer = Some(database);
                self.opened.store(true, Ordering::Release);
                Ok(())
            }
            Err(error) => {
                *locked(&self.failed) = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Whether questions go elsewhere than changes.
    #[must_use]
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// A look at what projections made, which may be a little behind. Where the replica is gone, the archive itself
    /// answers.
    pub(crate) fn read<T>(&self, work: impl Fn(&mut Database) -> Result<T>) -> Result<T> {
        match self.replica.as_ref().map(|replica| replica.read(&work)) {
            None | Some(Err(StoreError::Unreachable { .. })) => self.read_own(work),
            Some(outcome) => outcome,
        }
    }

    /// A look at rows that are only here: whoever has written one finds it.
    pub(crate) fn read_own<T>(&self, work: impl Fn(&mut Database) -> Result<T>) -> Result<T> {
        self.reach()?;
        self.readers.read(work)
    }

    /// A change, alone and whole.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        self.reach()?;
        let mut writer = locked(&self.writer);
        let mut database = match writer.take().filter(Database::is_usable) {
            Some(database) => database,
            None => Database::open(&self.config.place, Access::Writes, self.config.query_limit)?,
        };
        let outcome = database.atomically(work);
        *writer = database.is_usable().then_some(database);
        outcome
    }
}

impl Readers {
    /// A connection that turns out to be dead is replaced once: looking twice is harmless.
    fn read<T>(&self, work: impl Fn(&mut Database) -> Result<T>) -> Result<T> {
        let (mut database, fresh) = self.reader()?;
        let mut outcome = work(&mut database);
        if !fresh && matches!(outcome, Err(StoreError::Unreachable { .. })) {
            match self.connect() {
                Ok(connected) => database = connected,
                Err(error) => {
                    self.give_back(None);
                    return Err(error);
                }
            }
            outcome = work(&mut database);
        }
        self.give_back(database.is_usable().then_some(database));
        outcome
    }

    fn connect(&self) -> Result<Database> {
        Database::open(&self.place, Access::Reads, self.limit)
    }

    /// A connection, and whether it was made for this.
    fn reader(&self) -> Result<(Database, bool)> {
        let end = Instant::now() + self.limit;
        let mut kept = locked(&self.kept);
        loop {
            if let Some(database) = kept.0.pop() {
                return Ok((database, false));
            }
            if kept.1 < self.most {
                kept.1 = kept.1.saturating_add(1);
                drop(kept);
                let connected = self.connect();
                if connected.is_err() {
                    self.give_back(None);
                }
                return connected.map(|database| (database, true));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            kept = self.freed.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn give_back(&self, database: Option<Database>) {
        let mut kept = locked(&self.kept);
        match database {
            Some(database) => kept.0.push(database),
            None => kept.1 = kept.1.saturating_sub(1),
        }
        self.freed.notify_one();
    }
}

/// What is behind the lock is whole even where a holder panicked: it is a place for connections.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
