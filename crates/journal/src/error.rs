//! What can go wrong, and what the operator should do about it.
//!
//! One enum for the crate. Damage is never softened into an I/O error and an I/O error is never reported as
//! damage, because the answers differ: restore a copy, or look at the disk.

use std::io;

pub type Result<T, E = JournalError> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The cause is a part of the sentence, and therefore no `source` that would be said a second time.
    #[error("{doing} {file} failed: {cause}; check the disk and its permissions, then start again")]
    Io { doing: &'static str, file: String, cause: io::Error },

    #[error("the disk is full: a segment needs {need} bytes and {free} are free; free some space and go on")]
    Full { need: u64, free: u64 },

    #[error(
        "{segment} is damaged at byte {offset}, record {seq}: {why}; nothing was skipped or changed, \
         restore this file from a backup or a replica"
    )]
    Corrupt { segment: String, offset: u64, seq: u64, why: String },

    #[error(
        "the hash chain breaks in {segment} at byte {offset}, record {seq}: {why}; the file was altered or \
         belongs to another history, restore it from a backup or a replica"
    )]
    ChainBroken { segment: String, offset: u64, seq: u64, why: String },

    #[error(
        "{file} has format version {found} and this program reads versions up to {supported}; \
         use a newer program"
    )]
    UnknownVersion { file: String, found: u16, supported: u16 },

    #[error("{file} belongs to shard {found}, not {expected}; point each shard at its own directory")]
    WrongShard { file: String, found: u32, expected: u32 },

    #[error("journal is in use by another process (pid {holder}): stop it first")]
    InUse { holder: String },

    #[error("the journal has stopped after a failure ({cause}); restart to recover from what is on disk")]
    Stopped { cause: String },

    #[error(
        "batches must be committed in the order they were sealed: expected record {expected}, got {found}"
    )]
    OutOfOrder { expected: u64, found: u64 },

    #[error("a batch without records cannot be sealed; push a record first")]
    EmptyBatch,

    #[error("a batch of {bytes} bytes is larger than the {max} allowed; commit what is there and begin anew")]
    TooLarge { bytes: usize, max: usize },

    #[error("segments of {bytes} bytes are too small; choose at least {min}, in multiples of 64")]
    BadSegmentSize { bytes: u64, min: u64 },

    #[error(
        "snapshot {seq} cannot be used: {why}; an older one or the whole journal will do, delete this one"
    )]
    SnapshotBad { seq: u64, why: String },

    #[error(
        "snapshot {snapshot} is ahead of the journal, which ends at record {end}: journal files are missing \
         or older than the snapshot; restore them before starting"
    )]
    SnapshotAhead { snapshot: u64, end: u64 },

    #[error(
        "record {wanted} is not in the journal, which starts at record {first_seq}, and no usable snapshot \
         covers the gap; bring back the archived segments or a snapshot"
    )]
    MissingStart { wanted: u64, first_seq: u64 },
}

impl JournalError {
    pub(crate) fn io(doing: &'static str, file: &str) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |cause| Self::Io { doing, file, cause }
    }

    /// Whether bytes on disk are wrong, as opposed to a disk that does not answer.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Corrupt { .. }
                | Self::ChainBroken { .. }
                | Self::SnapshotBad { .. }
                | Self::SnapshotAhead { .. }
                | Self::MissingStart { .. }
        )
    }

    /// The record that is named as the first wrong one, where there is one.
    #[must_use]
    pub fn bad_seq(&self) -> Option<u64> {
        match self {
            Self::Corrupt { seq, .. } | Self::ChainBroken { seq, .. } => Some(*seq),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn a_cause_is_said_once() {
        let error = JournalError::io("opening", "lock")(io::Error::other("no such luck"));
        assert_eq!(
            error.to_string(),
            "opening lock failed: no such luck; check the disk and its permissions, then start again"
        );
        assert!(error.source().is_none());
    }
}
