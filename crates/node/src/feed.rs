//! Every record from any point on: the past from the journal's segments, then live, without a gap and without
//! a duplicate, because a record's number says which comes next and nothing else does. Only durable records.
//! A reader that is slow falls out of the bounded live part and reads from the journal again; it delays nobody.

use crate::bundle::Bundle;
use crate::durable::HeldMark;
use crate::metrics::Metrics;
use crate::{Config, NodeError, Result};
use journal::{Check, Disk, Reader};
use model::{Event, Record, Stamped};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) struct Feed<D: Disk> {
    disk: D,
    live: Mutex<Live>,
    moved: Condvar,
    readers: AtomicUsize,
    batches_max: usize,
    held: Arc<HeldMark>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Live {
    batches: VecDeque<Arc<Bundle>>,
    /// No more will come.
    ended: bool,
}

impl<D: Disk> Feed<D> {
    pub fn new(disk: D, config: &Config, held: Arc<HeldMark>, metrics: Arc<Metrics>) -> Self {
        Self {
            disk,
            live: Mutex::default(),
            moved: Condvar::new(),
            readers: AtomicUsize::new(0),
            batches_max: config.live_batches_max,
            held,
            metrics,
        }
    }

    pub fn disk(&self) -> &D {
        &self.disk
    }

    pub fn subscribe(self: &Arc<Self>, from_seq: u64) -> Cursor<D> {
        self.readers.fetch_add(1, Ordering::AcqRel);
        Cursor { feed: Arc::clone(self), next_seq: from_seq.max(1), place: Place::Unknown }
    }

    /// Shows a durable batch to those who look; `wake` tells those who sleep.
    pub fn publish(&self, bundle: &Arc<Bundle>) {
        if !self.has_readers() {
            return;
        }
        let mut live = self.live();
        live.batches.push_back(Arc::clone(bundle));
        if live.batches.len() > self.batches_max {
            live.batches.pop_front();
        }
    }

    /// Apart from `publish`, because waking costs a call of the system and no answer should wait for it.
    pub fn wake(&self) {
        if self.has_readers() {
            self.moved.notify_all();
        }
    }

    fn has_readers(&self) -> bool {
        self.readers.load(Ordering::Acquire) > 0
    }

    /// Wakes all readers; what is durable can still be read.
    pub fn end(&self) {
        self.live().ended = true;
        self.moved.notify_all();
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, seq: u64) -> Option<Arc<Bundle>> {
        let live = self.live();
        let found = live.batches.iter().rev().find(|bundle| bundle.first_seq() <= seq);
        found.filter(|bundle| seq <= bundle.last_seq()).cloned()
    }

    /// Waits until something moved past `seq`; answers whether there may be more.
    fn wait(&self, seq: u64, until: Instant) -> bool {
        let mut live = self.live();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.held.get().seq >= seq {
                return true;
            }
            if live.ended || left.is_zero() {
                return false;
            }
            live = self.moved.wait_timeout(live, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A reader of the feed, with its own place.
pub struct Cursor<D: Disk> {
    feed: Arc<Feed<D>>,
    next_seq: u64,
    place: Place<D>,
}

enum Place<D: Disk> {
    Unknown,
    Live(Arc<Bundle>),
    Past(Box<Reader<D>>),
}

impl<D: Disk> Cursor<D> {
    /// The last record on the disk.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.feed.held.get().seq
    }

    /// Goes on with this record.
    pub fn go_to(&mut self, seq: u64) {
        (self.next_seq, self.place) = (seq.max(1), Place::Unknown);
    }

    /// The number of the record that comes next.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The next record, if it is durable already.
    pub fn try_next(&mut self) -> Result<Option<Record>> {
        self.see(owned)
    }

    /// Looks at the next record where it stands, if it is durable already.
    pub fn see<T>(&mut self, look: impl FnOnce(&Stamped, &[Event]) -> T) -> Result<Option<T>> {
        let seq = self.next_seq;
        if let Place::Live(bundle) = &self.place
            && let Some(found) = bundle.find(seq)
        {
            let seen = look(found.stamped, found.events);
            self.next_seq += 1;
            return Ok(Some(seen));
        }
        if seq > self.feed.held.get().seq {
            return Ok(None);
        }
        let seen = if let Some(bundle) = self.feed.find(seq) {
            let seen = bundle.find(seq).map(|found| look(found.stamped, found.events));
            self.place = Place::Live(bundle);
            seen.ok_or(NodeError::Lost { wanted: seq })?
        } else {
            let record = self.read_past(seq)?;
            look(&record.stamped, &record.events)
        };
        self.next_seq += 1;
        Ok(Some(seen))
    }

    /// Waits until there is a next record, but not longer than this; answers whether there is one.
    pub fn wait(&self, patience: Duration) -> bool {
        self.feed.wait(self.next_seq, Instant::now() + patience)
    }

    /// Whether the feed has ended: there will be nothing that is not there yet.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.feed.live().ended
    }

    /// Waits for the next record, but not longer than this.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Record>> {
        let until = Instant::now() + patience;
        loop {
            if let Some(record) = self.try_next()? {
                return Ok(Some(record));
            }
            if !self.feed.wait(self.next_seq, until) {
                return self.try_next();
            }
        }
    }

    fn read_past(&mut self, seq: u64) -> Result<Record> {
        let mut reader = match std::mem::replace(&mut self.place, Place::Unknown) {
            Place::Past(reader) => reader,
            Place::Live(_) => {
                self.feed.metrics.rereads.add(1);
                Box::new(journal::scan(&self.feed.disk, seq, Check::Crc)?)
            }
            Place::Unknown => Box::new(journal::scan(&self.feed.disk, seq, Check::Crc)?),
        };
        let record = read_one(&mut reader, seq)?;
        self.place = Place::Past(reader);
        Ok(record)
    }
}

impl<D: Disk> Drop for Cursor<D> {
    fn drop(&mut self) {
        if self.feed.readers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.feed.live().batches.clear();
        }
    }
}

fn read_one<D: Disk>(reader: &mut Reader<D>, seq: u64) -> Result<Record> {
    // The reader may have looked ahead before the record was there; it looks again when asked again.
    for _ in 0..2 {
        if let Some(record) = reader.next()? {
            if record.seq != seq {
                return Err(NodeError::OutOfPlace { wanted: seq, found: record.seq });
            }
            return model::decode(seq, record.payload).map_err(|cause| NodeError::Unreadable { seq, cause });
        }
    }
    Err(NodeError::Lost { wanted: seq })
}

fn owned(stamped: &Stamped, events: &[Event]) -> Record {
    Record { stamped: stamped.clone(), events: events.to_vec() }
}
