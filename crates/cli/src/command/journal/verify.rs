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
        if report.first_seq > 1 {
            let first = report.first_seq;
            writeln!(out, "records before {first} were retired and are not in the archive: not checked")?;
        }
        let (segments, archived) = (report.segments, report.archived);
        let (batches, bytes) = (report.batches, report.bytes);
        writeln!(out, "{segments} segments, {archived} of them archived, {batches} batches, {bytes} bytes")?;
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
