//! The journal as the archive reads it: live where it can, from the segments where it is behind, and from the
//! retired segments where it is far behind.

use journal::{Check, FileDisk, JournalError, Reach, Reader, scan_within};
use model::Record;
use node::{Cursor, NodeError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Batch, Records};

pub struct Journal {
    live: Cursor<FileDisk>,
    disk: FileDisk,
    retired: Option<Retired>,
    /// Nothing more will be written.
    closing: Arc<AtomicBool>,
}

/// A reader of what the journal itself does not have any more.
struct Retired {
    next: u64,
    reader: Reader<FileDisk>,
}

impl Records for Journal {
    fn after(&mut self, seq: u64, most: usize, wait: Duration) -> Batch {
        // Looked at before the records are: what is there by then is read.
        let closing = self.closing.load(Ordering::Acquire);
        match self.read(seq.saturating_add(1), most, wait) {
            Ok(records) if !records.is_empty() => Batch::Records(records),
            Ok(_) if closing => Batch::Ended,
            Ok(_) => Batch::Nothing,
            Err(error) => {
                self.retired = None;
                Batch::Failed(error.to_string())
            }
        }
    }

    fn head(&self) -> u64 {
        self.live.head()
    }
}

impl Journal {
    pub fn new(live: Cursor<FileDisk>, disk: FileDisk, closing: Arc<AtomicBool>) -> Self {
        Self { live, disk, retired: None, closing }
    }

    fn read(&mut self, next: u64, most: usize, wait: Duration) -> node::Result<Vec<Record>> {
        if let Some(retired) = self.retired.take().filter(|retired| retired.next == next) {
            let records = self.read_retired(retired, most)?;
            if !records.is_empty() {
                return Ok(records);
            }
        }
        match self.read_live(next, most, wait) {
            Err(NodeError::Journal(JournalError::MissingStart { .. })) => {
                let reader = scan_within(&self.disk, Reach::Archive, next, Check::Crc)?;
                self.read_retired(Retired { next, reader }, most)
            }
            other => other,
        }
    }

    fn read_live(&mut self, next: u64, most: usize, wait: Duration) -> node::Result<Vec<Record>> {
        if self.live.next_seq() != next {
            self.live.go_to(next);
        }
        let mut records: Vec<Record> = self.live.next(wait)?.into_iter().collect();
        while !records.is_empty() && records.len() < most {
            let Some(record) = self.live.try_next()? else { break };
            records.push(record);
        }
        Ok(records)
    }

    fn read_retired(&mut self, retired: Retired, most: usize) -> node::Result<Vec<Record>> {
        let (Retired { mut next, mut reader }, head) = (retired, self.live.head());
        let mut records = Vec::new();
        while records.len() < most && next <= head {
            let Some(found) = reader.next()? else { return Ok(records) };
            let seq = found.seq;
            let unreadable = |cause| NodeError::Unreadable { seq, cause };
            records.push(model::decode(seq, found.payload).map_err(unreadable)?);
            next = seq.saturating_add(1);
        }
        self.retired = Some(Retired { next, reader });
        Ok(records)
    }
}
