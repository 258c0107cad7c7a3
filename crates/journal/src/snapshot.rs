//! Snapshots: what someone made of the journal up to a record, kept so that recovery need not begin at the
//! first one.
//!
//! A snapshot is written beside, synced, then named, so one that can be seen was whole. It holds the chain
//! value at its record and so belongs to one history only. A damaged one is reported and the next older one
//! serves. Absent: any idea of what the body means.

use crate::chain::Chain;
use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::layout::{FORMAT_VERSION, parse_snapshot_name, snapshot_name};
use crate::wire::{array_at, put, u16_at, u32_at, u64_at};

const MAGIC: [u8; 8] = *b"STAYSNAP";
const HEADER: usize = 132;
const SEALED: usize = 128;
const UNNAMED: &str = "snapshot.tmp";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// The last record that is in it.
    pub seq: u64,
    /// The chain value after that record.
    pub chain: Chain,
    /// The caller's own hash of its state.
    pub state_hash: [u8; 32],
    pub body_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedSnapshot {
    pub info: SnapshotInfo,
    pub body: Vec<u8>,
    /// Newer ones that could not be used.
    pub skipped: Vec<DamagedSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedSnapshot {
    pub seq: u64,
    pub why: String,
}

#[derive(Clone, Debug)]
pub struct SnapshotStore<D: Disk> {
    disk: D,
    shard: u32,
    keep: usize,
}

impl<D: Disk> SnapshotStore<D> {
    pub const KEEP_DEFAULT: usize = 3;

    #[must_use]
    pub fn new(disk: D, shard: u32) -> Self {
        Self { disk, shard, keep: Self::KEEP_DEFAULT }
    }

    /// Keeps this many, at least one.
    #[must_use]
    pub fn keeping(mut self, count: usize) -> Self {
        self.keep = count.max(1);
        self
    }

    /// Writes a snapshot durably, then removes the oldest ones beyond the number kept. `seq` must be
    /// committed and `chain` be the chain value after it.
    pub fn save(&self, seq: u64, chain: Chain, state_hash: [u8; 32], body: &[u8]) -> Result<SnapshotInfo> {
        let info = SnapshotInfo { seq, chain, state_hash, body_bytes: body.len() as u64 };
        let name = snapshot_name(seq);
        self.write_unnamed(&info, body).inspect_err(|_error| {
            // What is left under this name takes room, and is removed at the next start at the latest.
            self.disk.remove(UNNAMED).unwrap_or_default();
        })?;
        self.disk.rename(UNNAMED, &name).map_err(JournalError::io("naming", &name))?;
        self.disk.sync_dir().map_err(JournalError::io("syncing the directory of", &name))?;
        self.prune()?;
        Ok(info)
    }

    /// The records that snapshots stand at, newest first, sound or not.
    pub fn list(&self) -> Result<Vec<u64>> {
        let names = self.disk.list().map_err(JournalError::io("listing", "snapshots"))?;
        let mut seqs: Vec<u64> = names.iter().filter_map(|name| parse_snapshot_name(name)).collect();
        seqs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(seqs)
    }

    /// The newest snapshot whose every byte is sound.
    pub fn newest_good(&self) -> Result<Option<LoadedSnapshot>> {
        let mut skipped = Vec::new();
        for seq in self.list()? {
            match self.load(seq) {
                Ok(loaded) => return Ok(Some(LoadedSnapshot { skipped, ..loaded })),
                Err(JournalError::SnapshotBad { seq, why }) => skipped.push(DamagedSnapshot { seq, why }),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    pub fn load(&self, seq: u64) -> Result<LoadedSnapshot> {
        let bad = |why: &str| JournalError::SnapshotBad { seq, why: why.to_owned() };
        let (info, body_hash) = self.read_header(seq)?;
        let name = snapshot_name(seq);
        let file = self.disk.open(&name).map_err(JournalError::io("opening", &name))?;
        let len =
            usize::try_from(info.body_bytes).map_err(|_too_large| bad("it is too large for this machine"))?;
        let mut body = vec![0; len];
        let read = file.read_full(&mut body, HEADER as u64).map_err(JournalError::io("reading", &name))?;
        if read != len || *blake3::hash(&body).as_bytes() != body_hash {
            return Err(bad("its contents are damaged"));
        }
        Ok(LoadedSnapshot { info, body, skipped: Vec::new() })
    }

    /// The newest snapshot with a sound header and the right length; the body is checked when it is loaded.
    pub(crate) fn newest_header(&self) -> Result<(Option<SnapshotInfo>, Vec<DamagedSnapshot>)> {
        let mut skipped = Vec::new();
        for seq in self.list()? {
            match self.read_header(seq) {
                Ok((info, _)) => return Ok((Some(info), skipped)),
                Err(JournalError::SnapshotBad { seq, why }) => skipped.push(DamagedSnapshot { seq, why }),
                Err(error) => return Err(error),
            }
        }
        Ok((None, skipped))
    }

    fn write_unnamed(&self, info: &SnapshotInfo, body: &[u8]) -> Result<()> {
        let name = snapshot_name(info.seq);
        let doing = |doing| JournalError::io(doing, &name);
        let file = self.disk.create(UNNAMED).map_err(doing("creating"))?;
        let header = encode(info, self.shard, blake3::hash(body).as_bytes());
        file.write_at(&header, 0).map_err(doing("writing"))?;
        file.write_at(body, HEADER as u64).map_err(doing("writing"))?;
        file.sync_data().map_err(doing("syncing"))
    }

    fn read_header(&self, seq: u64) -> Result<(SnapshotInfo, [u8; 32])> {
        let name = snapshot_name(seq);
        let bad = |why: &str| JournalError::SnapshotBad { seq, why: why.to_owned() };
        let file = self.disk.open(&name).map_err(JournalError::io("opening", &name))?;
        let len = file.len().map_err(JournalError::io("measuring", &name))?;
        let mut header = [0; HEADER];
        file.read_full(&mut header, 0).map_err(JournalError::io("reading", &name))?;
        let sealed = header.get(..SEALED).unwrap_or_default();
        if !sealed.starts_with(&MAGIC) || u32_at(&header, SEALED) != Some(crc32c::crc32c(sealed)) {
            return Err(bad("its header is damaged"));
        }
        let version = u16_at(&header, 8).unwrap_or_default();
        if version != FORMAT_VERSION {
            return Err(JournalError::UnknownVersion {
                file: name,
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        let shard = u32_at(&header, 12).unwrap_or_default();
        if shard != self.shard {
            return Err(JournalError::WrongShard { file: name, found: shard, expected: self.shard });
        }
        let (info, body_hash) = decode(&header).ok_or_else(|| bad("its header is damaged"))?;
        if info.seq != seq {
            return Err(bad("its name is that of another record"));
        }
        if info.body_bytes.checked_add(HEADER as u64) != Some(len) {
            return Err(bad("it has not the length that its header tells"));
        }
        Ok((info, body_hash))
    }

    fn prune(&self) -> Result<()> {
        for seq in self.list()?.into_iter().skip(self.keep) {
            let name = snapshot_name(seq);
            self.disk.remove(&name).map_err(JournalError::io("removing", &name))?;
        }
        Ok(())
    }
}

fn encode(info: &SnapshotInfo, shard: u32, body_hash: &[u8; 32]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    put(&mut header, 0, &MAGIC);
    put(&mut header, 8, &FORMAT_VERSION.to_le_bytes());
    put(&mut header, 12, &shard.to_le_bytes());
    put(&mut header, 16, &info.seq.to_le_bytes());
    put(&mut header, 24, &info.body_bytes.to_le_bytes());
    put(&mut header, 32, info.chain.as_bytes());
    put(&mut header, 64, &info.state_hash);
    put(&mut header, 96, body_hash);
    let crc = crc32c::crc32c(header.get(..SEALED).unwrap_or_default());
    put(&mut header, SEALED, &crc.to_le_bytes());
    header
}

fn decode(header: &[u8; HEADER]) -> Option<(SnapshotInfo, [u8; 32])> {
    let info = SnapshotInfo {
        seq: u64_at(header, 16)?,
        body_bytes: u64_at(header, 24)?,
        chain: Chain::from_bytes(array_at(header, 32)?),
        state_hash: array_at(header, 64)?,
    };
    Some((info, array_at(header, 96)?))
}
