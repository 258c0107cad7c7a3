//! `staysail store rebuild`: empties what the journal can fill and fills it from record 1. Users, keys and what
//! else is only in the archive stay.

use super::Where;
use crate::command::journal::first_seq;
use anyhow::{Context, Result, bail};
use journal::{Check, Reach, scan_within};
use std::io::{self, Write};
use std::time::Instant;
use store::Projector;

/// Makes the archive anew from the journal; no server may write to it meanwhile.
#[derive(clap::Args)]
pub struct Rebuild {
    #[command(flatten)]
    place: Where,
}

impl Rebuild {
    pub fn run(&self) -> Result<()> {
        let (disk, config) = (self.place.place.open()?, self.place.config()?);
        let first = first_seq(&disk, Reach::Archive)?;
        if first > 1 {
            bail!("the journal starts at record {first}: bring back older segments; nothing was changed");
        }
        let mut projector = Projector::open(&config)
            .with_context(|| format!("the archive in {} cannot be rebuilt", config.place))?;
        projector.rebuild()?;
        let (start, mut seq) = (Instant::now(), 0);
        let mut reader = scan_within(&disk, Reach::Archive, 1, Check::Crc)?;
        let mut batch = Vec::with_capacity(config.batch_records);
        loop {
            let found = reader.next()?;
            let ended = found.is_none();
            if let Some(record) = found {
                batch.push(model::decode(record.seq, record.payload)?);
            }
            if ended || batch.len() >= config.batch_records {
                seq = projector.apply(&batch)?;
                batch.clear();
            }
            if ended {
                break;
            }
        }
        let millis = start.elapsed().as_millis();
        let mut out = io::stdout().lock();
        writeln!(out, "rebuilt {seq} records in {millis} ms, in {}", config.place)?;
        Ok(())
    }
}
