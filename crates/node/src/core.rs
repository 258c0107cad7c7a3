//! The node without threads: inbox, sequencer, journal and release, one step at a time. The simulator drives
//! this with its own disk and clock and stops it between any two steps; `Node` drives the same parts from
//! threads, which add nothing but waiting. Absent: a clock, a thread, a lock that is ever waited for.

use crate::bundle::{Bundle, ClientId};
use crate::durable::{self, Durable, Held, HeldMark, Written};
use crate::feed::{Cursor, Feed};
use crate::gate::Gate;
use crate::inbox::{Inbox, Request, Taken};
use crate::market::{MarketData, Passed};
use crate::metrics::Metrics;
use crate::query::{self, Pending};
use crate::recovery::{Recovery, Report, recover};
use crate::release::{Recycler, release};
use crate::sequencer::{Open, Sequencer};
use crate::{Config, NodeError, Refused, Result};
use engine::Engine;
use journal::{Disk, SnapshotInfo, SnapshotStore};
use model::{Command, Time};
use std::sync::Arc;

pub struct Core<D: Disk> {
    disk: D,
    config: Config,
    inbox: Inbox,
    taken: Taken,
    sequencer: Sequencer,
    open: Open,
    /// Sealed, and not yet on a disk that has no room.
    waiting: Option<Open>,
    durable: Durable<D>,
    feed: Arc<Feed<D>>,
    gate: Arc<Gate>,
    held: Arc<HeldMark>,
    metrics: Arc<Metrics>,
    recycler: Recycler,
}

impl<D: Disk> Core<D> {
    /// Recovers what is on the disk and stands ready after it.
    pub fn open(disk: D, config: Config) -> Result<(Self, Report)> {
        let Recovery { journal, engine, held, report } = recover(&disk, &config)?;
        let (gate, metrics) = (Arc::new(Gate::default()), Arc::new(Metrics::new()));
        metrics.durable_seq.set(held.seq);
        let held = Arc::new(HeldMark::new(held));
        let core = Self {
            inbox: Inbox::new(&config),
            taken: Taken::default(),
            sequencer: Sequencer::new(engine, &config),
            open: Open::default(),
            waiting: None,
            durable: Durable::new(journal, Arc::clone(&held), Arc::clone(&gate), Arc::clone(&metrics)),
            feed: Arc::new(Feed::new(disk.clone(), &config, Arc::clone(&held), Arc::clone(&metrics))),
            recycler: Recycler::default(),
            disk,
            config,
            gate,
            held,
            metrics,
        };
        Ok((core, report))
    }

    /// Puts a command into the inbox. The client is a small number of the caller's; the tag comes back in
    /// the answer.
    pub fn submit(&mut self, client: u32, tag: u64, command: Command) -> Result<(), Refused> {
        let checked = self.gate.check(&command);
        let client = ClientId::new(client);
        let outcome = checked.and_then(|()| self.inbox.push(Request::Command { client, tag, command }));
        outcome.inspect_err(|refused| count(&self.metrics, refused))
    }

    /// Puts market data in, which is conflated under load.
    pub fn market(&mut self, data: MarketData) -> Result<Passed, Refused> {
        self.gate.check(&data.into_command()).inspect_err(|refused| count(&self.metrics, refused))?;
        self.inbox.push_market(data, &self.metrics).inspect_err(|refused| count(&self.metrics, refused))
    }

    /// Looks at the engine between two commands; the answer comes with the sync of all it saw.
    pub fn query<T: Send + 'static>(
        &mut self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<Pending<T>, Refused> {
        self.gate.check_query()?;
        let (query, pending) = query::ask(look);
        self.inbox.push(Request::Query(query)).inspect_err(|refused| count(&self.metrics, refused))?;
        Ok(pending)
    }

    /// Takes up to `max` of what has arrived, then lets time pass if something is due. Answers how many
    /// commands and queries it took.
    pub fn step_apply(&mut self, now: Time, max: usize) -> Result<usize> {
        if self.gate.is_stopped() {
            return Err(self.gate.error());
        }
        if self.taken.is_empty() {
            self.metrics.queue_depth.set(self.inbox.swap(&mut self.taken) as u64);
        } else {
            self.inbox.swap_urgent(&mut self.taken);
        }
        let (before, events) = (self.open.bundle.len(), self.open.bundle.event_count());
        let done = self.sequencer.work(&mut self.taken, now, max, &mut self.open);
        let timer = self.sequencer.tick(now, &mut self.open);
        self.metrics.timers.add(u64::from(timer));
        self.metrics.commands.add((self.open.bundle.len() - before) as u64);
        self.metrics.events.add((self.open.bundle.event_count() - events) as u64);
        Ok(done)
    }

    /// Brings the open batch to the disk, then gives the answers: none if nothing was open, or if the disk
    /// has no room and the batch waits. An error means that nothing of the batch is acknowledged, ever.
    pub fn step_sync(&mut self) -> Result<Option<Arc<Bundle>>> {
        if self.gate.is_stopped() {
            return Err(self.gate.error());
        }
        if self.waiting.is_none() {
            if self.open.is_empty() {
                return Ok(None);
            }
            let batch = std::mem::replace(&mut self.open, self.recycler.fresh());
            self.durable.seal(&batch.bundle)?;
            self.waiting = Some(batch);
        }
        if self.durable.write()? == Written::Full {
            return Ok(None);
        }
        let batch = self.waiting.take().unwrap_or_default();
        let bundle = release(batch, &self.feed, &mut self.recycler, |_bundle| {});
        Ok(Some(bundle))
    }

    /// Makes the next segment ahead of need, and finds out whether the disk has room.
    pub fn prepare(&mut self) -> Result<()> {
        durable::prepare(&self.durable.pool(), &self.gate)
    }

    /// Writes a snapshot of the engine, once everything it holds is on the disk.
    pub fn snapshot(&mut self) -> Result<SnapshotInfo> {
        let held = self.held.get();
        assert_eq!(held.seq, self.sequencer.engine().seq(), "invariant: a snapshot follows a sync");
        let store = SnapshotStore::new(self.disk.clone(), self.config.journal.shard);
        save(self.sequencer.engine(), held, &store.keeping(self.config.snapshots_kept), &self.metrics)
    }

    /// Reads records from a past one on, and then as they become durable.
    #[must_use]
    pub fn subscribe(&self, from_seq: u64) -> Cursor<D> {
        self.feed.subscribe(from_seq)
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.sequencer.engine()
    }

    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.engine().digest()
    }

    /// The last record on the disk.
    #[must_use]
    pub fn held(&self) -> Held {
        self.held.get()
    }

    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Requests that wait, and commands that are applied and not yet on the disk.
    #[must_use]
    pub fn backlog(&self) -> (usize, usize) {
        let taken = self.taken.urgent.len() + self.taken.requests.len() + self.taken.market.len();
        let stuck = self.waiting.as_ref().map_or(0, |batch| batch.bundle.len());
        (self.inbox.len() + taken, self.open.bundle.len() + stuck)
    }

    /// Brings what is open to the disk, writes a last snapshot and gives the directory back.
    pub fn close(mut self) -> Result<Ended> {
        while !self.open.is_empty() || self.waiting.is_some() {
            if self.step_sync()?.is_none() {
                return Err(journal::JournalError::Full { need: 0, free: 0 }.into());
            }
        }
        let held = self.held.get();
        let no_snapshot = if held.seq > 0 { self.snapshot().err() } else { None };
        self.durable.close()?;
        Ok(Ended { last_seq: held.seq, no_snapshot })
    }
}

/// A good end: everything that was answered is in the journal, and the directory is given back.
#[derive(Debug)]
pub struct Ended {
    pub last_seq: u64,
    /// Why the last snapshot could not be taken. Nothing is lost: the next start replays the records since the
    /// one before.
    pub no_snapshot: Option<NodeError>,
}

/// Saves the state that the engine has at the record that is held.
pub(crate) fn save<D: Disk>(
    engine: &Engine,
    held: Held,
    store: &SnapshotStore<D>,
    metrics: &Metrics,
) -> Result<SnapshotInfo> {
    let mut body = Vec::new();
    engine.snapshot(&mut body);
    let info = store.save(held.seq, held.chain, engine.digest(), &body)?;
    metrics.snapshots.add(1);
    metrics.snapshot_seq.set(held.seq);
    Ok(info)
}

pub(crate) fn count(metrics: &Metrics, refused: &Refused) {
    match refused {
        Refused::Busy => metrics.busy.add(1),
        Refused::Full => metrics.full.add(1),
        Refused::Stopped { .. } => {}
    }
}
