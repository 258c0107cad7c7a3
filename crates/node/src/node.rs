//! The node with its threads, as a program runs it: start, connect, shut down. The pipeline can be drawn from
//! `start`: clients → inbox → engine thread → open batch → disk thread → clients and feed; beside it one
//! thread prepares segments, one follows with the second engine and one computes statistics. Absent: signals, sockets, files' names.

use crate::client::{Client, MarketDoor};
use crate::clock::Clock;
use crate::core::{Ended, save};
use crate::durable::{self, Durable, Held, HeldMark};
use crate::feed::{Cursor, Feed};
use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::recovery::{Recovery, Report, recover};
use crate::sequencer::Sequencer;
use crate::shadow::Shadow;
use crate::shared::Shared;
use crate::statistics;
use crate::threads::{run_disk, run_engine, run_preparer};
use crate::{Config, NodeError, Result};
use engine::Engine;
use journal::{Disk, SnapshotStore};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

pub struct Node<D: Disk> {
    shared: Arc<Shared<D>>,
    disk: D,
    config: Config,
    pipeline: Option<Pipeline<D>>,
    beside: Vec<JoinHandle<()>>,
}

struct Pipeline<D: Disk> {
    engine: JoinHandle<Sequencer>,
    disk: JoinHandle<Result<Durable<D>>>,
}

impl<D: Disk> Node<D> {
    /// Recovers what is on the disk, then takes commands.
    pub fn start(disk: D, config: Config, clock: impl Clock) -> Result<(Self, Report)> {
        let Recovery { journal, engine, held, report } = recover(&disk, &config)?;
        let (gate, metrics) = (Arc::new(Gate::default()), Arc::new(Metrics::new()));
        let held = Arc::new(HeldMark::new(held));
        metrics.durable_seq.set(held.get().seq);
        let durable = Durable::new(journal, Arc::clone(&held), Arc::clone(&gate), Arc::clone(&metrics));
        let feed = Feed::new(disk.clone(), &config, Arc::clone(&held), Arc::clone(&metrics));
        let shared = Arc::new(Shared::new(&config, gate, held, Arc::new(feed), metrics));
        // The first segment is there before the first command is.
        durable::prepare(&durable.pool(), &shared.gate)?;
        let beside = Vec::new();
        let mut node = Self { shared, disk, config, pipeline: None, beside };
        let clock: Arc<dyn Clock> = Arc::new(clock);
        node.start_beside(&engine, &report, &durable)?;
        node.pipeline = Some(node.start_pipeline(engine, durable, Arc::clone(&clock))?);
        node.start_statistics(clock)?;
        Ok((node, report))
    }

    /// A new caller.
    pub fn connect(&self) -> Result<Client<D>> {
        let (id, mailbox) = self.shared.clients.connect()?;
        Ok(Client::new(Arc::clone(&self.shared), id, mailbox))
    }

    /// Where market data comes in.
    #[must_use]
    pub fn market(&self) -> MarketDoor<D> {
        MarketDoor(Arc::clone(&self.shared))
    }

    /// Every record from a past one on, and then as they become durable.
    #[must_use]
    pub fn subscribe(&self, from_seq: u64) -> Cursor<D> {
        self.shared.feed.subscribe(from_seq)
    }

    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The last record on the disk.
    #[must_use]
    pub fn held(&self) -> Held {
        self.shared.held.get()
    }

    /// Why the node has stopped, if it has.
    #[must_use]
    pub fn stopped(&self) -> Option<NodeError> {
        self.shared.gate.is_stopped().then(|| self.shared.gate.error())
    }

    /// Lets no one in any more, works through what is inside, answers it, writes a last snapshot and gives
    /// the directory back.
    pub fn shutdown(mut self) -> Result<Ended> {
        self.finish()
    }

    fn start_pipeline(
        &self,
        engine: Engine,
        durable: Durable<D>,
        clock: Arc<dyn Clock>,
    ) -> Result<Pipeline<D>> {
        let sequencer = Sequencer::new(engine, &self.config);
        let (shared, burst_max) = (Arc::clone(&self.shared), self.config.burst_max.max(1));
        let engine = spawn("engine", move || run_engine(&shared, sequencer, &*clock, burst_max))?;
        let shared = Arc::clone(&self.shared);
        let disk = spawn("disk", move || run_disk(&shared, durable))?;
        Ok(Pipeline { engine, disk })
    }

    fn start_beside(&mut self, engine: &Engine, report: &Report, durable: &Durable<D>) -> Result<()> {
        let (shared, pool) = (Arc::clone(&self.shared), durable.pool());
        self.beside.push(spawn("prepare", move || run_preparer(&shared, &pool))?);
        if self.config.snapshot_every > 0 {
            let mut state = Vec::new();
            engine.snapshot(&mut state);
            let second = Engine::restore(&state).expect("invariant: an engine restores what it snapshots");
            let newest = report.snapshot_seq.unwrap_or(0);
            let shadow = Shadow::new(self.disk.clone(), second, newest, &self.config);
            let shared = Arc::clone(&self.shared);
            self.beside.push(spawn("shadow", move || shadow.run(&shared))?);
        }
        Ok(())
    }

    fn start_statistics(&mut self, clock: Arc<dyn Clock>) -> Result<()> {
        let Some(settings) = self.config.statistics.clone() else { return Ok(()) };
        let (client, shared) = (self.connect()?, Arc::clone(&self.shared));
        let run = move || statistics::run(&settings, &shared, client, &*clock);
        self.beside.push(spawn("statistics", run)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<Ended> {
        self.shared.close_door();
        let outcome = self.pipeline.take().map_or(Ok(None), |pipeline| pipeline.join().map(Some));
        self.shared.end();
        let beside = self.beside.drain(..).try_for_each(|thread| thread.join().or(Err(NodeError::Panicked)));
        self.shared.gate.stop("the node was shut down");
        self.shared.feed.end();
        self.shared.clients.close();
        let mut no_snapshot = None;
        if let Some((sequencer, durable)) = outcome? {
            no_snapshot = self.save_last(sequencer.engine()).err();
            durable.close()?;
        }
        beside.map(|()| Ended { last_seq: self.shared.held.get().seq, no_snapshot })
    }

    fn save_last(&self, engine: &Engine) -> Result<()> {
        let held = self.shared.held.get();
        let store = SnapshotStore::new(self.disk.clone(), self.config.journal.shard);
        if held.seq > 0 && store.list()?.first() != Some(&held.seq) {
            save(engine, held, &store.keeping(self.config.snapshots_kept), &self.shared.metrics)?;
        }
        Ok(())
    }
}

impl<D: Disk> Pipeline<D> {
    fn join(self) -> Result<(Sequencer, Durable<D>)> {
        let engine = self.engine.join();
        let disk = self.disk.join();
        Ok((engine.or(Err(NodeError::Panicked))?, disk.or(Err(NodeError::Panicked))??))
    }
}

impl<D: Disk> Drop for Node<D> {
    fn drop(&mut self) {
        // Who wants to know how it ended calls `shutdown`.
        self.finish().map(|_ended| ()).unwrap_or_default();
    }
}

fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(|cause| NodeError::Thread { cause })
}
