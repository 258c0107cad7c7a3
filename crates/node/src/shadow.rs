//! Snapshots without stopping the engine: a second engine, in a thread that gives way to all others, follows
//! the journal and so proves all the time that it can be replayed. From its state the snapshots are made, and
//! after each, old segments are retired. A difference ends the snapshots, loudly, and never the trading; a disk
//! that is full or fails is tried again, less and less often.

use crate::core::save;
use crate::durable::Held;
use crate::metrics::Metrics;
use crate::replay::Replayer;
use crate::shared::Shared;
use crate::{Config, NodeError, Result};
use engine::Engine;
use journal::{Disk, SnapshotStore};
use std::time::{Duration, Instant};

/// How often it looks for new records.
const LOOK: Duration = Duration::from_millis(100);
/// How long it waits at most before it tries again what failed.
const PATIENCE_MAX: Duration = Duration::from_secs(60);
/// Fewer new records are left to gather: reading a segment again and again for a few costs more.
const WORTHWHILE: u64 = 1 << 15;
/// Records between two looks at whether it should end, or rest.
const SLICE: u64 = 1 << 11;
/// So many waiting requests mean load. It then rests four times as long as it works,
const LOAD: u64 = 256;
const REST: u32 = 4;
/// unless it is so many snapshots behind.
const BEHIND: u64 = 16;

pub(crate) struct Shadow<D: Disk> {
    disk: D,
    replayer: Replayer<D>,
    store: SnapshotStore<D>,
    config: Config,
    snapshot_seq: u64,
}

impl<D: Disk> Shadow<D> {
    /// Starts from an engine that stands at a durable record; `snapshot_seq` is the newest snapshot's.
    pub fn new(disk: D, engine: Engine, snapshot_seq: u64, config: &Config) -> Self {
        let store = SnapshotStore::new(disk.clone(), config.journal.shard).keeping(config.snapshots_kept);
        let replayer = Replayer::new(disk.clone(), engine);
        Self { disk, replayer, store, config: config.clone(), snapshot_seq }
    }

    /// Runs until the node ends, or until history comes out otherwise.
    pub fn run(mut self, shared: &Shared<D>) {
        give_way();
        let (mut last_look, mut patience, mut again) = (0, LOOK, Instant::now());
        while !shared.is_ending() {
            let held = shared.held.get();
            // Small steps would read the same part of a segment again and again.
            let far =
                held.seq.saturating_sub(self.replayer.seq()) >= self.config.snapshot_every.min(WORTHWHILE);
            if (far || held.seq == last_look) && again <= Instant::now() {
                match self.follow(held, shared) {
                    Ok(()) => patience = LOOK,
                    Err(error) => {
                        let diverged = matches!(error, NodeError::Diverged { .. });
                        shared.metrics.shadow_failed(error.to_string(), diverged);
                        if diverged {
                            return;
                        }
                        patience = (patience * 2).min(PATIENCE_MAX);
                        again = Instant::now() + patience;
                    }
                }
            }
            last_look = held.seq;
            if !far || again > Instant::now() {
                shared.shadow_bell.sleep(Some(LOOK), || shared.is_ending());
            }
        }
    }

    fn follow(&mut self, held: Held, shared: &Shared<D>) -> Result<()> {
        while self.replayer.seq() < held.seq {
            if shared.is_ending() {
                return Ok(());
            }
            let (start, from) = (Instant::now(), self.replayer.seq());
            self.replayer.advance(held.seq.min(from.saturating_add(SLICE)))?;
            shared.metrics.shadow_seq.set(self.replayer.seq());
            let behind = shared.held.get().seq.saturating_sub(from) / self.config.snapshot_every;
            if shared.metrics.queue_depth.get() >= LOAD && behind < BEHIND {
                shared.shadow_bell.sleep(Some(start.elapsed() * REST), || shared.is_ending());
            }
        }
        if held.seq.saturating_sub(self.snapshot_seq) >= self.config.snapshot_every {
            self.snapshot(held, &shared.metrics)?;
        }
        Ok(())
    }

    fn snapshot(&mut self, held: Held, metrics: &Metrics) -> Result<()> {
        save(self.replayer.engine(), held, &self.store, metrics)?;
        self.snapshot_seq = held.seq;
        let retired = journal::retire(&self.disk, &self.store, held.seq, &self.config.retention)?;
        metrics.retired.add(retired.segments as u64);
        Ok(())
    }
}

/// Lets every other thread go first; a refusal costs speed and nothing else.
fn give_way() {
    rustix::process::setpriority_process(None, 19).unwrap_or_default();
}
