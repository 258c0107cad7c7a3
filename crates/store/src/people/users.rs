//! Who may sign in. A user has the id and the name that the engine gave; the password is a hash by now.

use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::query::rows;
use crate::value::{FromValue, Value};
use model::{Time, UserId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Viewer,
    /// A program: trades, and nothing else.
    Service,
    Trader,
    RiskManager,
    Admin,
}

const ROLES: [(Role, &str); 5] = [
    (Role::Viewer, "viewer"),
    (Role::Service, "service"),
    (Role::Trader, "trader"),
    (Role::RiskManager, "risk_manager"),
    (Role::Admin, "admin"),
];

impl Role {
    #[must_use]
    pub fn word(self) -> &'static str {
        ROLES.iter().find(|(role, _)| *role == self).map_or("viewer", |(_, word)| word)
    }
}

impl Role {
    /// The role of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        ROLES.iter().find(|(_, known)| *known == word).map(|(role, _)| *role)
    }
}

impl FromValue for Role {
    fn from_value(value: Value) -> Option<Self> {
        Self::of(&String::from_value(value)?)
    }
}

rows! {
    User {
        id: UserId, username: String, email: Option<String>, password_hash: String, first_name: Option<String>,
        last_name: Option<String>, role: Role, is_active: bool, totp_secret: Option<Vec<u8>>, totp_enabled: bool,
        failed_logins: i64, locked_until: Option<Time>, last_login_at: Option<Time>, created_at: Time,
        updated_at: Time,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    pub id: UserId,
    pub username: String,
    pub email: Option<String>,
    pub password_hash: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Role,
}

/// What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    pub email: Option<Option<String>>,
    pub password_hash: Option<String>,
    pub first_name: Option<Option<String>>,
    pub last_name: Option<Option<String>>,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
    pub totp_secret: Option<Option<Vec<u8>>>,
    pub totp_enabled: Option<bool>,
}

pub(crate) const INSERT: &str = "INSERT INTO users (id, username, email, password_hash, first_name, last_name, \
    role, is_active, totp_enabled, failed_logins, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
pub(crate) const FAILED: &str = "UPDATE users SET failed_logins = failed_logins + 1, locked_until = CASE WHEN \
    failed_logins + 1 >= $2 THEN $3 ELSE locked_until END WHERE id = $1";
pub(crate) const SUCCEEDED: &str =
    "UPDATE users SET failed_logins = 0, locked_until = NULL, last_login_at = $2 WHERE id = $1";

impl NewUser {
    pub(super) fn values(&self, now: Time) -> Result<Vec<Value>> {
        let text = |field, text: &Option<String>| {
            text.as_ref().map_or(Ok(Value::Null), |text| Value::outside(field, text))
        };
        Ok(vec![
            self.id.into(),
            Value::outside("username", &self.username)?,
            text("email", &self.email)?,
            Value::outside("password_hash", &self.password_hash)?,
            text("first_name", &self.first_name)?,
            text("last_name", &self.last_name)?,
            self.role.word().into(),
            true.into(),
            false.into(),
            0i64.into(),
            now.into(),
            now.into(),
        ])
    }
}

impl Store {
    /// # Errors
    /// `Taken` where the id, the name or the address is another's.
    pub fn create_user(&self, user: &NewUser, now: Time) -> Result<()> {
        let values = user.values(now)?;
        self.write(|database| database.execute(INSERT, &values).map(drop))
    }

    /// # Errors
    /// What the database says.
    pub fn user(&self, id: UserId) -> Result<Option<User>> {
        self.find_user("id", &id.into())
    }

    /// # Errors
    /// What the database says.
    pub fn user_named(&self, username: &str) -> Result<Option<User>> {
        self.find_user("username", &Value::outside("username", username)?)
    }

    /// # Errors
    /// What the database says.
    pub fn user_with_email(&self, email: &str) -> Result<Option<User>> {
        self.find_user("email", &Value::outside("email", email)?)
    }

    fn find_user(&self, column: &str, value: &Value) -> Result<Option<User>> {
        let sql = format!("SELECT {} FROM users WHERE {column} = $1", User::columns());
        let values = [value.clone()];
        self.read_own(|database| database.query_one(&sql, &values)?.map(User::read).transpose())
    }

    /// The first so many users after one, by id.
    ///
    /// # Errors
    /// What the database says.
    pub fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        let columns = User::columns();
        let sql = format!("SELECT {columns} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
        let values = [after.map_or(-1, |user| i64::from(user.0)).into(), limit.into()];
        self.read_own(|database| database.query(&sql, &values)?.into_iter().map(User::read).collect())
    }

    /// # Errors
    /// `NotFound`, or `Taken` where the address is another's.
    pub fn change_user(&self, id: UserId, change: &UserChange, now: Time) -> Result<()> {
        let text = |field: &'static str, text: &Option<String>| {
            text.as_ref().map_or(Ok(Value::Null), |text| Value::outside(field, text))
        };
        let fields = [
            ("email", change.email.as_ref().map(|email| text("email", email)).transpose()?),
            ("password_hash", change.password_hash.clone().map(Value::Text)),
            ("first_name", change.first_name.as_ref().map(|name| text("first_name", name)).transpose()?),
            ("last_name", change.last_name.as_ref().map(|name| text("last_name", name)).transpose()?),
            ("role", change.role.map(|role| role.word().into())),
            ("is_active", change.is_active.map(Value::from)),
            ("totp_secret", change.totp_secret.clone().map(Value::from)),
            ("totp_enabled", change.totp_enabled.map(Value::from)),
            ("updated_at", Some(now.into())),
        ];
        let fields: Vec<(&str, Value)> =
            fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let set: Vec<String> = (2..).zip(&fields).map(|(at, (name, _))| format!("{name} = ${at}")).collect();
        let sql = format!("UPDATE users SET {} WHERE id = $1", set.join(", "));
        let values: Vec<Value> =
            std::iter::once(id.into()).chain(fields.into_iter().map(|(_, value)| value)).collect();
        let changed = self.write(|database| database.execute(&sql, &values))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "user" }) }
    }

    /// Counts a failed sign-in; from the `most`th in a row on, the user is locked until then.
    ///
    /// # Errors
    /// What the database says.
    pub fn login_failed(&self, id: UserId, most: u32, until: Time) -> Result<()> {
        let values = [id.into(), most.into(), until.into()];
        self.write(|database| database.execute(FAILED, &values).map(drop))
    }

    /// # Errors
    /// What the database says.
    pub fn login_succeeded(&self, id: UserId, now: Time) -> Result<()> {
        let values = [id.into(), now.into()];
        self.write(|database| database.execute(SUCCEEDED, &values).map(drop))
    }
}
