//! Snapshots without stopping the engine: a second engine, in a thread that gives way to all others, follows
//! the journal and so proves all the time that it can be replayed. From its state the snapshots are made, and
//! after each, old segments are retired. A difference ends the snapshots, loudly, and never the trading.

use crate::core::save;
use crate::durable::Held;
use crate::metrics::Metrics;
use crate::replay::Replayer;
use crate::shared::Shared;
use crate::{Config, NodeError, Result};
use engine::Engine;
use journal::{Disk, SnapshotStore};
use std::time::Duration;

/// How often it looks for new records.
const LOOK: Duration = Duration::from_millis(100);
/// Records between two looks at whether it should end.
const SLICE: u64 = 1 << 15;

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

    /// Runs until the node ends, or until it cannot follow.
    pub fn run(mut self, shared: &Shared<D>) {
        give_way();
        let mut last_look = 0;
        while !shared.is_ending() {
            let held = shared.held.get();
            // Small steps would read the same part of a segment again and again.
            let far = held.seq.saturating_sub(self.replayer.seq()) >= self.config.snapshot_every.min(SLICE);
            if (far || held.seq == last_look)
                && let Err(error) = self.follow(held, shared)
            {
                let diverged = matches!(error, NodeError::Diverged { .. });
                shared.metrics.shadow_failed(error.to_string(), diverged);
                return;
            }
            last_look = held.seq;
            if !far {
                shared.shadow_bell.sleep(Some(LOOK), || shared.is_ending());
            }
        }
    }

    fn follow(&mut self, held: Held, shared: &Shared<D>) -> Result<()> {
        while self.replayer.seq() < held.seq {
            if shared.is_ending() {
                return Ok(());
            }
            let to = held.seq.min(self.replayer.seq().saturating_add(SLICE));
            self.replayer.advance(to)?;
            shared.metrics.shadow_seq.set(to);
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
