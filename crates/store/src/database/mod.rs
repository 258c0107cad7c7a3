//! One connection to one of the two databases. Statements are the same text for both; their differences are in
//! `schema` (types), in `table` (writing many rows) and in the two files beside this one.

mod numbers;
mod postgres;
mod sqlite;
mod table;

pub(crate) use table::{Kind, Table};

use crate::config::Place;
use crate::error::{Result, StoreError};
use crate::schema::Dialect;
use crate::value::{Row, Value};
use postgres::Postgres;
use sqlite::Sqlite;
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum Database {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

/// How a connection is going to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Reads,
    /// Rows that are only here: on disk before anybody is told.
    Writes,
    /// Rows that can be had again: on disk in time.
    Projects,
}

impl Database {
    pub(crate) fn open(place: &Place, access: Access, limit: Duration) -> Result<Self> {
        Ok(match place {
            Place::Sqlite(path) => Self::Sqlite(Box::new(Sqlite::open(path, access, limit)?)),
            Place::Postgres(url) => Self::Postgres(Box::new(Postgres::open(url, access, limit)?)),
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs one statement; gives the number of rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        match self {
            Self::Sqlite(database) => database.execute(sql, values),
            Self::Postgres(database) => database.execute(sql, values),
        }
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(database) => database.query(sql, values),
            Self::Postgres(database) => database.query(sql, values),
        }
    }

    pub(crate) fn query_one(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Runs statements that have no values and give no rows.
    pub(crate) fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(database) => database.script(sql),
            Self::Postgres(database) => database.script(sql),
        }
    }

    /// Whether the database takes the statement; what it would do is not done.
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(database) => database.prepare(sql),
            Self::Postgres(database) => database.prepare(sql),
        }
    }

    /// Adds rows; where a row of that key is there already, only what the table lets change is changed.
    pub(crate) fn insert(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        self.write(&table.insert(self.dialect()), table, rows)
    }

    /// Changes rows that are there: their key, then every column that the table lets change.
    pub(crate) fn update(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        self.write(&table.update(self.dialect()), table, rows)
    }

    fn write(&mut self, sql: &str, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let written = match self {
            Self::Sqlite(database) => database.write(sql, rows)?,
            Self::Postgres(database) => database.write(sql, rows)?,
        };
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        if written == all {
            return Ok(());
        }
        Err(StoreError::Refused { what: format!("{written} of {all} rows written to {}", table.name) })
    }

    /// All of it or nothing. What the closure did is undone where it fails, and where the connection does.
    pub(crate) fn atomically<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.script(match self.dialect() {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        })?;
        match work(self) {
            Ok(done) => {
                self.script("COMMIT")?;
                Ok(done)
            }
            Err(error) => {
                // A connection that cannot even undo is gone, and what it did with it.
                if self.script("ROLLBACK").is_err() {
                    self.condemn();
                }
                Err(error)
            }
        }
    }

    /// Nobody uses this connection again.
    fn condemn(&mut self) {
        if let Self::Postgres(database) = self {
            database.condemn();
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        match self {
            Self::Sqlite(database) => database.is_usable(),
            Self::Postgres(database) => database.is_usable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_by_its_deadline_and_the_connection_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::Sqlite(dir.path().join("a.db"));
        let mut database = Database::open(&place, Access::Writes, Duration::from_millis(30)).unwrap();
        let endless =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
        assert_eq!(database.query(endless, &[]), Err(StoreError::Deadline { limit_ms: 30 }));
        assert_eq!(database.query("SELECT $2, $1", &[1i64.into(), 2i64.into()]).unwrap().len(), 1);
    }

    #[test]
    fn a_reader_cannot_write_and_what_fails_is_undone() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::Sqlite(dir.path().join("a.db"));
        let limit = Duration::from_secs(5);
        let mut writer = Database::open(&place, Access::Writes, limit).unwrap();
        writer.script("CREATE TABLE t (a TEXT PRIMARY KEY) STRICT").unwrap();
        let failed = writer.atomically(|database| {
            database.execute("INSERT INTO t VALUES ($1)", &["a".into()])?;
            database.execute("INSERT INTO t VALUES ($1)", &["a".into()])
        });
        assert_eq!(failed, Err(StoreError::Taken { what: "t.a".to_owned() }));
        assert_eq!(writer.query("SELECT a FROM t", &[]), Ok(Vec::new()));
        let mut reader = Database::open(&place, Access::Reads, limit).unwrap();
        assert!(reader.execute("INSERT INTO t VALUES ('b')", &[]).is_err());
    }
}
