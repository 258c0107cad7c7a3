//! `staysail journal …`: reads what was kept. None of these takes the lock, so they run beside a server.

mod digest;
mod dump;
mod history;
mod replay;
mod verify;

use ::journal::{Check, FileDisk, JournalError, Reach, SnapshotStore, scan_within};
use anyhow::{Result, bail};
use clap::Subcommand;
use engine::Engine;
use std::path::PathBuf;

/// Looks at what was kept; may run beside a server.
#[derive(Subcommand)]
pub enum Journal {
    Verify(verify::Verify),
    Dump(dump::Dump),
    Replay(replay::Replay),
    Digest(digest::Digest),
    History(history::History),
}

impl Journal {
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Dump(dump) => dump.run(),
            Self::Replay(replay) => replay.run(),
            Self::Digest(digest) => digest.run(),
            Self::History(history) => history.run(),
        }
    }
}

#[derive(clap::Args)]
pub(super) struct Place {
    /// The folder that `serve --data` was given.
    #[arg(long)]
    data: PathBuf,
}

impl Place {
    /// A folder without a journal is a mistake here and not a new one.
    pub(super) fn open(&self) -> Result<FileDisk> {
        let shown = self.data.display();
        let entries = match std::fs::read_dir(&self.data) {
            Ok(entries) => entries,
            Err(error) => {
                bail!("{shown} cannot be read: {error}; name the folder that `serve --data` was given")
            }
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        // A backup may be without the lock.
        if !names.into_iter().any(|name| name == "lock" || name.starts_with("journal-")) {
            bail!("there is no journal in {shown}; name the folder that `serve --data` was given");
        }
        Ok(FileDisk::existing(&self.data))
    }
}

/// The engine of the newest sound snapshot up to a record; a new one if there is none.
pub(super) fn newest_engine(disk: &FileDisk, up_to: u64) -> Result<Engine> {
    let store = SnapshotStore::new(disk.clone(), 0);
    for seq in store.list()?.into_iter().filter(|seq| *seq <= up_to) {
        if let Some(engine) = sound(&store, seq)? {
            return Ok(engine);
        }
    }
    Ok(Engine::new())
}

/// The engine of the oldest snapshot that reaches the first record that is kept.
fn oldest_engine(disk: &FileDisk, first_seq: u64) -> Result<Engine> {
    let store = SnapshotStore::new(disk.clone(), 0);
    for seq in store.list()?.into_iter().rev().filter(|seq| seq.saturating_add(1) >= first_seq) {
        if let Some(engine) = sound(&store, seq)? {
            return Ok(engine);
        }
    }
    bail!(
        "the journal starts at record {first_seq} and no sound snapshot reaches it; bring back older segments"
    )
}

fn sound(store: &SnapshotStore<FileDisk>, seq: u64) -> Result<Option<Engine>> {
    match store.load(seq) {
        Ok(loaded) => {
            let engine = Engine::restore(&loaded.body).ok();
            Ok(engine.filter(|engine| engine.digest() == loaded.info.state_hash))
        }
        Err(JournalError::SnapshotBad { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The first record that is still there.
pub(super) fn first_seq(disk: &FileDisk, reach: Reach) -> Result<u64> {
    match scan_within(disk, reach, 1, Check::Crc) {
        Ok(_) => Ok(1),
        Err(JournalError::MissingStart { first_seq, .. }) => Ok(first_seq),
        Err(error) => Err(error.into()),
    }
}
