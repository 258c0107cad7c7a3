//! The memory: append-only, checksummed, hash-chained records in preallocated segments, with snapshots,
//! scan, verify and retention. A record is opaque bytes with a dense sequence number; a batch is what one
//! write and one `fdatasync` carry. What is acknowledged is found again or its loss is named: nothing that
//! was committed is ever skipped, and no bytes on disk make this crate panic. The layout is in `FORMAT.md`.
//! Absent: any word of trading, any clock, any thread, any retry of a failed sync.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::panic))]

mod batch;
mod chain;
mod check;
mod disk;
mod error;
mod journal;
mod layout;
mod pool;
mod recover;
mod retire;
mod scan;
mod snapshot;
mod tear;
mod verify;
mod walk;
mod watermark;
mod window;
mod wire;
mod writer;

pub use batch::{Batch, Sealed, Sealer};
pub use chain::Chain;
pub use disk::{Crash, DataLoss, Disk, DiskFile, Fault, FaultKind, FileDisk, MemDisk, NameLoss, Rng, Space};
pub use error::{JournalError, Result};
pub use journal::{Journal, Options};
pub use layout::{FORMAT_VERSION, PAYLOAD_BYTES_MAX, segment_name, snapshot_name};
pub use pool::SegmentPool;
pub use recover::{Cut, Recovered};
pub use retire::{Archive, Retention, Retired, retire};
pub use scan::{Check, Reach, Reader, Record, scan, scan_within};
pub use snapshot::{DamagedSnapshot, LoadedSnapshot, SnapshotInfo, SnapshotStore};
pub use verify::{VerifyReport, verify};
pub use writer::{Committed, Writer};
