//! Strategies, their runs, their signals, and how each running engine stands: rows that their owners write.

use super::{Page, Select, Span, rows};
use crate::decimal::Decimal;
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::schema;
use crate::value::{Row, Value};
use model::{Money, Time, UserId};

rows! {
    Strategy {
        id: i64, user_id: UserId, name: String, description: Option<String>, strategy_type: String,
        config: String, status: String, performance: Option<String>, is_public: bool, created_at: Time,
        updated_at: Time,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStrategy {
    pub user: UserId,
    pub name: String,
    pub description: Option<String>,
    pub strategy_type: String,
    /// JSON.
    pub config: String,
    pub is_public: bool,
}

/// What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrategyChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub config: Option<String>,
    pub status: Option<String>,
    pub performance: Option<String>,
    pub is_public: Option<bool>,
}

rows! {
    Execution {
        id: i64, strategy_id: i64, execution_type: String, status: String, config: Option<String>,
        results: Option<String>, started_at: Option<Time>, completed_at: Option<Time>, created_at: Time,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExecution {
    pub strategy: i64,
    pub execution_type: String,
    pub config: Option<String>,
}

rows! {
    SignalRow {
        id: i64, time: Time, strategy_id: i64, symbol: String, signal_type: String, strength: Decimal,
        confidence: Decimal, price: Option<Decimal>, quantity: Option<Decimal>, metadata: Option<String>,
        processed: bool,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSignal {
    pub time: Time,
    pub strategy: i64,
    pub symbol: String,
    pub signal_type: String,
    pub strength: Money,
    pub confidence: Money,
    pub price: Option<Money>,
    pub quantity: Option<Money>,
    /// JSON.
    pub metadata: Option<String>,
}

rows! {
    EngineState {
        connection_id: String, status: String, prehistoric_data_loaded: bool, last_indication_run: Option<Time>,
        last_strategy_run: Option<Time>, last_realtime_run: Option<Time>, manager_health_status: String,
        active_positions_count: i64, error_message: Option<String>, updated_at: Time,
    }
}

pub(crate) const INSERT: &str = "INSERT INTO trading_strategies (user_id, name, description, strategy_type, config, \
    status, is_public, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 'INACTIVE', $6, $7, $7) RETURNING id";
pub(crate) const FORGET_RUNS: &str = "DELETE FROM strategy_executions WHERE strategy_id IN (SELECT id FROM \
    trading_strategies WHERE id = $1 AND user_id = $2)";
pub(crate) const FORGET: &str = "DELETE FROM trading_strategies WHERE id = $1 AND user_id = $2";
pub(crate) const RUN: &str = "INSERT INTO strategy_executions (strategy_id, execution_type, status, config, \
    created_at) VALUES ($1, $2, 'PENDING', $3, $4) RETURNING id";
pub(crate) const RAN: &str = "UPDATE strategy_executions SET status = $2, results = COALESCE($3, results), \
    started_at = COALESCE(started_at, $4), completed_at = CASE WHEN $5 THEN $4 ELSE completed_at END WHERE id = $1";
pub(crate) const SIGNAL: &str = "INSERT INTO trading_signals (time, strategy_id, symbol, signal_type, strength, \
    confidence, price, quantity, metadata, processed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
pub(crate) const PROCESSED: &str = "UPDATE trading_signals SET processed = $2 WHERE id = $1";
pub(crate) const STATE: &str = "INSERT INTO trade_engine_state (connection_id, status, prehistoric_data_loaded, \
    last_indication_run, last_strategy_run, last_realtime_run, manager_health_status, active_positions_count, \
    error_message, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (connection_id) DO \
    UPDATE SET status = excluded.status, prehistoric_data_loaded = excluded.prehistoric_data_loaded, \
    last_indication_run = excluded.last_indication_run, last_strategy_run = excluded.last_strategy_run, \
    last_realtime_run = excluded.last_realtime_run, manager_health_status = excluded.manager_health_status, \
    active_positions_count = excluded.active_positions_count, error_message = excluded.error_message, \
    updated_at = excluded.updated_at";

fn optional(field: &'static str, text: Option<&String>) -> Result<Value> {
    text.map_or(Ok(Value::Null), |text| Value::outside(field, text))
}

fn optional_json(field: &'static str, text: Option<&String>) -> Result<Value> {
    text.map_or(Ok(Value::Null), |text| Value::outside_json(field, text))
}

fn id_of(row: Option<Row>) -> Result<i64> {
    row.ok_or(StoreError::NotFound { what: "new row" })?.one()
}

impl Store {
    /// # Errors
    /// What the database says.
    pub fn create_strategy(&self, new: &NewStrategy, now: Time) -> Result<i64> {
        let values = [
            new.user.into(),
            Value::outside("name", &new.name)?,
            optional("description", new.description.as_ref())?,
            Value::outside("strategy_type", &new.strategy_type)?,
            Value::outside_json("config", &new.config)?,
            new.is_public.into(),
            now.into(),
        ];
        self.write(|database| id_of(database.query_one(INSERT, &values)?))
    }

    /// A user's own, or one by its id.
    ///
    /// # Errors
    /// What the database says.
    pub fn strategies(&self, user: Option<UserId>, id: Option<i64>) -> Result<Vec<Strategy>> {
        let mut select = Select::own(&Strategy::columns(), "trading_strategies");
        select.equals("user_id", user);
        select.equals("id", id);
        select.tail(" ORDER BY id LIMIT 10000".to_owned());
        self.all(&select, Strategy::read)
    }

    /// # Errors
    /// `NotFound` where it is not this user's.
    pub fn change_strategy(&self, user: UserId, id: i64, change: &StrategyChange, now: Time) -> Result<()> {
        let text =
            |field, text: &Option<String>| text.as_ref().map(|text| Value::outside(field, text)).transpose();
        let json = |field, text: &Option<String>| {
            text.as_ref().map(|text| Value::outside_json(field, text)).transpose()
        };
        let fields = [
            ("name", text("name", &change.name)?),
            ("description", text("description", &change.description)?),
            ("config", json("config", &change.config)?),
            ("status", text("status", &change.status)?),
            ("performance", json("performance", &change.performance)?),
            ("is_public", change.is_public.map(Value::from)),
            ("updated_at", Some(now.into())),
        ];
        let fields: Vec<(&str, Value)> =
            fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let set: Vec<String> = (3..).zip(&fields).map(|(at, (name, _))| format!("{name} = ${at}")).collect();
        let sql = format!("UPDATE trading_strategies SET {} WHERE id = $1 AND user_id = $2", set.join(", "));
        let keys: [Value; 2] = [id.into(), user.into()];
        let values: Vec<Value> = keys.into_iter().chain(fields.into_iter().map(|(_, value)| value)).collect();
        let changed = self.write(|database| database.execute(&sql, &values))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "strategy" }) }
    }

    /// Deletes it, and its runs with it.
    ///
    /// # Errors
    /// `NotFound` where it is not this user's.
    pub fn delete_strategy(&self, user: UserId, id: i64) -> Result<()> {
        let values = [id.into(), user.into()];
        self.write(|database| {
            database.execute(FORGET_RUNS, &values)?;
            match database.execute(FORGET, &values)? {
                1 => Ok(()),
                _ => Err(StoreError::NotFound { what: "strategy" }),
            }
        })
    }

    /// # Errors
    /// What the database says.
    pub fn create_execution(&self, new: &NewExecution, now: Time) -> Result<i64> {
        let values = [
            new.strategy.into(),
            Value::outside("execution_type", &new.execution_type)?,
            optional_json("config", new.config.as_ref())?,
            now.into(),
        ];
        self.write(|database| id_of(database.query_one(RUN, &values)?))
    }

    /// How a run stands now; it is over where `done`.
    ///
    /// # Errors
    /// `NotFound`, or what the database says.
    pub fn change_execution(
        &self,
        id: i64,
        (status, done): (&str, bool),
        results: Option<&String>,
        now: Time,
    ) -> Result<()> {
        let results = optional_json("results", results)?;
        let values = [id.into(), Value::outside("status", status)?, results, now.into(), done.into()];
        let changed = self.write(|database| database.execute(RAN, &values))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "execution" }) }
    }

    /// The newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn executions(&self, strategy: i64, page: &Page) -> Result<(Vec<Execution>, Option<String>)> {
        let mut select = Select::own(&Execution::columns(), "strategy_executions");
        select.equals("strategy_id", Some(strategy));
        select.newest("id", "", page)?;
        self.page(&select, page, Execution::read, |run| run.id)
    }

    /// # Errors
    /// What the database says.
    pub fn add_signal(&self, signal: &NewSignal) -> Result<i64> {
        let values = [
            signal.time.into(),
            signal.strategy.into(),
            Value::outside("symbol", &signal.symbol)?,
            Value::outside("signal_type", &signal.signal_type)?,
            signal.strength.into(),
            signal.confidence.into(),
            signal.price.into(),
            signal.quantity.into(),
            optional_json("metadata", signal.metadata.as_ref())?,
            false.into(),
        ];
        self.write(|database| {
            schema::make_month(database, signal.time)?;
            id_of(database.query_one(SIGNAL, &values)?)
        })
    }

    /// # Errors
    /// `NotFound`, or what the database says.
    pub fn signal_processed(&self, id: i64) -> Result<()> {
        let changed = self.write(|database| database.execute(PROCESSED, &[id.into(), true.into()]))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "signal" }) }
    }

    /// The newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn signals(
        &self,
        (strategy, symbol): (Option<i64>, Option<&str>),
        span: Span,
        page: &Page,
    ) -> Result<(Vec<SignalRow>, Option<String>)> {
        let mut select = Select::own(&SignalRow::columns(), "trading_signals");
        select.equals("strategy_id", strategy);
        select.text("symbol", symbol)?;
        select.within("time", span);
        select.newest("id", "", page)?;
        self.page(&select, page, SignalRow::read, |signal| signal.id)
    }

    /// # Errors
    /// What the database says.
    pub fn put_engine_state(&self, state: &EngineState) -> Result<()> {
        let values = [
            Value::outside("connection_id", &state.connection_id)?,
            Value::outside("status", &state.status)?,
            state.prehistoric_data_loaded.into(),
            state.last_indication_run.into(),
            state.last_strategy_run.into(),
            state.last_realtime_run.into(),
            Value::outside("manager_health_status", &state.manager_health_status)?,
            state.active_positions_count.into(),
            optional("error_message", state.error_message.as_ref())?,
            state.updated_at.into(),
        ];
        self.write(|database| database.execute(STATE, &values).map(drop))
    }

    /// # Errors
    /// What the database says.
    pub fn engine_states(&self) -> Result<Vec<EngineState>> {
        let mut select = Select::own(&EngineState::columns(), "trade_engine_state");
        select.tail(" ORDER BY connection_id LIMIT 10000".to_owned());
        self.all(&select, EngineState::read)
    }
}
