//! The archive beside a running node: a thread with a cursor of its own that projects the journal into a database.
//! Trading never waits for it; a database that is gone, slow or refuses is tried again for as long as the server
//! runs, and what was missed is taken from the journal. Absent: any way to hold up the node.

mod args;
mod records;

pub use args::Database;
pub use records::Journal;

use anyhow::Result;
use journal::FileDisk;
use node::Node;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::time::Duration;
use store::{Config, Place, Status};

/// Between two tries after an error that is not the connection's.
const RETRY: Duration = Duration::from_secs(1);
/// At the end, what is not projected yet is waited for so long.
const FAREWELL: Duration = Duration::from_secs(5);
/// Less urgent than all that trades.
const NICE: i32 = 10;

pub struct Archive {
    status: Arc<Status>,
    closing: Arc<AtomicBool>,
    over: Receiver<()>,
    place: Place,
}

impl Archive {
    pub fn start(node: &Node<FileDisk>, data: &Path, config: Config) -> Result<Self> {
        let (status, closing) = (Arc::new(Status::default()), Arc::new(AtomicBool::new(false)));
        let place = config.place.clone();
        let disk = FileDisk::existing(data);
        let mut records = Journal::new(node.subscribe(1), disk, Arc::clone(&closing));
        let (done, over) = channel();
        let shared = Arc::clone(&status);
        let run = move || {
            // Where the system refuses, it is as urgent as the rest.
            rustix::process::nice(NICE).map(drop).unwrap_or_default();
            project(&config, &mut records, &shared);
            done.send(()).unwrap_or_default();
        };
        Builder::new().name("archive".to_owned()).spawn(run)?;
        Ok(Self { status, closing, over, place })
    }

    pub fn status(&self) -> &Arc<Status> {
        &self.status
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Once the node has ended: waits for what is missing, but not for a database that is gone. Says what is left.
    pub fn finish(self) -> Option<String> {
        self.closing.store(true, Ordering::Release);
        let whole = self.over.recv_timeout(FAREWELL).is_ok() && self.status.lag() == 0;
        self.status.stop();
        if whole && self.status.trouble().is_none() {
            return None;
        }
        // The last batch may be on its way; what is not committed is undone, and comes again.
        let (lag, trouble) = (self.status.lag(), self.status.trouble());
        let why = trouble.map(|error| format!(": {error}")).unwrap_or_default();
        Some(format!("the archive is {lag} records behind{why}; it catches up at the next start"))
    }
}

/// Until the records end; what a person has to mend ends it earlier, and stays in the status.
fn project(config: &Config, records: &mut Journal, status: &Status) {
    while !status.is_stopped() {
        match store::run(config, records, status) {
            Ok(()) => return,
            Err(error) if error.needs_a_person() => return,
            // Another process may let go of the archive, a full disk may be emptied.
            Err(_) => status.pause(RETRY),
        }
    }
}
