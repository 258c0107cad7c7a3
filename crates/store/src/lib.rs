//! The archive: what happened as rows, for people and programs that ask in SQL; and the rows that are only here,
//! users and their keys. SQLite inside the binary, or PostgreSQL; the same tables, the same answers.
//! Every table of the projections can be thrown away and rebuilt from the journal. Absent: floats, HTTP, JSON
//! shapes, passwords in the clear, and any way to hold up trading.

mod config;
mod database;
mod decimal;
mod doctor;
mod error;
mod people;
mod pool;
mod project;
mod query;
mod run;
mod schema;
mod value;

pub use config::{Config, Place};
pub use decimal::Decimal;
pub use doctor::{check_statements, migrate, schema_version};
pub use error::StoreError;
pub use people::{
    ApiKey, AuditEntry, AuditFilter, Invitation, KeyFound, NewApiKey, NewAudit, NewSession, NewToken,
    NewUser, Role, Secret, Session, TokenUse, User, UserChange,
};
pub use pool::Store;
pub use project::Projector;
pub use query::{
    AccountRow, Alert, BalanceRow, Bar, BookPositionRow, EngineState, Execution, HistoryRow, InstrumentRow,
    LedgerRow, MetricRow, NewExecution, NewSignal, NewStrategy, OrderFilter, OrderRow, Page, PositionRow,
    RejectionRow, SignalRow, Span, Strategy, StrategyChange, Summary, Tick, TradeFilter, TradeRow,
};
pub use run::{Batch, Records, Status, run};
pub use schema::Dialect;
