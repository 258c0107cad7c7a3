//! What breaks, drawn from a seed: failing operations of the disk, a disk that fills up, the ways a process
//! ends, and a flipped bit on a copy, which must be found out and never applied.

use super::house::House;
use super::memory::ensure;
use journal::{Crash, DataLoss, Disk, Fault, FaultKind, MemDisk, NameLoss, Rng};
use node::{Core, NodeError};

/// One of the next few operations fails, or it and all after it.
pub(super) fn fault(rng: &mut Rng) -> Fault {
    let at = rng.below(FaultKind::ALL.len());
    let kind = FaultKind::ALL.get(at).copied().unwrap_or(FaultKind::Error);
    Fault { at: rng.below(8) as u64, kind, persistent: rng.coin() }
}

pub(super) fn crash(rng: &mut Rng) -> Crash {
    if rng.below(3) == 0 {
        return Crash::Kill;
    }
    let data = match rng.below(4) {
        0 => DataLoss::Lost,
        1 => DataLoss::Kept,
        2 => DataLoss::Cut { bytes: rng.below(4096) as u64 },
        _ => DataLoss::Torn { seed: rng.draw() },
    };
    let names = match rng.below(3) {
        0 => NameLoss::Lost,
        1 => NameLoss::Kept,
        _ => NameLoss::Torn { seed: rng.draw() },
    };
    Crash::Power { data, names }
}

/// Leaves the disk this little room, or a little more.
pub(super) fn fill(disk: &MemDisk, rng: &mut Rng) {
    disk.set_capacity(Some(1 << 40));
    let space = disk.space().ok().flatten();
    let used = space.map_or(0, |space| space.total - space.free);
    disk.set_capacity(Some(used + rng.below(1 << 14) as u64));
}

/// What a flipped bit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flip {
    Refused,
    Harmless,
}

/// Flips a bit on a copy of the disk, as it is or as a loss of power would leave it, and opens the copy.
///
/// # Errors
/// If anything acknowledged is gone or another history came of it; but see [`looks_torn`].
pub(super) fn flip(house: &House, rng: &mut Rng) -> Result<Flip, String> {
    let unsynced_lost = rng.coin();
    let copy = if unsynced_lost { house.disk().crash(Crash::LOST) } else { house.disk().fork() };
    let names = copy.list().map_err(|error| error.to_string())?;
    let Some(name) = names.get(rng.below(names.len())) else { return Ok(Flip::Harmless) };
    let len = copy.contents(name).map_or(0, |bytes| bytes.len());
    let (byte, bit) = (rng.below(len), rng.below(8));
    copy.flip_bit(name, byte, u8::try_from(bit).unwrap_or(0));
    let torn = unsynced_lost && looks_torn(&copy, name, byte);
    let here = || format!("bit {bit} of byte {byte} of {name} was flipped");
    let (core, report) = match Core::open(copy, house.config().clone()) {
        Ok(opened) => opened,
        Err(NodeError::Diverged { seq, .. }) => {
            return Err(format!("{}, and record {seq} was applied and came out otherwise", here()));
        }
        Err(_) => return Ok(Flip::Refused),
    };
    let (acked, last) = (house.acked(), report.last_seq);
    ensure(house.digest_at(last) == Some(core.digest()), || {
        format!("{}, and the state after record {last} is another", here())
    })?;
    ensure(last >= acked || (torn && report.cut.is_some()), || {
        format!("{}, and records after {last} of {acked} are gone: {:?}", here(), report.cut)
    })?;
    Ok(Flip::Harmless)
}

/// The one flip that cannot be told from a torn write, as `FORMAT.md` says: the watermark went with the power,
/// and the flipped bit was the only one of its sector.
fn looks_torn(disk: &MemDisk, name: &str, byte: usize) -> bool {
    let start = byte - byte % SECTOR;
    let bytes = disk.contents(name).unwrap_or_default();
    name.starts_with("journal-") && bytes.iter().skip(start).take(SECTOR).all(|byte| *byte == 0)
}

const SECTOR: usize = 512;
