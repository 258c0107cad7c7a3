//! The archive as those who ask see it: a few connections for queries, one for the rows that are only here. All of
//! it blocks, and all of it ends by a deadline: asynchronous callers use a thread for it.

use crate::config::{Config, Place};
use crate::database::{Access, Database};
use crate::error::{Result, StoreError};
use crate::schema;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub struct Store {
    config: Config,
    writer: Mutex<Option<Database>>,
    readers: Readers,
}

/// Connections that nobody uses, and how many there are at all.
#[derive(Debug)]
struct Readers {
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
        let mut writer = Database::open(&config.place, Access::Writes, config.query_limit)?;
        schema::migrate(&mut writer, i64::MAX)?;
        let most = config.readers.max(1);
        let readers = Readers { kept: Mutex::new((Vec::new(), 0)), freed: Condvar::new(), most };
        Ok(Self { config, writer: Mutex::new(Some(writer)), readers })
    }

    /// A look at the tables. A connection that turns out to be dead is replaced once: looking twice is harmless.
    pub(crate) fn read<T>(&self, work: impl Fn(&mut Database) -> Result<T>) -> Result<T> {
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

    /// A change, alone and whole.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        let mut writer = locked(&self.writer);
        let mut database = match writer.take().filter(Database::is_usable) {
            Some(database) => database,
            None => Database::open(&self.config.place, Access::Writes, self.config.query_limit)?,
        };
        let outcome = database.atomically(work);
        *writer = database.is_usable().then_some(database);
        outcome
    }

    fn place(&self) -> &Place {
        self.config.replica.as_ref().unwrap_or(&self.config.place)
    }

    fn connect(&self) -> Result<Database> {
        Database::open(self.place(), Access::Reads, self.config.query_limit)
    }

    /// A connection, and whether it was made for this.
    fn reader(&self) -> Result<(Database, bool)> {
        let end = Instant::now() + self.config.query_limit;
        let mut kept = locked(&self.readers.kept);
        loop {
            if let Some(database) = kept.0.pop() {
                return Ok((database, false));
            }
            if kept.1 < self.readers.most {
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
            kept = self.readers.freed.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn give_back(&self, database: Option<Database>) {
        let mut kept = locked(&self.readers.kept);
        match database {
            Some(database) => kept.0.push(database),
            None => kept.1 = kept.1.saturating_sub(1),
        }
        self.readers.freed.notify_one();
    }
}

/// What is behind the lock is whole even where a holder panicked: it is a place for connections.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
