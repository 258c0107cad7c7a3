//! PostgreSQL, one connection, driven by the thread that uses it. The driver is the asynchronous one on purpose:
//! a server that stops in the middle of an answer is noticed by our clock, where a blocking driver would wait
//! for ever. A connection that was given up on is never used again.

use super::Access;
use crate::decimal::{from_numeric, to_numeric};
use crate::error::{Result, StoreError};
use crate::value::{Row, Value};
use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull as WireNull;
use postgres_protocol::types::{self as wire, ArrayDimension};
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

const STATEMENTS_KEPT: usize = 256;
/// PostgreSQL counts time from 2000-01-01.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

#[derive(Debug)]
pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    statements: BTreeMap<String, Statement>,
    limit: Duration,
    broken: bool,
}

impl Postgres {
    pub(super) fn open(url: &str, access: Access, limit: Duration) -> Result<Self> {
        let mut config: Config =
            url.parse().map_err(|error| StoreError::Refused { what: format!("{error}") })?;
        config.connect_timeout(limit.min(Duration::from_secs(10)));
        config.application_name("staysail");
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Unreachable { what: error.to_string() })?;
        let connecting = async { tokio::time::timeout(limit, config.connect(NoTls)).await };
        let connected = runtime.block_on(connecting).map_err(|_late| late(limit))?;
        let (client, connection) = connected.map_err(|error| said(&error))?;
        runtime.spawn(async move {
            // Whoever waits for an answer hears of the end of the connection.
            connection.await.err().map(drop)
        });
        let mut postgres = Self { runtime, client, statements: BTreeMap::new(), limit, broken: false };
        let limit_ms = limit.as_millis();
        let read_only = if access == Access::Reads { "SET default_transaction_read_only = on;" } else { "" };
        postgres.script(&format!(
            "SET statement_timeout = {limit_ms}; SET lock_timeout = {limit_ms}; SET timezone = 'UTC'; {read_only}"
        ))?;
        Ok(postgres)
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.broken && !self.client.is_closed()
    }

    pub(super) fn condemn(&mut self) {
        self.broken = true;
    }

    fn wait<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> std::result::Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        if self.broken {
            return Err(StoreError::Unreachable { what: "the connection was given up".to_owned() });
        }
        let (client, limit) = (&self.client, self.limit);
        let outcome = self.runtime.block_on(async { tokio::time::timeout(limit, work(client)).await });
        match outcome {
            Ok(outcome) => outcome.map_err(|error| {
                let error = said(&error);
                self.broken |= matches!(error, StoreError::Unreachable { .. });
                error
            }),
            Err(_late) => {
                self.broken = true;
                Err(late(limit))
            }
        }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(async |client| client.prepare(sql).await)?;
        if self.statements.len() >= STATEMENTS_KEPT {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        let statement = self.statement(sql)?;
        self.wait(async |client| client.execute(&statement, &borrowed(values)).await)
    }

    pub(super) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = self.statement(sql)?;
        let rows = self.wait(async |client| client.query(&statement, &borrowed(values)).await)?;
        rows.iter().map(read).collect()
    }

    pub(super) fn script(&mut self, sql: &str) -> Result<()> {
        self.wait(async |client| client.batch_execute(sql).await)
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<()> {
        self.statement(sql).map(drop)
    }

    pub(super) fn write(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64> {
        let statement = self.statement(sql)?;
        let columns = (0..statement.params().len()).map(|at| Column { rows, at }).collect::<Vec<_>>();
        let columns: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| column as _).collect();
        self.wait(async |client| client.execute(&statement, &columns).await)
    }
}

fn borrowed(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Row> {
    let read = |at| row.try_get::<_, Option<Value>>(at).map(|value| value.unwrap_or(Value::Null));
    let values: std::result::Result<_, _> = (0..row.len()).map(read).collect();
    values.map(Row).map_err(|error| said(&error))
}

type Boxed = Box<dyn StdError + Sync + Send>;

fn misfit(value: &Value, ty: &Type) -> Boxed {
    format!("a {} cannot hold {value:?}", ty.name()).into()
}

fn put(value: &Value, ty: &Type, out: &mut BytesMut) -> std::result::Result<bool, Boxed> {
    match (value, ty) {
        (Value::Null, _) => return Ok(false),
        (Value::Bool(value), &Type::BOOL) => wire::bool_to_sql(*value, out),
        (Value::Int(value), &Type::INT8) => wire::int8_to_sql(*value, out),
        (Value::Int(value), &Type::INT4) => wire::int4_to_sql(i32::try_from(*value)?, out),
        (Value::Time(micros) | Value::Int(micros), &Type::TIMESTAMPTZ) => {
            let since = micros.checked_sub(EPOCH_MICROS).ok_or_else(|| misfit(value, ty))?;
            wire::timestamp_to_sql(since, out);
        }
        (Value::Num(decimal), &Type::NUMERIC) => {
            let bytes = to_numeric(decimal.as_str()).ok_or_else(|| misfit(value, ty))?;
            out.put_slice(&bytes);
        }
        (Value::Text(text) | Value::Json(text), &Type::JSONB) => {
            out.put_u8(1);
            wire::text_to_sql(text, out);
        }
        (Value::Word(text), &Type::TEXT | &Type::VARCHAR) => wire::text_to_sql(text, out),
        (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => wire::text_to_sql(text, out),
        (Value::Bytes(bytes), &Type::BYTEA) => wire::bytea_to_sql(bytes, out),
        _ => return Err(misfit(value, ty)),
    }
    Ok(true)
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        Ok(if put(self, ty, out)? { IsNull::No } else { IsNull::Yes })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> std::result::Result<Self, Boxed> {
        Ok(match *ty {
            Type::BOOL => Self::Bool(wire::bool_from_sql(raw)?),
            Type::INT8 => Self::Int(wire::int8_from_sql(raw)?),
            Type::INT4 => Self::Int(wire::int4_from_sql(raw)?.into()),
            Type::TIMESTAMPTZ => {
                let since = wire::timestamp_from_sql(raw)?;
                Self::Time(since.checked_add(EPOCH_MICROS).ok_or("a moment out of range")?)
            }
            Type::NUMERIC => Self::Num(from_numeric(raw).ok_or("a numeric that is no number")?),
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text(wire::text_from_sql(raw)?.to_owned()),
            Type::JSONB => {
                let text = raw.get(1..).ok_or("an empty jsonb")?;
                Self::Json(wire::text_from_sql(text)?.to_owned())
            }
            Type::BYTEA => Self::Bytes(wire::bytea_from_sql(raw).to_owned()),
            _ => return Err(format!("type {} is not expected", ty.name()).into()),
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One column of many rows, as an array.
#[derive(Debug)]
struct Column<'a> {
    rows: &'a [Vec<Value>],
    at: usize,
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        let Kind::Array(member) = ty.kind() else { return Err(format!("{} is no array", ty.name()).into()) };
        let dimension = ArrayDimension { len: i32::try_from(self.rows.len())?, lower_bound: 1 };
        let values = self.rows.iter().map(|row| row.get(self.at).unwrap_or(&Value::Null));
        let each = |value: &Value, out: &mut BytesMut| {
            Ok(if put(value, member, out)? { WireNull::No } else { WireNull::Yes })
        };
        wire::array_to_sql(Some(dimension), member.oid(), values, each, out)?;
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn late(limit: Duration) -> StoreError {
    StoreError::Deadline { limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX) }
}

fn said(error: &tokio_postgres::Error) -> StoreError {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    let Some(answer) = error.as_db_error() else {
        let what = format!("{error}{source}");
        let ours = what.contains("error serializing") || what.contains("error deserializing");
        return if ours { StoreError::Refused { what } } else { StoreError::Unreachable { what } };
    };
    let what = answer.message().to_owned();
    match answer.code() {
        &SqlState::UNIQUE_VIOLATION => {
            StoreError::Taken { what: answer.constraint().unwrap_or_default().to_owned() }
        }
        &SqlState::QUERY_CANCELED => StoreError::Deadline { limit_ms: 0 },
        &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_SERIALIZATION_FAILURE
        | &SqlState::T_R_DEADLOCK_DETECTED => StoreError::Busy,
        // The server goes, comes, recovers or is full: classes 08, 53, 57 and 58.
        code if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => {
            StoreError::Unreachable { what }
        }
        _ => StoreError::Refused { what },
    }
}
