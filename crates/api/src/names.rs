//! The names that there are, as of the last record that the feed has shown. Readers take a whole directory and
//! keep it as long as they like; only a record that defines something makes a new one.

use model::{Directory, Event};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

pub(crate) struct Names {
    now: RwLock<Arc<Directory>>,
    seen: watch::Sender<u64>,
}

impl Names {
    pub(crate) fn new(directory: Directory, seq: u64) -> Self {
        Self { now: RwLock::new(Arc::new(directory)), seen: watch::channel(seq).0 }
    }

    pub(crate) fn now(&self) -> Arc<Directory> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The feed has shown everything up to a record.
    pub(crate) fn seen(&self, seq: u64) {
        self.seen.send_replace(seq);
    }

    /// What the feed has shown so far.
    pub(crate) fn seq(&self) -> u64 {
        *self.seen.borrow()
    }

    pub(crate) fn learn(&self, events: &[Event]) {
        if events.iter().any(defines) {
            let mut next = Directory::clone(&self.now());
            events.iter().for_each(|event| next.learn(event));
            *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
    }

    /// The names once the feed has shown a record; after a while as they are.
    pub(crate) async fn after(&self, seq: u64) -> Arc<Directory> {
        const PATIENCE: Duration = Duration::from_secs(2);
        if self.seq() < seq {
            let mut seen = self.seen.subscribe();
            let caught_up = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| *seen >= seq)).await;
            if !matches!(caught_up, Ok(Ok(_))) {
                tracing::warn!(seq, "the feed is far behind");
            }
        }
        self.now()
    }
}

fn defines(event: &Event) -> bool {
    matches!(
        event,
        Event::AssetDefined { .. }
            | Event::InstrumentListed { .. }
            | Event::UserAdded { .. }
            | Event::AccountOpened { .. }
            | Event::BookOpened { .. }
            | Event::VenueDefined { .. }
    )
}
