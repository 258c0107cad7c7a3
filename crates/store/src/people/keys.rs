//! Keys of programs: their hashes, what they may do and from where. A key that is rotated works beside the new one
//! for as long as is said, and never longer than it would have.

use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::query::rows;
use crate::value::{Row, Value};
use model::{Time, UserId};

rows! {
    ApiKey {
        id: i64, user_id: UserId, name: String, prefix: String, secret_sealed: Option<Vec<u8>>, scopes: String,
        ip_allow: String, created_at: Time, expires_at: Option<Time>, revoked_at: Option<Time>,
        last_used_at: Option<Time>, replaced_by: Option<i64>,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    pub user: UserId,
    pub name: String,
    /// Shown, so that its owner knows it again.
    pub prefix: String,
    pub key_hash: Vec<u8>,
    /// For keys that sign their requests; sealed.
    pub secret_sealed: Option<Vec<u8>>,
    /// Words with blanks between them.
    pub scopes: String,
    pub ip_allow: String,
    pub expires_at: Option<Time>,
}

/// What a presented key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFound {
    Valid(Box<ApiKey>),
    Expired,
    Revoked,
    /// Its user may not sign in any more.
    Disabled,
    Unknown,
}

pub(crate) const INSERT: &str = "INSERT INTO api_keys (user_id, name, prefix, key_hash, secret_sealed, scopes, \
    ip_allow, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
pub(crate) const REPLACE: &str = "UPDATE api_keys SET replaced_by = $1, expires_at = CASE WHEN expires_at < $2 \
    THEN expires_at ELSE $2 END WHERE id = $3 AND user_id = $4 AND revoked_at IS NULL AND replaced_by IS NULL";
pub(crate) const REVOKE: &str =
    "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND user_id = $3 AND revoked_at IS NULL";
pub(crate) const TOUCH: &str = "UPDATE api_keys SET last_used_at = $1 WHERE id = $2";

impl NewApiKey {
    fn values(&self, now: Time) -> Result<Vec<Value>> {
        Ok(vec![
            self.user.into(),
            Value::outside("name", &self.name)?,
            Value::outside("prefix", &self.prefix)?,
            self.key_hash.clone().into(),
            self.secret_sealed.clone().into(),
            Value::outside("scopes", &self.scopes)?,
            Value::outside("ip_allow", &self.ip_allow)?,
            now.into(),
            self.expires_at.into(),
        ])
    }
}

pub(super) fn new_id(row: Option<Row>) -> Result<i64> {
    row.ok_or(StoreError::NotFound { what: "new row" })?.one()
}

impl Store {
    /// # Errors
    /// What the database says.
    pub fn create_key(&self, key: &NewApiKey, now: Time) -> Result<i64> {
        let values = key.values(now)?;
        self.write(|database| new_id(database.query_one(INSERT, &values)?))
    }

    /// A new key for an old one, which works until `overlap_until`.
    ///
    /// # Errors
    /// `NotFound` where the old one is not this user's, or is revoked or replaced already.
    pub fn rotate_key(&self, old: i64, key: &NewApiKey, overlap_until: Time, now: Time) -> Result<i64> {
        let values = key.values(now)?;
        self.write(|database| {
            let new = new_id(database.query_one(INSERT, &values)?)?;
            let replace = [new.into(), overlap_until.into(), old.into(), key.user.into()];
            match database.execute(REPLACE, &replace)? {
                1 => Ok(new),
                _ => Err(StoreError::NotFound { what: "key" }),
            }
        })
    }

    /// # Errors
    /// What the database says.
    pub fn find_key(&self, key_hash: &[u8], now: Time) -> Result<KeyFound> {
        let columns = ApiKey::columns_of("k");
        let sql = format!(
            "SELECT {columns}, u.is_active FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.key_hash = $1"
        );
        let values = [key_hash.to_vec().into()];
        let Some(Row(mut columns)) = self.read_own(|database| database.query_one(&sql, &values))? else {
            return Ok(KeyFound::Unknown);
        };
        let active: bool = Row(columns.pop().into_iter().collect()).one()?;
        let key = ApiKey::read(Row(columns))?;
        Ok(match &key {
            _ if !active => KeyFound::Disabled,
            ApiKey { revoked_at: Some(_), .. } => KeyFound::Revoked,
            ApiKey { expires_at: Some(end), .. } if *end <= now => KeyFound::Expired,
            _ => KeyFound::Valid(Box::new(key)),
        })
    }

    /// # Errors
    /// What the database says.
    pub fn keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let columns = ApiKey::columns();
        let sql = format!("SELECT {columns} FROM api_keys WHERE user_id = $1 ORDER BY id");
        let values = [user.into()];
        self.read_own(|database| database.query(&sql, &values)?.into_iter().map(ApiKey::read).collect())
    }

    /// # Errors
    /// `NotFound` where it is not this user's, or is revoked already.
    pub fn revoke_key(&self, user: UserId, key: i64, now: Time) -> Result<()> {
        let values = [now.into(), key.into(), user.into()];
        let revoked = self.write(|database| database.execute(REVOKE, &values))?;
        if revoked == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "key" }) }
    }

    /// # Errors
    /// What the database says.
    pub fn key_used(&self, key: i64, now: Time) -> Result<()> {
        let values = [now.into(), key.into()];
        self.write(|database| database.execute(TOUCH, &values).map(drop))
    }
}
