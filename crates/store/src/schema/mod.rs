//! The tables, and how an older archive becomes a newer one. One text for both databases, with the types filled
//! in; a migration that has run is never changed, a change is a new file at the end of the list. Each runs in a
//! transaction of its own, under a lock, so that two processes that start at once do it once.

mod types;

pub use types::Dialect;

use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};
use model::Time;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) name: &'static str,
    sql: &'static str,
}

pub(crate) const MIGRATIONS: [Migration; 6] = [
    Migration { version: 1, name: "people", sql: include_str!("0001_people.sql") },
    Migration { version: 2, name: "trading", sql: include_str!("0002_trading.sql") },
    Migration { version: 3, name: "series", sql: include_str!("0003_series.sql") },
    Migration { version: 4, name: "strategies", sql: include_str!("0004_strategies.sql") },
    Migration { version: 5, name: "outside", sql: include_str!("0005_outside.sql") },
    Migration { version: 6, name: "isolated", sql: include_str!("0006_isolated.sql") },
];

/// The tables that `rebuild` empties; the projector alone writes them.
pub(crate) const REBUILT: [&str; 22] = [
    "assets",
    "venues",
    "traders",
    "instruments",
    "accounts",
    "books",
    "orders",
    "order_events",
    "rejections",
    "trades",
    "positions",
    "book_positions",
    "account_balances",
    "transfers",
    "algos",
    "risk_limits",
    "trading_states",
    "risk_alerts",
    "margin_states",
    "risk_breakers",
    "market_data",
    "portfolio_metrics",
];

/// Kept for one migration at a time, over all processes.
const LOCK: i64 = 0x7374_6179_6d69_6772;

/// A statement in a database's own words.
pub(crate) fn fill(dialect: Dialect, sql: &str) -> String {
    types::fill(dialect, false, sql)
}

/// Brings the archive to the schema of this build.
///
/// # Errors
/// A schema that is newer than this build; whatever the database says.
pub(crate) fn migrate(database: &mut Database, to: i64) -> Result<()> {
    database.atomically(|database| {
        lock(database)?;
        let table = types::fill(
            database.dialect(),
            false,
            "CREATE TABLE IF NOT EXISTS schema_version (version {int} PRIMARY KEY, name {text} NOT NULL) {strict}",
        );
        database.script(&table)
    })?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= to) {
        database.atomically(|database| {
            lock(database)?;
            let found = version(database)?;
            let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
            if found > known {
                return Err(StoreError::NewerSchema { found, known });
            }
            if found < migration.version { run(database, migration) } else { Ok(()) }
        })?;
    }
    Ok(())
}

fn lock(database: &mut Database) -> Result<()> {
    match database.dialect() {
        // `BEGIN IMMEDIATE` is the lock.
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => database.script(&format!("SELECT pg_advisory_xact_lock({LOCK})")),
    }
}

pub(crate) fn version(database: &mut Database) -> Result<i64> {
    let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
    database.query_one(sql, &[])?.map_or(Ok(0), Row::one)
}

fn run(database: &mut Database, migration: &Migration) -> Result<()> {
    let timescale = has_timescale(database)?;
    database.script(&types::fill(database.dialect(), timescale, migration.sql))?;
    if migration.name == "series" && database.dialect() == Dialect::Postgres {
        for table in SERIES {
            database.script(&if timescale {
                format!(
                    "SELECT create_hypertable('{table}', 'time', if_not_exists => TRUE, migrate_data => TRUE)"
                )
            } else {
                format!("CREATE TABLE {table}_other PARTITION OF {table} DEFAULT")
            })?;
        }
    }
    let values = [Value::Int(migration.version), migration.name.into()];
    database.execute("INSERT INTO schema_version (version, name) VALUES ($1, $2)", &values).map(drop)
}

const SERIES: [&str; 3] = ["market_data", "portfolio_metrics", "trading_signals"];

fn has_timescale(database: &mut Database) -> Result<bool> {
    if database.dialect() == Dialect::Sqlite {
        return Ok(false);
    }
    let sql = "SELECT extname FROM pg_extension WHERE extname = 'timescaledb'";
    database.query_one(sql, &[]).map(|row| row.is_some())
}

/// PostgreSQL without the extension keeps a series in a partition a month. Made before its first row comes;
/// what belongs to no month stays in the partition for the rest.
pub(crate) fn make_month(database: &mut Database, time: Time) -> Result<()> {
    if database.dialect() == Dialect::Sqlite || has_timescale(database)? {
        return Ok(());
    }
    let day = time.to_string();
    let (Some(year), Some(month)) = (day.get(0..4), day.get(5..7)) else { return Ok(()) };
    let (Ok(y), Ok(m)) = (year.parse::<i32>(), month.parse::<i32>()) else { return Ok(()) };
    let (next_y, next_m) = if m == 12 { (y.saturating_add(1), 1) } else { (y, m.saturating_add(1)) };
    for table in SERIES {
        let name = format!("{table}_{year}_{month}");
        let rest = format!(
            "SELECT time FROM {table}_other WHERE time >= '{y:04}-{m:02}-01Z' AND time < '{next_y:04}-{next_m:02}-01Z' LIMIT 1"
        );
        if database.query_one(&rest, &[])?.is_none() {
            database.script(&format!(
                "CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM ('{y:04}-{m:02}-01Z') TO ('{next_y:04}-{next_m:02}-01Z')"
            ))?;
        }
    }
    Ok(())
}
