//! The rows that are only here: users, keys, sessions, invitations, recovery codes, secrets, settings, and the
//! record of who did what. Hashes and sealed bytes come from outside; here is only what must happen at once or
//! not at all.

mod audit;
mod invitations;
mod keys;
mod sessions;
mod users;
mod vault;

pub use audit::{AuditEntry, AuditFilter, NewAudit};
pub use invitations::Invitation;
pub use keys::{ApiKey, KeyFound, NewApiKey};
pub use sessions::{NewSession, NewToken, Session, TokenUse};
pub use users::{NewUser, Role, User, UserChange};
pub use vault::Secret;

/// Every fixed statement of this room.
pub(crate) const STATEMENTS: &[&str] = &[
    audit::INSERT,
    invitations::INSERT,
    invitations::ACCEPT,
    invitations::OPEN,
    invitations::FORGET_CODES,
    invitations::ADD_CODE,
    invitations::USE_CODE,
    invitations::CODES_LEFT,
    keys::INSERT,
    keys::REPLACE,
    keys::REVOKE,
    keys::TOUCH,
    sessions::INSERT,
    sessions::ISSUE,
    sessions::SPEND,
    sessions::FIND,
    sessions::SEEN,
    sessions::END,
    sessions::END_OWN,
    sessions::END_ALL,
    users::INSERT,
    users::FAILED,
    users::SUCCEEDED,
    vault::PUT_SECRET,
    vault::DROP_SECRET,
    vault::PUT_SETTING,
    vault::SETTING,
];
