//! What makes a batch last: encode, seal, write, sync. What `write` answered is on the disk. A full disk keeps the
//! sealed batch and may be tried again; any other failure is the end, because after a failed sync nobody
//! knows what the disk holds. Absent: retries of a failed sync, and any answer to a caller.

use crate::bundle::{Answered, Bundle};
use crate::gate::{Gate, Room};
use crate::metrics::Metrics;
use crate::{NodeError, Result};
use journal::{Batch, Chain, Disk, Journal, JournalError, Sealed, Sealer, SegmentPool, Writer};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// How far the journal holds: the last record on the disk, and the chain value after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub seq: u64,
    pub chain: Chain,
}

/// Read by cursors and by the shadow, written after each sync.
#[derive(Debug)]
pub(crate) struct HeldMark(Mutex<Held>);

impl HeldMark {
    pub fn new(held: Held) -> Self {
        Self(Mutex::new(held))
    }

    pub fn get(&self) -> Held {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, held: Held) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// What became of a try to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Durable,
    /// No room; the same batch waits.
    Full,
}

pub(crate) struct Durable<D: Disk> {
    sealer: Sealer,
    writer: Writer<D>,
    waiting: Option<Sealed>,
    /// Empty; its room is used again.
    records: Batch,
    /// Of the records in it.
    bytes: usize,
    pool: Arc<SegmentPool<D>>,
    gate: Arc<Gate>,
    held: Arc<HeldMark>,
    metrics: Arc<Metrics>,
}

impl<D: Disk> Durable<D> {
    pub fn new(journal: Journal<D>, held: Arc<HeldMark>, gate: Arc<Gate>, metrics: Arc<Metrics>) -> Self {
        let pool = journal.pool();
        let (sealer, writer) = journal.split();
        Self { sealer, writer, waiting: None, records: Batch::default(), bytes: 0, pool, gate, held, metrics }
    }

    pub fn pool(&self) -> Arc<SegmentPool<D>> {
        Arc::clone(&self.pool)
    }

    /// Turns a bundle into bytes and gives it its place; `write` puts it there.
    pub fn seal(&mut self, bundle: &Bundle) -> Result<()> {
        assert!(self.waiting.is_none(), "invariant: one batch is written at a time");
        let Some(time) = bundle.last_time() else { return Ok(()) };
        let sealed = encode(bundle, &mut self.records).and_then(|()| {
            self.bytes = self.records.bytes();
            Ok(self.sealer.seal(std::mem::take(&mut self.records), time.0)?)
        });
        self.waiting = Some(sealed.map_err(|error| self.stop(&error))?);
        Ok(())
    }

    /// Writes and syncs the sealed batch.
    pub fn write(&mut self) -> Result<Written> {
        let Some(sealed) = &self.waiting else { return Ok(Written::Durable) };
        if self.gate.is_stopped() {
            return Err(self.gate.error());
        }
        let start = Instant::now();
        match self.writer.write(sealed) {
            Ok(committed) => {
                self.held.set(Held { seq: committed.last_seq, chain: committed.chain });
                self.metrics.synced(start.elapsed(), committed.last_seq, self.bytes);
                self.gate.set_room(room(&self.pool));
                self.records = self.waiting.take().map_or_else(Batch::default, Sealed::reuse);
                Ok(Written::Durable)
            }
            Err(JournalError::Full { .. }) => {
                self.gate.set_room(Room::None);
                Ok(Written::Full)
            }
            Err(error) => Err(self.stop(&error.into())),
        }
    }

    pub fn close(self) -> Result<()> {
        Ok(self.writer.close()?)
    }

    fn stop(&self, error: &NodeError) -> NodeError {
        self.gate.stop(&error.to_string());
        self.gate.error()
    }
}

fn encode(bundle: &Bundle, records: &mut Batch) -> Result<()> {
    for Answered { stamped, events, .. } in bundle.iter() {
        let written = records.push_with(|bytes| {
            model::encode_head(stamped.time, &stamped.command, bytes)?;
            model::encode_events(events, bytes)
        });
        written?.map_err(|cause| NodeError::Unreadable { seq: stamped.seq, cause })?;
    }
    Ok(())
}

/// Makes the next segment ahead of need and tells the gate how much room there is. Running out of room is no
/// error here: the gate says so, and a later call finds out when it is over.
pub(crate) fn prepare<D: Disk>(pool: &SegmentPool<D>, gate: &Gate) -> Result<()> {
    let outcome = pool.prepare();
    match outcome {
        Ok(()) => gate.set_room_ahead(Room::Enough),
        Err(JournalError::Full { .. }) => gate.set_room_ahead(Room::Low),
        // The writer meets the same failure if it lasts, and stops for it.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn room<D: Disk>(pool: &SegmentPool<D>) -> Room {
    if pool.is_low() { Room::Low } else { Room::Enough }
}
