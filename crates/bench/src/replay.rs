//! History again: a journal on disk, read, checked, decoded, applied, and its events made again and compared.

use crate::measure::median;
use crate::traffic::Traffic;
use crate::{Figure, Options};
use ::journal::FileDisk;
use ::node::{Config, Core, Replayer};
use engine::Engine;
use std::time::Instant;

const BATCH: usize = 4096;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let directory = directory(options);
    let disk = FileDisk::open(directory.path()).expect("a directory to write to");
    let traffic = Traffic::new(1, options.n, 42);
    let last = record(&disk, &traffic, 0);
    drop(traffic);
    let rates = (0..options.runs.clamp(1, 3)).map(|_| {
        let mut replayer = Replayer::new(disk.clone(), Engine::new());
        let start = Instant::now();
        let replayed = replayer.advance(last).expect("the journal is sound");
        replayed as f64 / start.elapsed().as_secs_f64() / 1e6
    });
    vec![Figure::new("replay_mps", median(rates.collect()), "M/s").at_least(5.0)]
}

/// Writes the traffic into a journal, with a snapshot every so many commands but none at the end. Answers the
/// last record's number.
pub(crate) fn record(disk: &FileDisk, traffic: &Traffic, snapshot_every: usize) -> u64 {
    let config = Config { inbox_max: BATCH, batch_commands_max: BATCH, ..Config::default() };
    let (mut core, _) = Core::open(disk.clone(), config).expect("an empty directory");
    let mut since = 0;
    for batch in traffic.setup.chunks(BATCH).chain(traffic.flow.chunks(BATCH)) {
        for stamped in batch {
            core.submit(0, 0, stamped.command.clone()).expect("there is room");
        }
        let now = batch.last().map_or(model::Time::MIN, |stamped| stamped.time);
        core.step_apply(now, BATCH).expect("the disk works");
        core.step_sync().expect("the disk works");
        since += batch.len();
        if snapshot_every > 0 && since >= snapshot_every {
            core.snapshot().expect("the disk works");
            since = 0;
        }
    }
    core.held().seq
}

pub(crate) fn directory(options: &Options) -> tempfile::TempDir {
    let made = tempfile::Builder::new().prefix("bench-").tempdir_in(&options.dir);
    made.expect("--dir names a directory that can be written")
}
