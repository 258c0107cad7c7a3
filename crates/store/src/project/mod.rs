//! Records into rows, each exactly once: the rows of a batch and the cursor behind it are one transaction, and the
//! cursor moves only from where this projector knows it to be. Whatever fails, the truth is in the database, and
//! the projector reads it again from there.

mod amount;
mod apply;
mod bars;
mod flush;
mod kept;
mod ledger;
mod load;
mod lock;
mod market;
mod metrics;
mod order;
mod outside;
mod rare;
mod state;
mod tables;
mod words;

pub(crate) use bars::{MINUTE_NS, start_of};
pub(crate) use market::Market;
pub(crate) use words::status;

use crate::config::Config;
use crate::database::{Access, Database};
use crate::error::{Result, StoreError};
use crate::schema;
use crate::value::Value;
use lock::Lock;
use model::{Record, Time};
use state::State;

const MOVE: &str = "UPDATE projection SET seq = $2, time = $3 WHERE name = 'archive' AND seq = $1";

/// The only writer of the projections.
#[derive(Debug)]
pub struct Projector {
    database: Database,
    _lock: Lock,
    /// None after a failure, until it is loaded again.
    state: Option<State>,
    /// The day whose partitions are known to be there.
    day: Option<i64>,
}

impl Projector {
    /// Opens the archive for writing, and makes or migrates it first.
    ///
    /// # Errors
    /// `Held` where somebody else projects into it; what the database says.
    pub fn open(config: &Config) -> Result<Self> {
        let mut database = Database::open(&config.place, Access::Projects, config.write_limit)?;
        let lock = Lock::take(&config.place, &mut database)?;
        schema::migrate(&mut database, i64::MAX)?;
        let state = Some(State::load(&mut database)?);
        Ok(Self { database, _lock: lock, state, day: None })
    }

    /// The last record that is in the tables.
    ///
    /// # Errors
    /// What the database says.
    pub fn cursor(&mut self) -> Result<u64> {
        self.state().map(|state| state.now.seq)
    }

    /// Takes the next records in; those that are in already are passed over. Gives the new cursor.
    ///
    /// # Errors
    /// Nothing of the batch is in the tables then, or (where the connection went while it was committed) all of it:
    /// `cursor` knows.
    pub fn apply(&mut self, records: &[Record]) -> Result<u64> {
        let cursor = self.cursor()?;
        let next = records.partition_point(|record| record.stamped.seq <= cursor);
        let Some(records) = records.get(next..).filter(|records| !records.is_empty()) else {
            return Ok(cursor);
        };
        let mut state = self.state.take().ok_or(StoreError::Overtaken)?;
        for (expected, record) in (cursor.saturating_add(1)..).zip(records) {
            let found = record.stamped.seq;
            if found != expected {
                return Err(StoreError::Gap { expected, found });
            }
            let what = "an event names what is not there, or an amount cannot be counted";
            state.apply(record).ok_or(StoreError::Unfounded { seq: found, what })?;
            self.make_month(state.now.time)?;
        }
        let now = state.now;
        self.database.atomically(|database| {
            state.flush(database)?;
            let values = [cursor.into(), now.seq.into(), now.time.into()];
            let moved = database.execute(MOVE, &values)?;
            if moved == 1 { Ok(()) } else { Err(StoreError::Overtaken) }
        })?;
        self.state = Some(state);
        Ok(now.seq)
    }

    /// Empties every table that the journal can fill, and starts at record 1.
    ///
    /// # Errors
    /// What the database says; the tables are as they were then.
    pub fn rebuild(&mut self) -> Result<()> {
        self.state = None;
        self.database.atomically(|database| {
            for table in schema::REBUILT {
                database.execute(&format!("DELETE FROM {table}"), &[])?;
            }
            let reset = "UPDATE projection SET seq = 0, time = $1 WHERE name = 'archive'";
            database.execute(reset, &[Value::Time(0)]).map(drop)
        })
    }

    fn state(&mut self) -> Result<&State> {
        if self.state.is_none() {
            self.state = Some(State::load(&mut self.database)?);
        }
        self.state.as_ref().ok_or(StoreError::Overtaken)
    }

    fn make_month(&mut self, time: Time) -> Result<()> {
        let day = Some(metrics::day_of(time));
        if day != self.day {
            schema::make_month(&mut self.database, time)?;
            self.day = day;
        }
        Ok(())
    }
}

/// Every statement of the projection.
pub(crate) fn statements(dialect: schema::Dialect) -> Vec<String> {
    let tables = tables::ALL.iter().flat_map(|table| {
        let changes = table.changing < table.columns.len();
        [Some(table.insert(dialect)), changes.then(|| table.update(dialect))].into_iter().flatten()
    });
    let texts = [
        MOVE,
        load::CURSOR,
        rare::ARM,
        rare::REMOVE_LIMIT,
        rare::ACKNOWLEDGE,
        rare::RESOLVE,
        rare::TRIP,
        rare::RE_ARM,
    ];
    tables.chain(texts.iter().chain(&load::LOADS).map(ToString::to_string)).collect()
}
