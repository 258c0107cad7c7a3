//! What every request is answered from. One for the whole server.

use crate::audit::Audit;
use crate::auth::Doorman;
use crate::config::Config;
use crate::door::Door;
use crate::feed::Feed;
use crate::gauge::Gauges;
use crate::names::Names;
use crate::problem::Problem;
use crate::socket::Guests;
use model::{AccountId, Directory, UserId};
use std::sync::Arc;
use std::time::Duration;
use store::{Status, Store, StoreError};
use tokio::sync::watch;

pub(crate) struct Desk {
    pub(crate) config: Config,
    pub(crate) door: Door,
    pub(crate) names: Names,
    /// The names of the house's language, shared with its other doors.
    pub(crate) lines: Arc<node::Names<node::FileDisk>>,
    pub(crate) store: Arc<Store>,
    pub(crate) projection: Arc<Status>,
    pub(crate) doorman: Doorman,
    pub(crate) audit: Audit,
    pub(crate) feed: Feed,
    pub(crate) guests: Guests,
    pub(crate) gauges: Gauges,
    /// Whether it is time to go.
    pub(crate) stopping: watch::Sender<bool>,
}

impl Desk {
    /// Asks the archive, which blocks, on a thread that may.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || ask(&store)).await {
            Ok(answer) => answer.map_err(Problem::from),
            Err(_panicked) => Err(Problem::internal()),
        }
    }

    /// Waits until the archive shows what is durable now, but not for long; a look at older rows is better than
    /// none. Gives the record that the archive has come to.
    pub(crate) async fn archived(self: &Arc<Self>) -> u64 {
        const STEPS: u32 = 100;
        let wanted = self.door.durable_seq();
        let mut shown = self.shown().await;
        for _ in 0..STEPS {
            if shown >= wanted || self.projection.trouble().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            shown = self.shown().await;
        }
        shown
    }

    /// The record that those who ask see: of a replica, its own.
    async fn shown(self: &Arc<Self>) -> u64 {
        let projected = self.projection.projected();
        if !self.store.has_replica() {
            return projected;
        }
        self.ask(Store::projected).await.map_or(projected, |(seq, _)| seq)
    }

    /// The names as of now: what is missing in the last ones is looked for in the newest.
    pub(crate) async fn names_with(&self, has: impl Fn(&Directory) -> bool) -> Arc<Directory> {
        let names = self.names.now();
        if has(&names) { names } else { self.names.after(self.door.durable_seq()).await }
    }

    /// Something about a user has changed: what is known of them is looked up again, and their sockets are held
    /// against it.
    pub(crate) fn forget(&self, user: UserId) {
        self.doorman.forget(user);
        self.guests.changed(user);
    }

    /// Waits for a timer's next turn; false once the server stops.
    pub(crate) async fn turn(&self, timer: &mut tokio::time::Interval) -> bool {
        timer.tick().await;
        !self.is_stopping()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// The accounts of a user, the oldest first.
pub(crate) fn accounts_of(directory: &Directory, user: UserId) -> Vec<AccountId> {
    directory.accounts().filter(|(_, of)| of.user == user).map(|(id, _)| id).collect()
}
