//! One projector at a time. In PostgreSQL a lock of the session, which ends with it; beside an SQLite file a file
//! that is locked while the process lives. The cursor is the fence behind it: a second writer could not move it.

use crate::config::Place;
use crate::database::Database;
use crate::error::{Result, StoreError};
use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

/// Any number that nobody else uses.
pub(super) const KEY: i64 = 0x7374_6179_7361_696c;

/// A session that ended is there for a moment longer, on a busy machine for a long one.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Lock {
    _file: Option<File>,
}

impl Lock {
    pub(super) fn take(place: &Place, database: &mut Database) -> Result<Self> {
        let Place::Sqlite(path) = place else {
            let start = Instant::now();
            while !is_free(database)? {
                if start.elapsed() > PATIENCE {
                    return Err(StoreError::Held);
                }
                std::thread::sleep(PAUSE);
            }
            return Ok(Self { _file: None });
        };
        let mut name = path.clone().into_os_string();
        name.push(".lock");
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(name);
        let file = opened.map_err(|error| StoreError::Unreachable { what: error.to_string() })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held),
            Err(TryLockError::Error(error)) => Err(StoreError::Unreachable { what: error.to_string() }),
        }
    }
}

/// Takes the session's lock if nobody has it.
fn is_free(database: &mut Database) -> Result<bool> {
    let sql = "SELECT pg_try_advisory_lock($1)";
    let taken = database.query_one(sql, &[KEY.into()])?.map(crate::value::Row::one);
    Ok(taken.transpose()? == Some(true))
}
