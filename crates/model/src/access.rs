//! Who came to a door, what they asked for there, and what came of it: kept in the journal, whose chain shows whether
//! any of it was changed later. It changes nothing in the engine.

use crate::{Name, Text, UserId};
use serde::{Deserialize, Serialize};

/// A sign-in, a change, or an access that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// None where nobody knows who it was.
    pub user: Option<UserId>,
    /// The name that was given.
    pub actor: Name,
    /// What was asked for: `login`, `key`, `access`.
    pub action: Name,
    /// What it was about.
    pub target: Text<64>,
    /// What came of it: `done`, `refused`, a reason.
    pub outcome: Name,
    /// From where, and in which request.
    pub address: Text<64>,
    pub request: Text<64>,
}
