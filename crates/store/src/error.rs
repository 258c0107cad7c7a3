//! What can go wrong with the archive, and what to do about it. Some of it passes: then the projector tries
//! again from where the database says it is.

use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    #[error("the address {url:?} is not one of an archive: write sqlite:PATH or postgres://user@host/name")]
    BadAddress { url: String },
    #[error("the database cannot be reached: {what}")]
    Unreachable { what: String },
    #[error("no answer within {limit_ms} ms: ask for less, or try again")]
    Deadline { limit_ms: u64 },
    #[error("the archive is busy: try again")]
    Busy,
    #[error("another process projects into this archive: stop it first")]
    Held,
    #[error("the database refused: {what}")]
    Refused { what: String },
    #[error("{what} is taken already")]
    Taken { what: String },
    #[error("no such {what}")]
    NotFound { what: &'static str },
    #[error("{field} holds a zero byte, which no text of the archive may")]
    ZeroByte { field: &'static str },
    #[error("{what} is not allowed: {why}")]
    NotAllowed { what: &'static str, why: &'static str },
    #[error("the archive has schema {found} and this build knows {known}: use a newer build")]
    NewerSchema { found: i64, known: i64 },
    #[error("the journal cannot be read: {what}")]
    Unread { what: String },
    #[error("record {found} came where {expected} was due")]
    Gap { expected: u64, found: u64 },
    #[error("record {seq} does not follow from the records before it: {what}")]
    Unfounded { seq: u64, what: &'static str },
    #[error("somebody else moved the archive's cursor")]
    Overtaken,
    #[error("the page mark {mark:?} is not one of ours: start from the first page")]
    BadPage { mark: String },
    #[error("column {column} of an answer is not what was asked for")]
    BadColumn { column: usize },
}

impl StoreError {
    /// Whether it may go away by itself: trying again is right, and nothing is lost by it.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Deadline { .. }
                | Self::Busy
                | Self::Overtaken
                | Self::Unread { .. }
        )
    }
}

impl StoreError {
    /// Whether only a person can help: another build, another address, or a rebuild.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self,
            Self::BadAddress { .. } | Self::NewerSchema { .. } | Self::Gap { .. } | Self::Unfounded { .. }
        )
    }
}

pub type Result<T> = std::result::Result<T, StoreError>;
