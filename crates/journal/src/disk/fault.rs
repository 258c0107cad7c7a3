//! What may go wrong with a disk, as values: failing operations, and how a loss of power ends.
//!
//! Everything is drawn from a seed, so a run that fails can be run again. Absent: failures that no disk
//! shows, such as a synced sector that loses power and its contents; damage is done to a disk directly.

/// Fails one operation, or that one and every later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which operation fails, counted from 0.
    pub at: u64,
    pub kind: FaultKind,
    pub persistent: bool,
}

impl Fault {
    pub(super) fn hits(&self, operation: u64) -> bool {
        operation == self.at || (self.persistent && operation > self.at)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The operation does nothing and reports an input/output error.
    Error,
    /// The operation does nothing and reports a full disk.
    Full,
    /// Half of a write arrives before the error.
    ShortWrite,
    /// A sync reports an error; what it should have kept stays readable and is lost with the power.
    LostSync,
}

impl FaultKind {
    pub const ALL: [Self; 4] = [Self::Error, Self::Full, Self::ShortWrite, Self::LostSync];
}

/// How a process ends, as the disk sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process died and the machine did not: everything written is readable, nothing more is durable.
    Kill,
    /// The power went.
    Power { data: DataLoss, names: NameLoss },
}

impl Crash {
    /// Only what was synced is there.
    pub const LOST: Self = Self::Power { data: DataLoss::Lost, names: NameLoss::Lost };

    /// Any sector and any name that was not synced may be there or not.
    #[must_use]
    pub fn torn(seed: u64) -> Self {
        Self::Power { data: DataLoss::Torn { seed }, names: NameLoss::Torn { seed } }
    }
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataLoss {
    Lost,
    Kept,
    /// Each 512-byte sector arrives or not, as the seed says.
    Torn {
        seed: u64,
    },
    /// The n-th unsynced sector arrives if bit n is set.
    Sectors {
        arrived: u128,
    },
    /// In the order of writing, this many bytes arrive.
    Cut {
        bytes: u64,
    },
}

/// What becomes of creations, renames and removals that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLoss {
    Lost,
    Kept,
    Torn { seed: u64 },
}

/// A small seeded generator (splitmix64), the same on every machine and for ever.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, or 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.draw() % bound).unwrap_or(0)
    }

    pub fn coin(&mut self) -> bool {
        self.draw() & 1 == 1
    }
}
