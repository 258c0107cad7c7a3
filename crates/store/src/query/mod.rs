//! What can be asked of the archive. A list is a page: the newest first, and a mark from which the next goes on.
//! Amounts are exact decimals; moments are good to the microsecond.

mod accounts;
mod market;
mod orders;
mod strategies;

pub use accounts::{
    AccountRow, Alert, BalanceRow, BookPositionRow, InstrumentRow, LedgerRow, MetricRow, PositionRow,
};
pub use market::{Bar, Tick};
pub use orders::{HistoryRow, OrderFilter, OrderRow, RejectionRow, Summary, TradeFilter, TradeRow};
pub use strategies::{
    EngineState, Execution, NewExecution, NewSignal, NewStrategy, SignalRow, Strategy, StrategyChange,
};

use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::value::{Row, Value};
use model::Time;

/// Every fixed statement of this room; the others are put together from what is asked.
pub(crate) const STATEMENTS: &[&str] = &[
    strategies::INSERT,
    strategies::FORGET_RUNS,
    strategies::FORGET,
    strategies::RUN,
    strategies::RAN,
    strategies::SIGNAL,
    strategies::PROCESSED,
    strategies::STATE,
];

/// Rows of a page at the most.
const PAGE_MAX: u32 = 1_000;

/// Declares a row: its fields are the columns of the same names, in this order.
macro_rules! rows {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $(pub $field: $type),* }

        impl $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            #[allow(dead_code, reason = "a row that is read by alias or by table")]
            pub(crate) fn columns() -> String {
                Self::COLUMNS.join(", ")
            }

            #[allow(dead_code, reason = "a row that is read by alias or by table")]
            pub(crate) fn columns_of(alias: &str) -> String {
                let all: Vec<String> = Self::COLUMNS.iter().map(|name| format!("{alias}.{name}")).collect();
                all.join(", ")
            }

            pub(crate) fn read(row: $crate::value::Row) -> $crate::error::Result<Self> {
                let mut row = row.reader();
                Ok(Self { $($field: row.take()?),* })
            }
        }
    };
}

pub(crate) use rows;

/// How many rows, and after which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub limit: u32,
    /// The mark that came with the page before.
    pub after: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 50, after: None }
    }
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.clamp(1, PAGE_MAX)
    }

    fn mark(&self) -> Result<Option<i64>> {
        let bad = |mark: &str| StoreError::BadPage { mark: mark.chars().take(40).collect() };
        self.after.as_deref().map(|mark| mark.parse().or(Err(bad(mark)))).transpose()
    }
}

/// From a moment, and before another; what is absent does not bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<Time>,
    pub to: Option<Time>,
}

/// A query that is put together from what is asked, so that the database plans it for that.
#[derive(Clone, Debug)]
pub(crate) struct Select {
    sql: String,
    values: Vec<Value>,
    tail: String,
    /// Of rows that are only here, and so never asked of a replica.
    own: bool,
}

impl Select {
    pub(crate) fn new(columns: &str, from: &str) -> Self {
        let sql = format!("SELECT {columns} FROM {from} WHERE 1 = 1");
        Self { sql, values: Vec::new(), tail: String::new(), own: false }
    }

    /// Of rows that are only here.
    pub(crate) fn own(columns: &str, from: &str) -> Self {
        Self { own: true, ..Self::new(columns, from) }
    }

    fn value(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len()
    }

    pub(crate) fn compare(&mut self, column: &str, how: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let at = self.value(value.into());
            self.sql.push_str(&format!(" AND {column} {how} ${at}"));
        }
    }

    pub(crate) fn equals(&mut self, column: &str, value: Option<impl Into<Value>>) {
        self.compare(column, "=", value);
    }

    pub(crate) fn text(&mut self, column: &'static str, text: Option<&str>) -> Result<()> {
        let value = text.map(|text| Value::outside(column, text)).transpose()?;
        self.equals(column, value);
        Ok(())
    }

    pub(crate) fn any_of(&mut self, column: &str, values: Vec<Value>) {
        if !values.is_empty() {
            let places: Vec<String> =
                values.into_iter().map(|value| format!("${}", self.value(value))).collect();
            self.sql.push_str(&format!(" AND {column} IN ({})", places.join(", ")));
        }
    }

    pub(crate) fn within(&mut self, column: &str, span: Span) {
        self.compare(column, ">=", span.from);
        self.compare(column, "<", span.to);
    }

    /// The page's rows by a column, the largest first; then by others, where that tells not every row from every
    /// other.
    pub(crate) fn newest(&mut self, column: &str, then: &str, page: &Page) -> Result<()> {
        self.compare(column, "<", page.mark()?);
        // One more than the page, to know whether there are more.
        self.tail = format!(" ORDER BY {column} DESC{then} LIMIT {}", page.limit().saturating_add(1));
        Ok(())
    }

    pub(crate) fn tail(&mut self, tail: String) {
        self.tail = tail;
    }

    fn text_of(&self) -> String {
        format!("{}{}", self.sql, self.tail)
    }
}

/// How a row becomes what was asked for.
type Read<T> = fn(Row) -> Result<T>;

impl Store {
    pub(crate) fn all<T>(&self, select: &Select, read: Read<T>) -> Result<Vec<T>> {
        let sql = select.text_of();
        let look = |database: &mut Database| {
            let sql = crate::schema::fill(database.dialect(), &sql);
            database.query(&sql, &select.values)?.into_iter().map(read).collect()
        };
        if select.own { self.read_own(look) } else { self.read(look) }
    }

    pub(crate) fn page<T>(
        &self,
        select: &Select,
        page: &Page,
        read: Read<T>,
        mark: fn(&T) -> i64,
    ) -> Result<(Vec<T>, Option<String>)> {
        let mut rows = self.all(select, read)?;
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| mark(last).to_string());
        Ok((rows, next))
    }

    /// A page by a column that several rows share: rows that do are never on two pages. `then` orders them.
    pub(crate) fn whole_page<T>(
        &self,
        select: Select,
        (column, then): (&str, &str),
        page: &Page,
        (read, mark): (Read<T>, fn(&T) -> i64),
    ) -> Result<(Vec<T>, Option<String>)> {
        let mut newest = select.clone();
        newest.newest(column, &format!(", {then}"), page)?;
        let (mut rows, next) = self.page(&newest, page, read, mark)?;
        if let Some(last) = rows.last().filter(|_| next.is_some()).map(mark) {
            let mut whole = select;
            whole.equals(column, Some(last));
            whole.tail(format!(" ORDER BY {then}"));
            rows.retain(|row| mark(row) != last);
            rows.extend(self.all(&whole, read)?);
        }
        Ok((rows, next))
    }
}
