//! SQLite: one file, one writer, as many readers as there are connections. Write-ahead logging, so a reader sees
//! a whole transaction or none of it and never waits for the writer.

use super::{Access, numbers};
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Steps of SQLite's machine between two looks at the clock.
const STEPS_PER_LOOK: i32 = 4_000;
const STATEMENTS_KEPT: usize = 128;

#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    clock: Arc<Clock>,
    limit: Duration,
    broken: bool,
}

/// When the statement at hand must have ended, in milliseconds after `start`.
#[derive(Debug)]
struct Clock {
    start: Instant,
    end_ms: AtomicU64,
}

impl Clock {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Sqlite {
    pub(super) fn open(path: &Path, access: Access, limit: Duration) -> Result<Self> {
        let flags = match access {
            Access::Reads => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Writes | Access::Projects => {
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
            }
        };
        let clock = Arc::new(Clock { start: Instant::now(), end_ms: AtomicU64::new(u64::MAX) });
        let opened = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let connection = opened.map_err(|error| said(&error, limit))?;
        let mut sqlite = Self { connection, clock, limit, broken: false };
        sqlite.prepare_connection(access).map_err(|error| said(&error, limit))?;
        Ok(sqlite)
    }

    fn prepare_connection(&mut self, access: Access) -> rusqlite::Result<()> {
        let connection = &mut self.connection;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        connection.busy_timeout(self.limit)?;
        if access != Access::Reads {
            connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;")?;
        }
        // A last transaction that is lost with the power is projected again: its cursor is lost with it.
        let synced = if access == Access::Projects { "NORMAL" } else { "FULL" };
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synced}; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; \
             PRAGMA wal_autocheckpoint = 8000;"
        ))?;
        numbers::register(connection)?;
        let clock = Arc::clone(&self.clock);
        let late = move || clock.now_ms() > clock.end_ms.load(Ordering::Relaxed);
        connection.progress_handler(STEPS_PER_LOOK, Some(late))
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.broken
    }

    fn timed<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let limit_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        self.clock.end_ms.store(self.clock.now_ms().saturating_add(limit_ms), Ordering::Relaxed);
        let outcome = work(&self.connection);
        self.clock.end_ms.store(u64::MAX, Ordering::Relaxed);
        outcome.map_err(|error| {
            let error = said(&error, self.limit);
            self.broken |= matches!(error, StoreError::Unreachable { .. });
            error
        })
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        self.timed(|connection| {
            let mut statement = connection.prepare_cached(&numbered(sql))?;
            bind(&mut statement, values)?;
            statement.raw_execute().map(count)
        })
    }

    pub(super) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        self.timed(|connection| {
            let mut statement = connection.prepare_cached(&numbered(sql))?;
            let columns = statement.column_count();
            bind(&mut statement, values)?;
            let (mut rows, mut all) = (statement.raw_query(), Vec::new());
            while let Some(row) = rows.next()? {
                let read = |at| row.get_ref(at).map(value_of);
                all.push(Row((0..columns).map(read).collect::<rusqlite::Result<_>>()?));
            }
            Ok(all)
        })
    }

    pub(super) fn script(&mut self, sql: &str) -> Result<()> {
        self.timed(|connection| connection.execute_batch(sql))
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<()> {
        self.timed(|connection| connection.prepare(&numbered(sql)).map(drop))
    }

    pub(super) fn write(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64> {
        self.timed(|connection| {
            let mut statement = connection.prepare_cached(&numbered(sql))?;
            let mut written = 0u64;
            for row in rows {
                bind(&mut statement, row)?;
                written = written.saturating_add(count(statement.raw_execute()?));
            }
            Ok(written)
        })
    }
}

/// `?2` is the second value wherever it stands; `$2` would be a name, numbered where it first stands.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    (1..).zip(values).try_for_each(|(at, value)| statement.raw_bind_parameter(at, value))
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Bool(value) => ValueRef::Integer((*value).into()),
            Self::Int(value) | Self::Time(value) => ValueRef::Integer(*value),
            Self::Word(text) => ValueRef::Text(text.as_bytes()),
            Self::Text(text) | Self::Json(text) => ValueRef::Text(text.as_bytes()),
            Self::Num(decimal) => ValueRef::Text(decimal.as_str().as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A column of a `STRICT` table holds what its type says; a float is nothing that was asked for.
fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn said(error: &rusqlite::Error, limit: Duration) -> StoreError {
    let what = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            StoreError::Deadline { limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX) }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::ConstraintViolation) if what.contains("UNIQUE") => {
            let what = what.split(": ").last().unwrap_or_default().to_owned();
            StoreError::Taken { what }
        }
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreError::Unreachable { what },
        _ => StoreError::Refused { what },
    }
}
