//! Who may still come in: everyone, cancels only, or no one, and why. One byte that the door reads and the
//! disk's thread writes. It only ever closes for good when the node stops. Absent: any queue.

use crate::{NodeError, Refused};
use model::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

const OPEN: u8 = 0;
const LOW: u8 = 1;
const FULL: u8 = 2;
const STOPPED: u8 = 3;

#[derive(Debug, Default)]
pub(crate) struct Gate {
    level: AtomicU8,
    cause: OnceLock<Arc<str>>,
}

/// How much room the disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Enough,
    /// The reserve is for what makes things smaller.
    Low,
    /// A batch waits for room; nothing can be taken.
    None,
}

impl Gate {
    #[inline]
    pub fn check(&self, command: &Command) -> Result<(), Refused> {
        match self.level.load(Ordering::Acquire) {
            OPEN => Ok(()),
            LOW if is_relief(command) => Ok(()),
            LOW | FULL => Err(Refused::Full),
            _ => Err(self.refusal()),
        }
    }

    /// Looking is allowed as long as an answer can be given.
    pub fn check_query(&self) -> Result<(), Refused> {
        if self.is_stopped() { Err(self.refusal()) } else { Ok(()) }
    }

    pub fn is_stopped(&self) -> bool {
        self.level.load(Ordering::Acquire) == STOPPED
    }

    pub fn set_room(&self, room: Room) {
        let level = match room {
            Room::Enough => OPEN,
            Room::Low => LOW,
            Room::None => FULL,
        };
        // Stopped is for good.
        let kept = |now| (now != STOPPED).then_some(level);
        self.level.fetch_update(Ordering::AcqRel, Ordering::Acquire, kept).unwrap_or(STOPPED);
    }

    /// What preparing ahead found out; a batch that waits for room knows better.
    pub fn set_room_ahead(&self, room: Room) {
        if self.level.load(Ordering::Acquire) != FULL {
            self.set_room(room);
        }
    }

    /// Closes for good. The first cause is the one that is told.
    pub fn stop(&self, cause: &str) {
        self.cause.get_or_init(|| cause.into());
        self.level.store(STOPPED, Ordering::Release);
    }

    pub fn refusal(&self) -> Refused {
        let cause = self.cause.get().cloned();
        Refused::Stopped { cause: cause.unwrap_or_else(|| "the node was shut down".into()) }
    }

    pub fn error(&self) -> NodeError {
        NodeError::stopped(self.refusal())
    }
}

/// What may use the reserve: it only takes orders away, or is a line about who asked for that.
fn is_relief(command: &Command) -> bool {
    matches!(
        command,
        Command::CancelOrder(_)
            | Command::CancelMany(_)
            | Command::CancelAbandoned(_)
            | Command::CancelGroup { .. }
            | Command::CancelAlgo { .. }
            | Command::ThrowKillSwitch { .. }
            | Command::NoteAccess(_)
            | Command::AdvanceTime
    )
}

#[cfg(test)]
mod tests {
    use super::{Gate, Room};
    use crate::Refused;
    use model::{Command, OrderFilter};

    #[test]
    fn the_gate_closes_in_steps() {
        let gate = Gate::default();
        let (order, cancel) = (
            Command::DefineAsset { code: model::Name::new("A").unwrap() },
            Command::CancelMany(OrderFilter::default()),
        );
        let both = |gate: &Gate| (gate.check(&order), gate.check(&cancel));
        assert_eq!(both(&gate), (Ok(()), Ok(())));
        gate.set_room(Room::Low);
        assert_eq!(both(&gate), (Err(Refused::Full), Ok(())));
        gate.set_room(Room::None);
        assert_eq!(both(&gate), (Err(Refused::Full), Err(Refused::Full)));
        gate.set_room(Room::Enough);
        assert_eq!(both(&gate), (Ok(()), Ok(())));
        gate.stop("the disk failed");
        gate.stop("later");
        gate.set_room(Room::Enough);
        let stopped = Refused::Stopped { cause: "the disk failed".into() };
        assert_eq!(both(&gate), (Err(stopped.clone()), Err(stopped)));
    }
}
