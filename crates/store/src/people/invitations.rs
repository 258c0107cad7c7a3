//! How a user comes in, and back in: invitations and recovery codes. Each is good once.

use super::keys::new_id;
use super::users::{self, NewUser, Role};
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::query::rows;
use crate::value::{Row, Value};
use model::{Time, UserId};

rows! {
    Invitation {
        id: i64, role: Role, email: Option<String>, invited_by: UserId, created_at: Time, expires_at: Time,
        used_at: Option<Time>, used_by: Option<UserId>,
    }
}

pub(crate) const INSERT: &str = "INSERT INTO invitations (token_hash, role, email, invited_by, created_at, \
    expires_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
pub(crate) const ACCEPT: &str = "UPDATE invitations SET used_at = $1, used_by = $2 WHERE token_hash = $3 AND \
    used_at IS NULL AND expires_at > $1 RETURNING role";
pub(crate) const OPEN: &str =
    "SELECT id FROM invitations WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
pub(crate) const FORGET_CODES: &str = "DELETE FROM recovery_codes WHERE user_id = $1";
pub(crate) const ADD_CODE: &str = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)";
pub(crate) const USE_CODE: &str =
    "UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL";
pub(crate) const CODES_LEFT: &str =
    "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";

impl Store {
    /// # Errors
    /// What the database says.
    pub fn invite(
        &self,
        token_hash: &[u8],
        (role, email): (Role, Option<&str>),
        by: UserId,
        (now, expires_at): (Time, Time),
    ) -> Result<i64> {
        let email = email.map_or(Ok(Value::Null), |email| Value::outside("email", email))?;
        let role = role.word().into();
        let values = [token_hash.to_vec().into(), role, email, by.into(), now.into(), expires_at.into()];
        self.write(|database| new_id(database.query_one(INSERT, &values)?))
    }

    /// Spends the invitation and makes the user, with the role that was offered.
    ///
    /// # Errors
    /// `NotFound` where it is unknown, spent or over; `Taken` where the name is, and then it is not spent.
    pub fn accept_invitation(&self, token_hash: &[u8], user: &NewUser, now: Time) -> Result<Role> {
        self.write(|database| {
            let values = [now.into(), user.id.into(), token_hash.to_vec().into()];
            let role = database.query_one(ACCEPT, &values)?.map(Row::one).transpose()?;
            let role = role.ok_or(StoreError::NotFound { what: "open invitation" })?;
            let user = NewUser { role, ..user.clone() };
            database.execute(users::INSERT, &user.values(now)?)?;
            Ok(role)
        })
    }

    /// Whether the invitation is still open.
    ///
    /// # Errors
    /// What the database says.
    pub fn has_invitation(&self, token_hash: &[u8], now: Time) -> Result<bool> {
        let values = [token_hash.to_vec().into(), now.into()];
        self.read_own(|database| Ok(database.query_one(OPEN, &values)?.is_some()))
    }

    /// # Errors
    /// What the database says.
    pub fn invitations(&self) -> Result<Vec<Invitation>> {
        let columns = Invitation::columns();
        let sql = format!("SELECT {columns} FROM invitations ORDER BY id DESC LIMIT 1000");
        self.read_own(|database| database.query(&sql, &[])?.into_iter().map(Invitation::read).collect())
    }

    /// New codes in place of all others.
    ///
    /// # Errors
    /// What the database says.
    pub fn set_recovery_codes(&self, user: UserId, hashes: &[Vec<u8>]) -> Result<()> {
        self.write(|database| {
            database.execute(FORGET_CODES, &[user.into()])?;
            hashes.iter().try_for_each(|hash| {
                database.execute(ADD_CODE, &[user.into(), hash.clone().into()]).map(drop)
            })
        })
    }

    /// Whether the code was good; it is not any more.
    ///
    /// # Errors
    /// What the database says.
    pub fn use_recovery_code(&self, user: UserId, code_hash: &[u8], now: Time) -> Result<bool> {
        let values = [now.into(), user.into(), code_hash.to_vec().into()];
        self.write(|database| Ok(database.execute(USE_CODE, &values)? == 1))
    }

    /// # Errors
    /// What the database says.
    pub fn recovery_codes_left(&self, user: UserId) -> Result<i64> {
        self.read_own(|database| database.query_one(CODES_LEFT, &[user.into()])?.map_or(Ok(0), Row::one))
    }
}
