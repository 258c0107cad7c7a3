//! Sign-ins that last. A refresh token is good once; it is spent and its successor made in one step, and one that
//! comes a second time was copied, so its whole session ends.

use super::keys::new_id;
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::query::rows;
use crate::value::Value;
use model::{Time, UserId};

rows! {
    Session {
        id: i64, user_id: UserId, address: String, agent: String, created_at: Time, last_seen_at: Time,
        expires_at: Time, ended_at: Option<Time>, end_reason: Option<String>,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    pub user: UserId,
    /// The name that all its tokens share.
    pub family: Vec<u8>,
    pub address: String,
    pub agent: String,
    pub expires_at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    pub token_hash: Vec<u8>,
    pub expires_at: Time,
}

/// What a presented refresh token came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenUse {
    Rotated {
        session: i64,
        user: UserId,
    },
    /// It was used before: the session is ended.
    Reused {
        session: i64,
        user: UserId,
    },
    /// It, its session or its user is over.
    Over,
    Unknown,
}

pub(crate) const INSERT: &str = "INSERT INTO sessions (user_id, family, address, agent, created_at, last_seen_at, \
    expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING id";
pub(crate) const ISSUE: &str =
    "INSERT INTO refresh_tokens (token_hash, session_id, issued_at, expires_at) VALUES ($1, $2, $3, $4)";
pub(crate) const SPEND: &str =
    "UPDATE refresh_tokens SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL";
pub(crate) const FIND: &str = "SELECT s.id, s.user_id, t.expires_at, s.expires_at, s.ended_at, u.is_active FROM \
    refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id WHERE \
    t.token_hash = $1";
pub(crate) const SEEN: &str = "UPDATE sessions SET last_seen_at = $1 WHERE id = $2";
pub(crate) const END: &str =
    "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3 AND ended_at IS NULL";
pub(crate) const END_OWN: &str = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE user_id = $3 AND id = $4 \
    AND ended_at IS NULL";
pub(crate) const END_ALL: &str =
    "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE user_id = $3 AND ended_at IS NULL";

impl Store {
    /// # Errors
    /// What the database says.
    pub fn start_session(&self, session: &NewSession, token: &NewToken, now: Time) -> Result<i64> {
        let values = [
            session.user.into(),
            session.family.clone().into(),
            Value::outside("address", &session.address)?,
            Value::outside("agent", &session.agent)?,
            now.into(),
            session.expires_at.into(),
        ];
        self.write(|database| {
            let id = new_id(database.query_one(INSERT, &values)?)?;
            let issue = [token.token_hash.clone().into(), id.into(), now.into(), token.expires_at.into()];
            database.execute(ISSUE, &issue)?;
            Ok(id)
        })
    }

    /// Spends a token and issues the next.
    ///
    /// # Errors
    /// What the database says.
    pub fn rotate_token(&self, token_hash: &[u8], next: &NewToken, now: Time) -> Result<TokenUse> {
        let hash: Value = token_hash.to_vec().into();
        self.write(|database| {
            // Only one of two that come at once finds it unspent.
            let spent = database.execute(SPEND, &[now.into(), hash.clone()])? == 1;
            let Some(row) = database.query_one(FIND, &[hash])? else { return Ok(TokenUse::Unknown) };
            let mut row = row.reader();
            let (session, user): (i64, UserId) = (row.take()?, row.take()?);
            let ends: [Time; 2] = [row.take()?, row.take()?];
            let (ended, active): (Option<Time>, bool) = (row.take()?, row.take()?);
            if !spent {
                database.execute(END, &[now.into(), "token_reused".into(), session.into()])?;
                return Ok(TokenUse::Reused { session, user });
            }
            if ended.is_some() || !active || ends.iter().any(|end| *end <= now) {
                return Ok(TokenUse::Over);
            }
            let issue = [next.token_hash.clone().into(), session.into(), now.into(), next.expires_at.into()];
            database.execute(ISSUE, &issue)?;
            database.execute(SEEN, &[now.into(), session.into()])?;
            Ok(TokenUse::Rotated { session, user })
        })
    }

    /// A user's sessions, those that are over as well, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn sessions(&self, user: UserId) -> Result<Vec<Session>> {
        let columns = Session::columns();
        let sql = format!("SELECT {columns} FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 100");
        let values = [user.into()];
        self.read_own(|database| database.query(&sql, &values)?.into_iter().map(Session::read).collect())
    }

    /// # Errors
    /// What the database says.
    pub fn session(&self, id: i64) -> Result<Option<Session>> {
        let sql = format!("SELECT {} FROM sessions WHERE id = $1", Session::columns());
        self.read_own(|database| database.query_one(&sql, &[id.into()])?.map(Session::read).transpose())
    }

    /// # Errors
    /// `NotFound` where it is not this user's, or is over.
    pub fn end_session(&self, user: UserId, session: i64, reason: &'static str, now: Time) -> Result<()> {
        let values = [now.into(), reason.into(), user.into(), session.into()];
        let ended = self.write(|database| database.execute(END_OWN, &values))?;
        if ended == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "session" }) }
    }

    /// Ends all of a user's sessions; gives how many.
    ///
    /// # Errors
    /// What the database says.
    pub fn end_sessions(&self, user: UserId, reason: &'static str, now: Time) -> Result<u64> {
        let values = [now.into(), reason.into(), user.into()];
        self.write(|database| database.execute(END_ALL, &values))
    }
}
