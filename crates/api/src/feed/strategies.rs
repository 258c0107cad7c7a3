//! What strategies say and how they stand, for those who listen. Their rows are in the archive and nowhere else, so a
//! timer looks there, once for all who listen to one, and only while somebody does.

use super::{Channel, Message, Outbox, locked};
use crate::clock;
use crate::desk::Desk;
use crate::strategy::{SignalView, StrategyView};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Page, Span, Store, StoreError};

const EVERY: Duration = Duration::from_secs(1);
/// Signals that are looked at in one go; more than these come in the next.
const AT_ONCE: u32 = 200;

#[derive(Default)]
pub(super) struct Strategies(HashMap<i64, Watched>);

#[derive(Default)]
struct Watched {
    signals: Listeners,
    status: Listeners,
    /// The last signal that was told, and how it last stood.
    last_signal: Option<i64>,
    last_status: Option<String>,
}

#[derive(Default)]
struct Listeners {
    all: Vec<Arc<Outbox>>,
    /// They have nothing yet.
    fresh: Vec<Arc<Outbox>>,
}

impl Listeners {
    fn leave(&mut self, outbox: &Arc<Outbox>) {
        self.all.retain(|one| !Arc::ptr_eq(one, outbox));
        self.fresh.retain(|one| !Arc::ptr_eq(one, outbox));
    }

    fn is_empty(&mut self) -> bool {
        self.all.retain(|outbox| !outbox.is_closed());
        self.fresh.retain(|outbox| !outbox.is_closed());
        self.all.is_empty() && self.fresh.is_empty()
    }

    /// What changed to those who listen, and what there is to those who have just come.
    fn tell(&mut self, changed: Option<Message>, whole: impl FnOnce() -> Message) {
        if let Some(message) = changed {
            self.all.retain(|outbox| outbox.push(Arc::clone(&message)));
        }
        if !self.fresh.is_empty() {
            let message = whole();
            self.all.extend(self.fresh.drain(..).filter(|outbox| outbox.push(Arc::clone(&message))));
        }
    }
}

impl Strategies {
    pub(super) fn join(&mut self, channel: Channel, outbox: Arc<Outbox>) {
        match channel {
            Channel::Signals(id) => self.0.entry(id).or_default().signals.fresh.push(outbox),
            Channel::Status(id) => self.0.entry(id).or_default().status.fresh.push(outbox),
            _ => {}
        }
    }

    pub(super) fn leave(&mut self, channel: Channel, outbox: &Arc<Outbox>) {
        match channel {
            Channel::Signals(id) => self.leave_one(id, |watched| watched.signals.leave(outbox)),
            Channel::Status(id) => self.leave_one(id, |watched| watched.status.leave(outbox)),
            _ => {}
        }
    }

    fn leave_one(&mut self, id: i64, leave: impl FnOnce(&mut Watched)) {
        if let Some(watched) = self.0.get_mut(&id) {
            leave(watched);
        }
    }

    /// Those that somebody listens to; the others are forgotten.
    fn watched(&mut self) -> Vec<i64> {
        self.0.retain(|_, watched| {
            let (signals, status) = (watched.signals.is_empty(), watched.status.is_empty());
            !(signals && status)
        });
        self.0.keys().copied().collect()
    }

    fn tell(&mut self, Looked { id, strategy, signals }: Looked) {
        let Some(watched) = self.0.get_mut(&id) else { return };
        let status =
            json!({ "channel": "status", "type": "status", "strategy_id": id, "strategy": strategy });
        let status = status.to_string();
        let changed = watched.last_status.as_ref() != Some(&status);
        let message: Message = status.as_str().into();
        watched.status.tell(changed.then(|| Arc::clone(&message)), || Arc::clone(&message));
        watched.last_status = Some(status);
        let last = signals.iter().map(|signal| signal.id).max();
        let told = watched.last_signal;
        let new: Vec<&SignalView> =
            signals.iter().filter(|signal| told.is_some_and(|told| signal.id > told)).collect();
        let say = |kind: &str, signals: &[&SignalView]| -> Message {
            let message =
                json!({ "channel": "signals", "type": kind, "strategy_id": id, "signals": signals });
            message.to_string().into()
        };
        let update = (!new.is_empty()).then(|| say("update", &new));
        watched.signals.tell(update, || say("snapshot", &signals.iter().collect::<Vec<_>>()));
        watched.last_signal = Some(last.unwrap_or(0).max(told.unwrap_or(0)));
    }
}

struct Looked {
    id: i64,
    strategy: StrategyView,
    /// The newest first.
    signals: Vec<SignalView>,
}

fn look(store: &Store, ids: &[i64]) -> Result<Vec<Looked>, StoreError> {
    let page = Page { limit: AT_ONCE, after: None };
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        // One that was forgotten says nothing more.
        let Some(strategy) = store.strategies(None, Some(*id))?.pop() else { continue };
        let (signals, _) = store.signals((Some(*id), None), Span::default(), &page)?;
        let signals = signals.into_iter().map(SignalView::from).collect();
        all.push(Looked { id: *id, strategy: strategy.into(), signals });
    }
    Ok(all)
}

/// Starts the timer; it ends with the runtime.
pub(crate) fn watch(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    tokio::spawn(async move {
        let mut timer = clock::every(EVERY);
        while desk.turn(&mut timer).await {
            let ids = locked(&desk.feed.strategies).watched();
            if ids.is_empty() {
                continue;
            }
            // An archive that is gone is looked at again.
            if let Ok(looked) = desk.ask(move |store| look(store, &ids)).await {
                let mut strategies = locked(&desk.feed.strategies);
                looked.into_iter().for_each(|one| strategies.tell(one));
            }
        }
    });
}
