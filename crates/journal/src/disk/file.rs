//! A directory of the operating system.
//!
//! The lock is `flock` on a file that names its holder, so it ends with the process however that ends.
//! Archived files lie in a folder of their own, which is synced with the directory. Absent: memory maps
//! (a lost page would be a signal, not an error) and direct I/O.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use super::{Disk, DiskFile, Space};
use crate::error::{JournalError, Result};
use crate::layout::ARCHIVE;

const LOCK: &str = "lock";
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
/// So much of a new file goes to the disk at once.
const PIECE_BYTES: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub struct FileDisk {
    directory: Arc<PathBuf>,
}

impl FileDisk {
    /// The directory is made if it is missing.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let made = fs::create_dir_all(directory.join(ARCHIVE));
        made.map_err(JournalError::io("creating directory", &directory.display().to_string()))?;
        Ok(Self { directory: Arc::new(directory.to_owned()) })
    }

    /// A directory that is only read; nothing is made in it.
    #[must_use]
    pub fn existing(directory: impl AsRef<Path>) -> Self {
        Self { directory: Arc::new(directory.as_ref().to_owned()) }
    }

    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn archive(&self) -> PathBuf {
        self.directory.join(ARCHIVE)
    }
}

impl Disk for FileDisk {
    type File = File;
    type Lock = File;

    fn lock(&self) -> Result<File> {
        let path = self.path(LOCK);
        let name = path.display().to_string();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(JournalError::io("opening", &name))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder = if holder.trim().is_empty() { "unknown" } else { holder.trim() };
                return Err(JournalError::InUse { holder: holder.to_owned() });
            }
            Err(errno) => return Err(JournalError::io("locking", &name)(errno.into())),
        }
        let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(JournalError::io("writing", &name))?;
        Ok(file)
    }

    fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(true).open(self.path(name))
    }

    fn open(&self, name: &str) -> io::Result<File> {
        match OpenOptions::new().read(true).write(true).open(self.path(name)) {
            // A copy on a read-only medium can still be verified; writing to it fails later and clearly.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                File::open(self.path(name))
            }
            opened => opened,
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = file_names(&self.directory, "")?;
        if self.archive().is_dir() {
            names.extend(file_names(&self.archive(), ARCHIVE)?);
        }
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        // The archive first: a segment that moved is in both places rather than in neither.
        File::open(self.archive())?.sync_all()?;
        File::open(self.directory.as_path())?.sync_all()
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let found = rustix::fs::statvfs(self.directory.as_path())?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Some(Space { free: bytes(found.f_bavail), total: bytes(found.f_blocks) }))
    }
}

impl DiskFile for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.metadata().map(|found| found.len())
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut at = self.metadata()?.len();
        while at < len {
            let piece = usize::try_from(len - at).unwrap_or(ZEROS.len()).min(ZEROS.len());
            self.write_all_at(ZEROS.get(..piece).unwrap_or(&ZEROS), at)?;
            at += piece as u64;
            // Who syncs another file meanwhile does not wait for all of it.
            if at % PIECE_BYTES == 0 {
                File::sync_data(self)?;
            }
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }
}

fn file_names(directory: &Path, prefix: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file()
            && let Some(name) = entry.file_name().to_str()
        {
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(names)
}
