//! What waits for one socket: messages that many may share, and answers that are framed already, in their order.
//! Bounded by messages and by bytes: a listener that does not keep up is let go, and told why.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A message as text; listeners of one thing share it.
pub(crate) type Message = Arc<str>;

/// Bytes of answers that may wait beside so many messages.
const FRAMED_MAX: usize = 4 << 20;

#[derive(Debug)]
pub(crate) enum Waiting {
    Message(Message),
    /// Whole frames of answers, one after the other.
    Framed(Vec<u8>),
    /// A frame of the protocol itself.
    Control(Vec<u8>),
}

#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    arrived: Notify,
    max: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    count: usize,
    bytes: usize,
    /// Why there will be no more.
    closed: Option<&'static str>,
}

impl State {
    fn is_over(&self, max: usize) -> bool {
        self.count > max || self.bytes > FRAMED_MAX
    }

    fn clear(&mut self) {
        self.waiting = VecDeque::new();
        (self.count, self.bytes) = (0, 0);
    }
}

impl Outbox {
    pub(crate) fn new(max: usize) -> Self {
        Self { state: Mutex::default(), arrived: Notify::new(), max }
    }

    /// Adds a message; false where the listener is gone, or goes because of this one.
    pub(crate) fn push(&self, message: Message) -> bool {
        self.push_all([message])
    }

    /// The same for several with one look.
    pub(crate) fn push_all(&self, messages: impl IntoIterator<Item = Message>) -> bool {
        self.add(|state| {
            let before = state.waiting.len();
            state.waiting.extend(messages.into_iter().map(Waiting::Message));
            state.count += state.waiting.len() - before;
        })
    }

    /// Adds a frame of the protocol itself.
    pub(crate) fn push_control(&self, frame: Vec<u8>) -> bool {
        self.add(|state| {
            state.count += 1;
            state.waiting.push_back(Waiting::Control(frame));
        })
    }

    /// Adds so many answers as the bytes that will be sent, and leaves the buffer empty.
    pub(crate) fn push_framed(&self, frames: &mut Vec<u8>, count: usize) -> bool {
        self.add(|state| {
            state.count += count;
            state.bytes += frames.len();
            match state.waiting.back_mut() {
                Some(Waiting::Framed(before)) => before.append(frames),
                _ => state.waiting.push_back(Waiting::Framed(std::mem::take(frames))),
            }
        })
    }

    fn add(&self, add: impl FnOnce(&mut State)) -> bool {
        let mut state = self.state();
        if state.closed.is_some() {
            return false;
        }
        let wake = state.waiting.is_empty();
        add(&mut state);
        if state.is_over(self.max) {
            state.clear();
            state.closed =
                Some("slow_consumer: messages came faster than they were read; connect again and resume");
        }
        let open = state.closed.is_none();
        drop(state);
        if wake || !open {
            self.arrived.notify_one();
        }
        open
    }

    pub(crate) fn close(&self, why: &'static str) {
        self.state().closed.get_or_insert(why);
        self.arrived.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed.is_some()
    }

    /// All that waits; at the end, why it is the end.
    pub(crate) async fn take(&self) -> Result<VecDeque<Waiting>, &'static str> {
        loop {
            let arrived = self.arrived.notified();
            {
                let mut state = self.state();
                if !state.waiting.is_empty() {
                    let waiting = std::mem::take(&mut state.waiting);
                    state.clear();
                    return Ok(waiting);
                }
                if let Some(why) = state.closed {
                    return Err(why);
                }
            }
            arrived.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(outbox: &Outbox) -> &'static str {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(outbox.take()).expect_err("it is closed")
    }

    #[test]
    fn a_listener_that_does_not_keep_up_is_let_go() {
        let outbox = Outbox::new(2);
        let push = |text: &str| outbox.push(text.into());
        assert!(push("1") && push("2"));
        assert!(!push("3") && !push("4") && outbox.is_closed());
        assert!(end_of(&outbox).starts_with("slow_consumer"));
        let outbox = Outbox::new(usize::MAX);
        assert!(outbox.push_framed(&mut vec![0; FRAMED_MAX], 1));
        assert!(!outbox.push_framed(&mut vec![0], 1));
    }

    #[test]
    fn answers_and_messages_keep_their_order() {
        let outbox = Outbox::new(100);
        let (mut one, mut other) = (b"a".to_vec(), b"b".to_vec());
        assert!(outbox.push_framed(&mut one, 1) && outbox.push_framed(&mut other, 1));
        assert!(outbox.push("m".into()) && outbox.push_framed(&mut b"c".to_vec(), 1));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let waiting = runtime.block_on(outbox.take()).expect("messages");
        let shown: Vec<String> = waiting.iter().map(|one| format!("{one:?}")).collect();
        assert_eq!(shown, ["Framed([97, 98])", "Message(\"m\")", "Framed([99])"]);
        assert!(one.is_empty() && other.is_empty());
    }
}
