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
    /// The end was cut, as that of a batch which never was whole, and the cut was reported.
    Cut,
}

/// # Errors
/// If the damaged copy was taken for another history without a word.
pub(super) fn flip(house: &House, rng: &mut Rng) -> Result<Flip, String> {
    let copy = house.disk().fork();
    let names = copy.list().map_err(|error| error.to_string())?;
    let Some(name) = names.get(rng.below(names.len())) else { return Ok(Flip::Harmless) };
    let len = copy.contents(name).map_or(0, |bytes| bytes.len());
    let (byte, bit) = (rng.below(len), rng.below(8));
    copy.flip_bit(name, byte, u8::try_from(bit).unwrap_or(0));
    let here = || format!("bit {bit} of byte {byte} of {name} was flipped");
    let verified = journal::verify(&copy);
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
    if last >= acked {
        return Ok(Flip::Harmless);
    }
    let told = report.cut.is_some() || verified.is_err();
    ensure(told, || format!("{}, and records after {last} of {acked} are gone without a word", here()))?;
    Ok(Flip::Cut)
}
