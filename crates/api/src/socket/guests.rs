//! Who is inside with a socket, held against who still may be: a session that was ended, a key that was revoked or
//! whose time is up, and a user whose rights have changed are let go with the reason. What changes at this server
//! counts at once, what changes at another on the same archive within ten seconds. An archive that does not answer
//! ends no socket.

use crate::auth::{Caller, Via};
use crate::clock;
use crate::desk::Desk;
use crate::feed::Outbox;
use model::{Time, UserId};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::Notify;

/// A part of those inside is looked at each second, and all of them in so many.
const ROUND: u64 = 10;
const EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(crate) struct Guests {
    inside: Mutex<HashMap<u64, Guest>>,
    next: AtomicU64,
    changed: Mutex<BTreeSet<UserId>>,
    bell: Notify,
}

#[derive(Clone)]
struct Guest {
    caller: Arc<Caller>,
    outbox: Arc<Outbox>,
}

impl Guests {
    pub(crate) fn enter(&self, caller: &Arc<Caller>, outbox: &Arc<Outbox>) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let guest = Guest { caller: Arc::clone(caller), outbox: Arc::clone(outbox) };
        locked(&self.inside).insert(id, guest);
        id
    }

    pub(crate) fn leave(&self, id: u64) {
        locked(&self.inside).remove(&id);
    }

    /// Something about a user is not as it was.
    pub(crate) fn changed(&self, user: UserId) {
        locked(&self.changed).insert(user);
        self.bell.notify_one();
    }

    /// Those of whom something changed, and those whose turn it is.
    fn due(&self, turn: u64) -> Vec<Guest> {
        let changed = std::mem::take(&mut *locked(&self.changed));
        let inside = locked(&self.inside);
        let is_due =
            |id: &u64, guest: &Guest| id % ROUND == turn % ROUND || changed.contains(&guest.caller.user);
        inside.iter().filter(|(id, guest)| is_due(id, guest)).map(|(_, guest)| guest.clone()).collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the watch; it ends with the runtime.
pub(crate) fn watch(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    tokio::spawn(async move {
        let mut timer = clock::every(EVERY);
        let mut turn = 0;
        while !desk.is_stopping() {
            tokio::select! {
                _ = timer.tick() => turn += 1,
                () = desk.guests.bell.notified() => {}
            }
            let due = desk.guests.due(turn);
            if !due.is_empty() {
                let asked = desk.ask(move |store| let_go(store, &due, clock::now())).await;
                if asked.is_err() {
                    tracing::warn!("the sockets could not be held against the sessions");
                }
            }
        }
    });
}

fn let_go(store: &Store, due: &[Guest], now: Time) -> Result<(), StoreError> {
    let mut known = HashMap::new();
    for guest in due {
        let Caller { user, via, .. } = *guest.caller;
        let at = (user, via);
        let over = match known.get(&at) {
            Some(over) => *over,
            None => *known.entry(at).or_insert(why_over(store, &guest.caller, now)?),
        };
        if let Some(why) = over {
            guest.outbox.close(why);
        }
    }
    Ok(())
}

/// Why somebody may not be inside any more.
fn why_over(store: &Store, caller: &Caller, now: Time) -> Result<Option<&'static str>, StoreError> {
    const SESSION: &str = "session_over: the sign-in was ended; sign in again";
    const KEY: &str = "key_over: the key was revoked or its time is up; use another";
    const CHANGED: &str = "changed: what you may do has changed; connect again";
    let is_over = match caller.via {
        Via::Session(id) => {
            let session = store.session(id)?;
            session.is_none_or(|session| session.ended_at.is_some() || session.expires_at <= now)
        }
        Via::Key(id) => {
            let key = store.keys(caller.user)?.into_iter().find(|key| key.id == id);
            key.is_none_or(|key| key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now))
        }
    };
    if is_over {
        return Ok(Some(if matches!(caller.via, Via::Session(_)) { SESSION } else { KEY }));
    }
    let user = store.user(caller.user)?;
    let is_same = user.is_some_and(|user| user.is_active && user.role == caller.role);
    Ok((!is_same).then_some(CHANGED))
}
