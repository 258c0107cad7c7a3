//! Sealed bytes and settings. What is sealed was sealed before it came here, and is opened after it left.

use crate::error::Result;
use crate::pool::Store;
use crate::query::rows;
use crate::value::{Row, Value};
use model::{AccountId, Time};

rows! {
    Secret { account_id: AccountId, name: String, sealed: Vec<u8>, version: i64, updated_at: Time }
}

pub(crate) const PUT_SECRET: &str = "INSERT INTO secrets (account_id, name, sealed, version, updated_at) VALUES \
    ($1, $2, $3, $4, $5) ON CONFLICT (account_id, name) DO UPDATE SET sealed = excluded.sealed, \
    version = excluded.version, updated_at = excluded.updated_at";
pub(crate) const DROP_SECRET: &str = "DELETE FROM secrets WHERE account_id = $1 AND name = $2";
pub(crate) const PUT_SETTING: &str = "INSERT INTO settings (scope, name, value, updated_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
pub(crate) const SETTING: &str = "SELECT value FROM settings WHERE scope = $1 AND name = $2";

impl Store {
    /// # Errors
    /// What the database says.
    pub fn put_secret(
        &self,
        account: AccountId,
        name: &str,
        (sealed, version): (&[u8], i64),
        now: Time,
    ) -> Result<()> {
        let name = Value::outside("name", name)?;
        let values = [account.into(), name, sealed.to_vec().into(), version.into(), now.into()];
        self.write(|database| database.execute(PUT_SECRET, &values).map(drop))
    }

    /// # Errors
    /// What the database says.
    pub fn secret(&self, account: AccountId, name: &str) -> Result<Option<Secret>> {
        let sql = format!("SELECT {} FROM secrets WHERE account_id = $1 AND name = $2", Secret::columns());
        let values = [account.into(), Value::outside("name", name)?];
        self.read_own(|database| database.query_one(&sql, &values)?.map(Secret::read).transpose())
    }

    /// Whether there was one.
    ///
    /// # Errors
    /// What the database says.
    pub fn drop_secret(&self, account: AccountId, name: &str) -> Result<bool> {
        let values = [account.into(), Value::outside("name", name)?];
        self.write(|database| Ok(database.execute(DROP_SECRET, &values)? == 1))
    }

    /// # Errors
    /// What the database says, also of JSON that is none.
    pub fn put_setting(&self, scope: &str, name: &str, json: &str, now: Time) -> Result<()> {
        let (scope, name) = (Value::outside("scope", scope)?, Value::outside("name", name)?);
        let values = [scope, name, Value::outside_json("value", json)?, now.into()];
        self.write(|database| database.execute(PUT_SETTING, &values).map(drop))
    }

    /// # Errors
    /// What the database says.
    pub fn setting(&self, scope: &str, name: &str) -> Result<Option<String>> {
        let values = [Value::outside("scope", scope)?, Value::outside("name", name)?];
        self.read_own(|database| database.query_one(SETTING, &values)?.map(Row::one).transpose())
    }
}
