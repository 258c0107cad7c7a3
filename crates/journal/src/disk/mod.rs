//! The few things the journal asks of a disk: named files in one directory, reads and writes at an offset,
//! and syncs that mean it.
//!
//! Two disks exist: `FileDisk` is a directory, `MemDisk` is memory with power loss, failures and damage on
//! demand. Names may start with `archive/`, the one folder inside the directory. Absent: anything cached;
//! what a disk answers is what it holds.

mod fault;
mod file;
mod memory;
mod pages;
mod state;

use std::io;

pub use fault::{Crash, DataLoss, Fault, FaultKind, NameLoss, Rng};
pub use file::FileDisk;
pub use memory::MemDisk;

use crate::error::Result;

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    pub free: u64,
    pub total: u64,
}

/// A directory. Clones are the same directory.
pub trait Disk: Clone + Send + Sync + 'static {
    type File: DiskFile;
    /// Holds the directory for one writer until it is dropped.
    type Lock: Send + Sync + 'static;

    /// Takes the directory for one writer, or says who has it.
    fn lock(&self) -> Result<Self::Lock>;
    /// Makes an empty file, or empties the one that is there.
    fn create(&self, name: &str) -> io::Result<Self::File>;
    fn open(&self, name: &str) -> io::Result<Self::File>;
    /// Every file, those of the archive with their prefix.
    fn list(&self) -> io::Result<Vec<String>>;
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes creations, renames and removals durable.
    fn sync_dir(&self) -> io::Result<()>;
    /// `None` where there is no limit.
    fn space(&self) -> io::Result<Option<Space>>;
}

/// An open file; it stays the same file when it is renamed.
pub trait DiskFile: Send + Sync + 'static {
    /// Reads what there is, at most the buffer; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of it or fails.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Extends the file to `len` bytes with zeros that are really written, so that later syncs are short.
    fn allocate(&self, len: u64) -> io::Result<()>;
    /// Makes everything written durable. After a failure nothing is known.
    fn sync_data(&self) -> io::Result<()>;

    /// Reads until the buffer is full or the file ends.
    fn read_full(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, offset.saturating_add(done as u64)) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}
