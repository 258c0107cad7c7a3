//! One step of history in bytes: version, time, the command, then the events it made.
//! The sequence number is the journal's. A version that this build does not know is an error, never a guess;
//! every version ever written stays readable (golden bytes in `tests/golden`).

use crate::{Command, Event, Stamped, Time};
use thiserror::Error;

/// The version this build writes.
pub const VERSION: u8 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub stamped: Stamped,
    pub events: Vec<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("record version {found} is newer than this build reads ({VERSION}): use a newer build")]
    UnknownVersion { found: u8 },
    #[error("the record ends in the middle of its {what}")]
    Short { what: &'static str },
    #[error("the {what} in the record cannot be read")]
    Unreadable { what: &'static str },
    #[error("{extra} bytes follow the record's last event")]
    Trailing { extra: usize },
}

/// Appends version, time and command.
///
/// # Errors
/// Never for values this crate can hold; kept so that no caller has to assume it.
pub fn encode_head(time: Time, command: &Command, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    out.push(VERSION);
    append(&time, "time", out)?;
    append(command, "command", out)
}

/// Appends the events, to the end of the record.
///
/// # Errors
/// As `encode_head`.
pub fn encode_events(events: &[Event], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    events.iter().try_for_each(|event| append(event, "event", out))
}

/// Reads the head of a record and hands back the bytes of its events.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode_command(seq: u64, bytes: &[u8]) -> Result<(Stamped, &[u8]), DecodeError> {
    let (&version, rest) = bytes.split_first().ok_or(DecodeError::Short { what: "version" })?;
    if version == 0 || version > VERSION {
        return Err(DecodeError::UnknownVersion { found: version });
    }
    let (time, rest) = take::<Time>(rest, "time")?;
    let (command, rest) = take::<Command>(rest, "command")?;
    Ok((Stamped { seq, time, command }, rest))
}

/// Reads a whole record.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode(seq: u64, bytes: &[u8]) -> Result<Record, DecodeError> {
    let (stamped, mut rest) = decode_command(seq, bytes)?;
    let mut events = Vec::new();
    while !rest.is_empty() {
        let (event, after) = take::<Event>(rest, "event")?;
        events.push(event);
        rest = after;
    }
    Ok(Record { stamped, events })
}

fn append<T: serde::Serialize>(value: &T, what: &'static str, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let grown = postcard::to_extend(value, std::mem::take(out)).or(Err(DecodeError::Unreadable { what }))?;
    *out = grown;
    Ok(())
}

fn take<'a, T: serde::Deserialize<'a>>(
    bytes: &'a [u8],
    what: &'static str,
) -> Result<(T, &'a [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|error| match error {
        postcard::Error::DeserializeUnexpectedEnd => DecodeError::Short { what },
        _ => DecodeError::Unreadable { what },
    })
}
