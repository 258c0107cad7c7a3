//! A fixed piece of history: the same commands for ever, played through the node in batches of any size.

use super::exchange::Exchange;
use super::setup::{self, OUTSIDE, START};
use super::work::Work;
use engine::Engine;
use journal::{Chain, MemDisk, Options};
use model::{Command, Event, Stamped, Time};
use node::{Config, Core};
use std::collections::BTreeMap;

/// A recorded journal, and what the state was after each batch.
pub struct History {
    pub disk: MemDisk,
    pub config: Config,
    /// By the last record of a batch; record 0 is nothing at all.
    pub digests: BTreeMap<u64, [u8; 32]>,
    pub batches: Vec<Synced>,
}

/// The end of a batch.
pub struct Synced {
    /// The record that closed it, and the journal's chain value there.
    pub seq: u64,
    pub chain: Chain,
    /// What stood in the file of the watermark then.
    pub watermark: Vec<u8>,
}

#[must_use]
pub fn options(segment_bytes: u64) -> Options {
    Options { segment_bytes, reserve_bytes: 0, ..Options::default() }
}

/// The commands of a seed, each with its moment.
#[must_use]
pub fn commands(seed: u64, count: usize) -> Vec<(Time, Command)> {
    let (mut engine, mut work) = (Engine::new(), Work::new(seed));
    let (mut now, mut made, mut events) = (START, Vec::new(), Vec::new());
    let mut setup = setup::commands().into_iter();
    while made.len() < count {
        now = now.saturating_add_ns(i64::try_from(work.rng.below(2_000_000)).unwrap_or(0));
        let command = setup.next().unwrap_or_else(|| work.command(now));
        made.push((now, command.clone()));
        events.clear();
        engine.apply(&Stamped { seq: engine.seq() + 1, time: now, command }, &mut events);
        for event in &events {
            if let Event::OrderAccepted(accepted) = event {
                work.learn(accepted.account, accepted.order);
            }
        }
    }
    made
}

/// The same with an outside venue that misbehaves: what it says, late, twice and out of order, is among the commands.
#[must_use]
pub fn commands_outside(seed: u64, count: usize) -> Vec<(Time, Command)> {
    let (mut engine, mut work) = (Engine::new(), Work::new(seed));
    let mut venue = Exchange::new(seed.wrapping_add(1), OUTSIDE);
    work.outside = true;
    let (mut now, mut made, mut events) = (START, Vec::new(), Vec::new());
    let mut setup = setup::commands().into_iter().chain(setup::outside());
    while made.len() < count {
        now = now.saturating_add_ns(i64::try_from(work.rng.below(2_000_000)).unwrap_or(0));
        venue.go_on();
        if made.len() == 100 {
            venue.call();
        }
        let laid = made.len() > 100;
        let report = if laid && work.rng.coin() { venue.next() } else { None };
        let command = setup.next().or_else(|| report.map(|report| Command::Venue(Box::new(report))));
        let command = command.unwrap_or_else(|| work.command(now));
        made.push((now, command.clone()));
        events.clear();
        engine.apply(&Stamped { seq: engine.seq() + 1, time: now, command }, &mut events);
        for event in &events {
            if let Event::OrderAccepted(accepted) = event {
                work.learn(accepted.account, accepted.order);
            }
            // What it finds wrong with the house is the simulator's business.
            venue.hear(event, now).ok();
        }
    }
    made
}

/// Plays a seed's commands, `batch` to a sync, with a snapshot after some records.
///
/// # Errors
/// What the node said.
pub fn fixed_history(
    seed: u64,
    count: usize,
    batch: usize,
    segment_bytes: u64,
    snapshots: &[u64],
) -> Result<History, String> {
    let disk = MemDisk::new();
    let config = Config { journal: options(segment_bytes), snapshots_kept: usize::MAX, ..Config::default() };
    let opened = Core::open(disk.clone(), config.clone()).map_err(|error| error.to_string())?;
    let (mut core, _) = opened;
    let mut digests = BTreeMap::from([(0, core.digest())]);
    let mut batches = Vec::new();
    for (at, (now, command)) in (1u64..).zip(commands(seed, count)) {
        core.submit(0, at, command).map_err(|refused| refused.to_string())?;
        core.step_apply(now, 1).map_err(|error| error.to_string())?;
        let snapshot = snapshots.contains(&at);
        if at % batch as u64 == 0 || at == count as u64 || snapshot {
            core.step_sync().map_err(|error| error.to_string())?;
            let watermark = disk.contents("watermark").unwrap_or_default();
            batches.push(Synced { seq: at, chain: core.held().chain, watermark });
            digests.insert(at, core.digest());
        }
        if snapshot {
            core.snapshot().map_err(|error| error.to_string())?;
        }
    }
    let seq = core.engine().seq();
    if seq != count as u64 {
        return Err(format!("{count} commands made {seq} records"));
    }
    Ok(History { disk, config, digests, batches })
}
