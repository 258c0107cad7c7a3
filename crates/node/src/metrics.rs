//! Counters of a node, for whoever shows them. Plain numbers that any thread may read at any time; written
//! once a batch or once a refusal, never once a command. Absent: names, formats, and anything that waits.

use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A number that only grows, or is set.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

#[derive(Debug)]
pub struct Metrics {
    /// Applied by the engine, and the events they made.
    pub commands: Count,
    pub events: Count,
    /// On the disk.
    pub durable_seq: Count,
    pub batches: Count,
    pub bytes: Count,
    pub syncs: Count,
    /// Refused at the door.
    pub busy: Count,
    pub full: Count,
    /// Quotes and marks that a newer one replaced, and prints dropped, before the engine saw them.
    pub conflated: Count,
    pub prints_dropped: Count,
    /// Requests that waited when the engine last looked.
    pub queue_depth: Count,
    pub queries: Count,
    pub timers: Count,
    /// Live readers that had to go back to the journal.
    pub rereads: Count,
    /// Figures handed in by the node's own statistics.
    pub statistics: Count,
    pub snapshots: Count,
    pub snapshot_seq: Count,
    /// How far the second engine has followed.
    pub shadow_seq: Count,
    /// Segments retired.
    pub retired: Count,
    /// The first thing that went wrong beside the trading: the shadow, a snapshot, the next segment.
    trouble: OnceLock<String>,
    diverged: AtomicBool,
    sync_us: Mutex<Histogram<u64>>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let sync_us = Histogram::new(3).expect("invariant: three digits are allowed");
        Self {
            commands: Count::default(),
            events: Count::default(),
            durable_seq: Count::default(),
            batches: Count::default(),
            bytes: Count::default(),
            syncs: Count::default(),
            busy: Count::default(),
            full: Count::default(),
            conflated: Count::default(),
            prints_dropped: Count::default(),
            queue_depth: Count::default(),
            queries: Count::default(),
            timers: Count::default(),
            rereads: Count::default(),
            statistics: Count::default(),
            snapshots: Count::default(),
            snapshot_seq: Count::default(),
            shadow_seq: Count::default(),
            retired: Count::default(),
            trouble: OnceLock::new(),
            diverged: AtomicBool::new(false),
            sync_us: Mutex::new(sync_us),
        }
    }

    /// Whether the second engine disagrees with the journal. Trading goes on; snapshots do not.
    #[must_use]
    pub fn diverged(&self) -> bool {
        self.diverged.load(Ordering::Acquire)
    }

    /// The first thing that went wrong beside the trading: the second engine, a snapshot, the next segment.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.get().map(String::as_str)
    }

    /// Write and sync of a batch, in microseconds, at a quantile from 0 to 1.
    #[must_use]
    pub fn sync_us(&self, quantile: f64) -> u64 {
        self.sync_us.lock().unwrap_or_else(PoisonError::into_inner).value_at_quantile(quantile)
    }

    pub(crate) fn synced(&self, took: Duration, last_seq: u64, bytes: usize) {
        self.durable_seq.set(last_seq);
        self.batches.add(1);
        self.syncs.add(1);
        self.bytes.add(bytes as u64);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sync_us.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(micros);
    }

    pub(crate) fn shadow_failed(&self, what: String, diverged: bool) {
        self.diverged.fetch_or(diverged, Ordering::AcqRel);
        self.note(what);
    }

    pub(crate) fn note(&self, what: String) {
        self.trouble.get_or_init(|| what);
    }
}
