//! Who did what, when, from where, and what came of it. Rows are added and looked for, never changed.

use super::keys::new_id;
use crate::error::Result;
use crate::pool::Store;
use crate::query::{Page, Select, Span, rows};
use crate::value::Value;
use model::{Time, UserId};

rows! {
    AuditEntry {
        id: i64, time: Time, user_id: Option<UserId>, actor: String, action: String, target: String,
        outcome: String, address: String, request_id: String, details: Option<String>,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAudit {
    pub time: Time,
    pub user: Option<UserId>,
    pub actor: String,
    pub action: String,
    pub target: String,
    pub outcome: String,
    pub address: String,
    pub request_id: String,
    /// JSON.
    pub details: Option<String>,
}

/// What is absent matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub user: Option<UserId>,
    pub action: Option<String>,
    pub target: Option<String>,
    pub span: Span,
}

pub(crate) const INSERT: &str = "INSERT INTO audit_log (time, user_id, actor, action, target, outcome, address, \
    request_id, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";

impl Store {
    /// # Errors
    /// What the database says.
    pub fn audit(&self, entry: &NewAudit) -> Result<i64> {
        let details = entry.details.as_ref();
        let details = details.map_or(Ok(Value::Null), |json| Value::outside_json("details", json))?;
        let values = [
            entry.time.into(),
            entry.user.into(),
            Value::outside("actor", &entry.actor)?,
            Value::outside("action", &entry.action)?,
            Value::outside("target", &entry.target)?,
            Value::outside("outcome", &entry.outcome)?,
            Value::outside("address", &entry.address)?,
            Value::outside("request_id", &entry.request_id)?,
            details,
        ];
        self.write(|database| new_id(database.query_one(INSERT, &values)?))
    }

    /// The newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn audit_entries(
        &self,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<(Vec<AuditEntry>, Option<String>)> {
        let mut select = Select::own(&AuditEntry::columns(), "audit_log");
        select.equals("user_id", filter.user);
        select.text("action", filter.action.as_deref())?;
        select.text("target", filter.target.as_deref())?;
        select.within("time", filter.span);
        select.newest("id", "", page)?;
        self.page(&select, page, AuditEntry::read, |entry| entry.id)
    }
}
