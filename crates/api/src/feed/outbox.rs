//! What waits for one socket. Bounded: a listener that does not keep up is let go, and told why.

use axum::extract::ws::Utf8Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    max: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Utf8Bytes>,
    /// Why there will be no more.
    closed: Option<&'static str>,
}

impl Outbox {
    pub(crate) fn new(max: usize) -> Self {
        Self { waiting: Mutex::default(), arrived: Notify::new(), max }
    }

    /// Adds a message; false where the listener is gone, or goes because of this one.
    pub(crate) fn push(&self, message: Utf8Bytes) -> bool {
        self.push_all([message])
    }

    /// The same for several with one look.
    pub(crate) fn push_all(&self, messages: impl IntoIterator<Item = Utf8Bytes>) -> bool {
        let mut waiting = self.waiting();
        if waiting.closed.is_some() {
            return false;
        }
        let wake = waiting.messages.is_empty();
        waiting.messages.extend(messages);
        if waiting.messages.len() > self.max {
            waiting.messages.clear();
            waiting.closed =
                Some("slow_consumer: messages came faster than they were read; connect again and resume");
        }
        let open = waiting.closed.is_none();
        drop(waiting);
        if wake || !open {
            self.arrived.notify_one();
        }
        open
    }

    pub(crate) fn close(&self, why: &'static str) {
        self.waiting().closed.get_or_insert(why);
        self.arrived.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.waiting().closed.is_some()
    }

    /// All that waits; at the end, why it is the end.
    pub(crate) async fn take(&self) -> Result<VecDeque<Utf8Bytes>, &'static str> {
        loop {
            let arrived = self.arrived.notified();
            {
                let mut waiting = self.waiting();
                if !waiting.messages.is_empty() {
                    return Ok(std::mem::take(&mut waiting.messages));
                }
                if let Some(why) = waiting.closed {
                    return Err(why);
                }
            }
            arrived.await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_does_not_keep_up_is_let_go() {
        let outbox = Outbox::new(2);
        let push = |text: &str| outbox.push(Utf8Bytes::from(text.to_owned()));
        assert!(push("1") && push("2"));
        assert!(!push("3") && !push("4") && outbox.is_closed());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let why = runtime.block_on(outbox.take()).expect_err("it is closed");
        assert!(why.starts_with("slow_consumer"), "{why}");
    }
}
