//! `staysail journal replay`: all of history again, and every event held against the recorded one.

use super::{Place, first_seq, oldest_engine};
use crate::command::hex;
use anyhow::Result;
use engine::Engine;
use journal::Reach;
use node::Replayer;
use std::io::{self, Write};
use std::time::Instant;

/// Applies every command again, compares what comes of it with what was recorded, and says how fast.
#[derive(clap::Args)]
pub struct Replay {
    #[command(flatten)]
    place: Place,
}

impl Replay {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let first = first_seq(&disk, Reach::Archive)?;
        let engine = if first > 1 { oldest_engine(&disk, first)? } else { Engine::new() };
        let (after, mut replayer) = (engine.seq(), Replayer::new(disk, engine).with_archive());
        let start = Instant::now();
        let replayed = replayer.advance_to_end()?;
        let took = start.elapsed();
        let mut out = io::stdout().lock();
        if after > 0 {
            writeln!(out, "started from the snapshot of record {after}; older records were retired")?;
        }
        let rate = u128::from(replayed) * 1_000_000_000 / took.as_nanos().max(1);
        let millis = took.as_millis();
        writeln!(
            out,
            "replayed {replayed} records in {millis} ms, {rate} a second: every event as recorded"
        )?;
        writeln!(out, "digest {} after record {}", hex(&replayer.engine().digest()), replayer.seq())?;
        Ok(())
    }
}
