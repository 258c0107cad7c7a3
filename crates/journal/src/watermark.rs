//! The watermark: a small file that says how far the journal was known to be synced.
//!
//! Each commit overwrites one of two slots, without a sync of its own: the page cache carries it through a
//! killed process, and segment rolls and a clean close make it durable. It can only lag behind the journal,
//! never lead, so an old or a missing one is harmless; one that leads proves that committed records are gone.

use std::io;

use crate::chain::Chain;
use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::layout::{FORMAT_VERSION, SECTOR, WATERMARK};
use crate::wire::{put, u16_at, u32_at, u64_at};

const MAGIC: [u8; 8] = *b"STAYMARK";
const SLOT: usize = 48;
const FILE_BYTES: u64 = 2 * SECTOR as u64;

/// The last record known to be synced, and the tag of the chain value after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub seq: u64,
    pub tag: u64,
}

pub(crate) struct Watermark<F> {
    file: F,
    shard: u32,
    second: bool,
}

impl<F: DiskFile> Watermark<F> {
    /// Opens the file for writing, or makes it.
    pub(crate) fn open<D: Disk<File = F>>(disk: &D, shard: u32) -> Result<Self> {
        let file = match disk.open(WATERMARK) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => disk.create(WATERMARK),
            opened => opened,
        };
        let file = file.map_err(JournalError::io("opening", WATERMARK))?;
        if file.len().map_err(JournalError::io("measuring", WATERMARK))? < FILE_BYTES {
            file.allocate(FILE_BYTES).map_err(JournalError::io("preparing", WATERMARK))?;
        }
        Ok(Self { file, shard, second: false })
    }

    pub(crate) fn write(&mut self, mark: Mark) -> Result<()> {
        let offset = if self.second { SECTOR as u64 } else { 0 };
        self.second = !self.second;
        self.file.write_at(&encode(mark, self.shard), offset).map_err(JournalError::io("writing", WATERMARK))
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(JournalError::io("syncing", WATERMARK))
    }
}

/// The higher of the two slots that are sound, if there is one.
pub(crate) fn read<D: Disk>(disk: &D, shard: Option<u32>) -> Result<Option<Mark>> {
    let file = match disk.open(WATERMARK) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(JournalError::io("opening", WATERMARK))?,
    };
    let mut best: Option<Mark> = None;
    for offset in [0, SECTOR as u64] {
        let mut slot = [0; SLOT];
        let read = file.read_full(&mut slot, offset).map_err(JournalError::io("reading", WATERMARK))?;
        if read == SLOT
            && let Some(mark) = decode(&slot, shard)
            && best.is_none_or(|best| best.seq < mark.seq)
        {
            best = Some(mark);
        }
    }
    Ok(best)
}

pub(crate) fn mark(seq: u64, chain: Chain) -> Mark {
    Mark { seq, tag: chain.tag() }
}

fn encode(mark: Mark, shard: u32) -> [u8; SLOT] {
    let mut slot = [0; SLOT];
    put(&mut slot, 0, &MAGIC);
    put(&mut slot, 8, &FORMAT_VERSION.to_le_bytes());
    put(&mut slot, 12, &shard.to_le_bytes());
    put(&mut slot, 16, &mark.seq.to_le_bytes());
    put(&mut slot, 24, &mark.tag.to_le_bytes());
    let crc = crc32c::crc32c(slot.get(..44).unwrap_or_default());
    put(&mut slot, 44, &crc.to_le_bytes());
    slot
}

fn decode(slot: &[u8; SLOT], shard: Option<u32>) -> Option<Mark> {
    let sound = slot.starts_with(&MAGIC)
        && u32_at(slot, 44) == Some(crc32c::crc32c(slot.get(..44)?))
        && u16_at(slot, 8) == Some(FORMAT_VERSION)
        && (shard.is_none() || u32_at(slot, 12) == shard);
    sound.then_some(Mark { seq: u64_at(slot, 16)?, tag: u64_at(slot, 24)? })
}
