//! What can go wrong, and what to do about it. `Refused` is an answer at the door, for the caller;
//! `NodeError` is a failure of the node, for who runs it. A refusal by the engine is neither: it is an event.

use journal::JournalError;
use model::DecodeError;
use std::sync::Arc;

pub type Result<T, E = NodeError> = std::result::Result<T, E>;

/// Why a request was not taken. Nothing happened; with a client order id a retry is harmless.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("busy: the inbox is full; try again in a moment")]
    Busy,
    #[error("the disk is nearly full: only cancels are taken; free some space")]
    Full,
    #[error("stopped: {cause}")]
    Stopped { cause: Arc<str> },
}

#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Journal(#[from] JournalError),

    #[error(
        "the node has stopped: {cause}; what was not answered may or may not be kept: restart, and send it \
         again with the same client order ids"
    )]
    Stopped { cause: Arc<str> },

    #[error(
        "record {seq} was made by another engine than this: its event {index} was recorded as {recorded} and \
         is now {made}; run the build that wrote it, or restore the file if it was altered"
    )]
    Diverged { seq: u64, index: usize, recorded: String, made: String },

    #[error("record {seq} cannot be read: {cause}")]
    Unreadable { seq: u64, cause: DecodeError },

    #[error(
        "the journal ends before record {wanted}, which was acknowledged; restore its files from a backup"
    )]
    Lost { wanted: u64 },

    #[error("the journal ends at record {last_seq}, and record {wanted} was asked for; name an earlier one")]
    Ends { last_seq: u64, wanted: u64 },

    #[error("record {found} stands where record {wanted} should; restore the journal from a backup")]
    OutOfPlace { wanted: u64, found: u64 },

    #[error("{clients} clients are connected, as many as are allowed; close one or raise the bound")]
    TooManyClients { clients: usize },

    #[error("a thread of the node could not be started: {cause}; look at the limits of the system")]
    Thread { cause: std::io::Error },

    #[error("a thread of the node ended by a bug; restart to recover from the journal")]
    Panicked,
}

impl NodeError {
    /// What a refusal at the door means for who runs the node.
    #[must_use]
    pub fn stopped(refused: Refused) -> Self {
        match refused {
            Refused::Stopped { cause } => Self::Stopped { cause },
            other => Self::Stopped { cause: other.to_string().into() },
        }
    }
}
