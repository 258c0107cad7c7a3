//! The room's front: takes records from whoever has them and projects them, batch by batch, until there are no
//! more or it is told to stop. A database that is gone or slow is waited for; nothing is lost, because the records
//! are asked for again from where the database says it is, and nobody waits for us.

use crate::config::Config;
use crate::error::{Result, StoreError};
use crate::project::Projector;
use model::Record;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where records come from: a reader of the journal with a cursor of its own.
pub trait Records {
    /// The records after `seq`, in order and without a gap, at most so many; waits so long for the first.
    fn after(&mut self, seq: u64, most: usize, wait: Duration) -> Batch;

    /// The last record there is.
    fn head(&self) -> u64;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    Records(Vec<Record>),
    /// None yet.
    Nothing,
    /// There will be no more.
    Ended,
    /// They cannot be read now, and why.
    Failed(String),
}

/// How the projection stands, for whoever looks.
#[derive(Debug, Default)]
pub struct Status {
    projected: AtomicU64,
    head: AtomicU64,
    batches: AtomicU64,
    retries: AtomicU64,
    stop: AtomicBool,
    trouble: Mutex<Option<StoreError>>,
    stopped: Condvar,
}

impl Status {
    /// The last record in the tables.
    #[must_use]
    pub fn projected(&self) -> u64 {
        self.projected.load(Ordering::Acquire)
    }

    /// Records that are not in the tables yet.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.head.load(Ordering::Acquire).saturating_sub(self.projected())
    }

    #[must_use]
    pub fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// What keeps it from projecting now; none while it is well.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreError> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks it to end after the batch at hand.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.stopped.notify_all();
    }

    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn set_trouble(&self, trouble: Option<StoreError>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Waits, unless it is to stop.
    pub fn pause(&self, wait: Duration) {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = self.stopped.wait_timeout_while(trouble, wait, |_| !self.is_stopped());
        drop(asked);
    }
}

/// Projects until the records end or `status.stop` is called; the last batch is whole in either case.
///
/// # Errors
/// What trying again cannot help: another writer, a newer schema, records that do not follow.
pub fn run(config: &Config, records: &mut impl Records, status: &Status) -> Result<()> {
    let (first, longest) = config.retry;
    let (mut wait, mut held_before) = (first, false);
    while !status.is_stopped() {
        let before = status.projected();
        match session(config, records, status) {
            Ok(()) => break,
            // Our own session may outlive its connection for a while.
            Err(error) if error.passes() || (error == StoreError::Held && held_before) => {
                held_before |= status.projected() > 0 || error != StoreError::Held;
                status.set_trouble(Some(error));
            }
            Err(error) => {
                status.set_trouble(Some(error.clone()));
                return Err(error);
            }
        }
        status.head.store(records.head().max(status.projected()), Ordering::Release);
        wait = if status.projected() > before { first } else { (wait * 2).min(longest) };
        status.retries.fetch_add(1, Ordering::Relaxed);
        status.pause(wait);
    }
    Ok(())
}

/// From opening the archive to the first failure, or to the end.
fn session(config: &Config, records: &mut impl Records, status: &Status) -> Result<()> {
    let mut projector = Projector::open(config)?;
    let mut cursor = projector.cursor()?;
    status.projected.store(cursor, Ordering::Release);
    status.set_trouble(None);
    while !status.is_stopped() {
        let (batch, ended) = gather(config, records, cursor)?;
        if !batch.is_empty() {
            cursor = projector.apply(&batch)?;
            status.batches.fetch_add(1, Ordering::Relaxed);
            status.projected.store(cursor, Ordering::Release);
        }
        status.head.store(records.head().max(cursor), Ordering::Release);
        if ended {
            return Ok(());
        }
    }
    Ok(())
}

/// As many records as a batch holds, or as come while the first of them waits.
fn gather(config: &Config, records: &mut impl Records, mut cursor: u64) -> Result<(Vec<Record>, bool)> {
    let (mut all, mut end) = (Vec::new(), None);
    while all.len() < config.batch_records {
        let now = Instant::now();
        let wait = end.map_or(config.batch_wait, |end: Instant| end.saturating_duration_since(now));
        match records.after(cursor, config.batch_records.saturating_sub(all.len()), wait) {
            Batch::Records(more) => {
                cursor = more.last().map_or(cursor, |last| last.stamped.seq);
                all.extend(more);
                end = end.or(Some(now + config.batch_wait));
            }
            Batch::Nothing => break,
            Batch::Ended => return Ok((all, true)),
            // What came before is taken in; it is asked again for the rest.
            Batch::Failed(_) if !all.is_empty() => break,
            Batch::Failed(what) => return Err(StoreError::Unread { what }),
        }
        if end.is_some_and(|end| end <= Instant::now()) {
            break;
        }
    }
    Ok((all, false))
}
