//! A disk in memory, for backtests and for the simulator.
//!
//! `new` keeps only contents. `faulty` also knows, for every file and name, what is durable and what power
//! loss may take, counts operations, and fails the ones it is told to. Damage (a flipped bit, a zeroed
//! sector, swapped blocks, a cut) is done through the handle. Clones are one disk; `fork` is another one.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fault::{Crash, Fault, FaultKind};
use super::pages::Pages;
use super::state::{Contents, NameStep, State};
use super::{Disk, DiskFile, Space};
use crate::error::{JournalError, Result};

#[derive(Clone, Debug, Default)]
pub struct MemDisk(Arc<Mutex<State>>);

impl MemDisk {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that can lose power.
    #[must_use]
    pub fn faulty() -> Self {
        let disk = Self::default();
        disk.state().tracked = true;
        disk
    }

    /// Another disk with the same contents; pages are shared until they are written.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut state = self.state().clone();
        state.locked = false;
        Self(Arc::new(Mutex::new(state)))
    }

    /// The disk as the next process finds it. This one is not changed.
    #[must_use]
    pub fn crash(&self, crash: Crash) -> Self {
        let disk = self.fork();
        disk.state().crash(crash);
        disk
    }

    /// Replaces the plan of failures; operations are counted anew.
    pub fn set_fault(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        state.operations = 0;
    }

    /// All files together may be this large.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Operations since the plan of failures was set.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Syncs so far; a virtual clock may charge time for each.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Sectors that a loss of power may take now.
    #[must_use]
    pub fn unsynced_sectors(&self) -> usize {
        self.state().unsynced_sectors().len()
    }

    #[must_use]
    pub fn contents(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let file = state.files.get(*state.names.get(name)?)?;
        let mut bytes = vec![0; file.live.len()];
        file.live.read(0, &mut bytes);
        Some(bytes)
    }

    /// Puts a file there, durably.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let mut live = Pages::default();
        live.write(0, bytes);
        let file = state.files.len();
        state.files.push(Contents { durable: live.clone(), live });
        state.names.insert(name.to_owned(), file);
        state.durable_names.insert(name.to_owned(), file);
    }

    /// Takes a file away, durably.
    pub fn lose(&self, name: &str) {
        let mut state = self.state();
        state.names.remove(name);
        state.durable_names.remove(name);
    }

    pub fn flip_bit(&self, name: &str, byte: usize, bit: u8) {
        self.damage(name, |pages| {
            let mut found = [0];
            if pages.read(byte, &mut found) == 1 {
                let [value] = found;
                pages.write(byte, &[value ^ (1 << (bit & 7))]);
            }
        });
    }

    pub fn zero(&self, name: &str, at: usize, len: usize) {
        self.damage(name, |pages| pages.clear(at, at + len));
    }

    /// Exchanges two blocks, as a misdirected write does.
    pub fn swap(&self, name: &str, one: usize, other: usize, len: usize) {
        self.damage(name, |pages| {
            let (mut first, mut second) = (vec![0; len], vec![0; len]);
            pages.read(one, &mut first);
            pages.read(other, &mut second);
            pages.write(one, &second);
            pages.write(other, &first);
        });
    }

    pub fn truncate(&self, name: &str, len: usize) {
        self.damage(name, |pages| pages.set_len(len));
    }

    fn damage(&self, name: &str, mut edit: impl FnMut(&mut Pages)) {
        let mut state = self.state();
        let file = state.names.get(name).copied();
        if let Some(contents) = file.and_then(|file| state.files.get_mut(file)) {
            edit(&mut contents.live);
            edit(&mut contents.durable);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation and answers the fault that hits it.
    fn begin(&self) -> (MutexGuard<'_, State>, Option<FaultKind>) {
        let mut state = self.state();
        let operation = state.operations;
        state.operations += 1;
        let hit = state.fault.filter(|fault| fault.hits(operation)).map(|fault| fault.kind);
        (state, hit)
    }

    fn begin_whole(&self) -> io::Result<MutexGuard<'_, State>> {
        match self.begin() {
            (state, None) => Ok(state),
            (_, Some(kind)) => Err(injected(kind)),
        }
    }
}

/// Gives the directory back when it is dropped.
#[derive(Debug)]
pub struct MemLock(MemDisk);

impl Drop for MemLock {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}

impl Disk for MemDisk {
    type File = MemFile;
    type Lock = MemLock;

    fn lock(&self) -> Result<MemLock> {
        let mut state = self.state();
        if std::mem::replace(&mut state.locked, true) {
            return Err(JournalError::InUse { holder: std::process::id().to_string() });
        }
        drop(state);
        Ok(MemLock(self.clone()))
    }

    fn create(&self, name: &str) -> io::Result<MemFile> {
        let mut state = self.begin_whole()?;
        let file = state.files.len();
        state.files.push(Contents::default());
        state.rename_step(NameStep { gone: None, here: Some((name.to_owned(), file)) });
        Ok(MemFile { disk: self.clone(), file })
    }

    fn open(&self, name: &str) -> io::Result<MemFile> {
        let state = self.begin_whole()?;
        let file = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(MemFile { disk: self.clone(), file })
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.begin_whole()?.names.keys().cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.begin_whole()?;
        let file = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.rename_step(NameStep { gone: Some(from.to_owned()), here: Some((to.to_owned(), file)) });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.begin_whole()?;
        let file = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        if !state.tracked
            && let Some(contents) = state.files.get_mut(file)
        {
            *contents = Contents::default();
        }
        state.rename_step(NameStep { gone: Some(name.to_owned()), here: None });
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.begin_whole()?;
        state.syncs += 1;
        if state.tracked {
            state.durable_names = state.names.clone();
            state.name_steps.clear();
        }
        Ok(())
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let state = self.begin_whole()?;
        let used = state.used();
        Ok(state.capacity.map(|total| Space { free: total.saturating_sub(used), total }))
    }
}

#[derive(Debug)]
pub struct MemFile {
    disk: MemDisk,
    file: usize,
}

impl DiskFile for MemFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.begin_whole()?;
        let file = state.files.get(self.file).ok_or(io::ErrorKind::NotFound)?;
        Ok(file.live.read(place(offset)?, buffer))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let at = place(offset)?;
        let (mut state, hit) = self.disk.begin();
        match hit {
            Some(FaultKind::ShortWrite) => {
                state.write(self.file, at, bytes.get(..bytes.len() / 2).unwrap_or_default());
                Err(injected(FaultKind::ShortWrite))
            }
            Some(kind) => Err(injected(kind)),
            None if !state.has_room_for(self.file, at + bytes.len()) => Err(injected(FaultKind::Full)),
            None => {
                state.write(self.file, at, bytes);
                Ok(())
            }
        }
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.disk.begin_whole()?;
        let file = state.files.get(self.file).ok_or(io::ErrorKind::NotFound)?;
        Ok(file.live.len() as u64)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut state = self.disk.begin_whole()?;
        let len = place(len)?;
        if !state.has_room_for(self.file, len) {
            return Err(injected(FaultKind::Full));
        }
        let old = state.files.get(self.file).map_or(0, |file| file.live.len());
        if let Some(contents) = state.files.get_mut(self.file).filter(|_| old < len) {
            contents.live.set_len(len);
            state.note(self.file, old, len - old);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let (mut state, hit) = self.disk.begin();
        match hit {
            Some(FaultKind::LostSync) => {
                state.sync(self.file, false);
                Err(injected(FaultKind::LostSync))
            }
            Some(kind) => Err(injected(kind)),
            None => {
                state.sync(self.file, true);
                Ok(())
            }
        }
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

fn injected(kind: FaultKind) -> io::Error {
    match kind {
        FaultKind::Full => io::ErrorKind::StorageFull.into(),
        _ => io::Error::other("injected failure of the disk"),
    }
}
