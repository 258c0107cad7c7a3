//! `staysail journal verify`: every checksum, link and hash. A fault is the error and names the record.

use super::Place;
use anyhow::{Result, bail};
use journal::SnapshotStore;
use std::io::{self, Write};

/// Checks every byte that was kept and names the first record that is wrong.
#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
}

impl Verify {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let report = journal::verify(&disk)?;
        let mut out = io::stdout().lock();
        match report.last_seq {
            0 => writeln!(out, "the journal is empty")?,
            last => writeln!(out, "records {} to {last}: every one as it was written", report.first_seq)?,
        }
        writeln!(out, "{} segments, {} batches, {} bytes", report.segments, report.batches, report.bytes)?;
        if report.torn_bytes > 0 {
            writeln!(
                out,
                "{} bytes at the end were never acknowledged; the next start cuts them",
                report.torn_bytes
            )?;
        }
        writeln!(out, "chain {}", report.chain.hex())?;
        let store = SnapshotStore::new(disk, 0);
        let mut bad = Vec::new();
        for seq in store.list()? {
            match store.load(seq) {
                Ok(loaded) => writeln!(out, "snapshot {seq}: sound, {} bytes", loaded.info.body_bytes)?,
                Err(error) => bad.push(error.to_string()),
            }
        }
        if bad.is_empty() {
            return Ok(());
        }
        bail!("{}", bad.join("; "))
    }
}
