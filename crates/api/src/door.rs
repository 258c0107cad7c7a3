//! The way from a request to the engine and back without a thread for each: a command goes in with a tag, one
//! thread takes the durable answers and wakes whoever has the tag. A socket has one tag for all its orders, as its
//! answers come in their order. Absent: waiting on the way in; a full inbox is `Busy` at once.

use crate::feed::Outbox;
use crate::socket::{Bundled, Lane, Ticket};
use engine::Engine;
use model::Command;
use node::{Client, FileDisk, Metrics, Node, Refused, Replies, Reply, Sender};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use tokio::sync::oneshot;

pub(crate) struct Door {
    sender: Sender<FileDisk>,
    waiting: Arc<Waiting>,
}

/// An answer on its way.
pub(crate) struct Pending(oneshot::Receiver<Reply>);

/// A socket's way in. Whoever drops it hears no more; what went in still happens.
pub(crate) struct LaneDoor {
    lane: Arc<Lane>,
    tag: u64,
    sender: Sender<FileDisk>,
    waiting: Arc<Waiting>,
}

/// Set in the tags of sockets.
const LANE: u64 = 1 << 63;

/// Who waits, by tag: one who waits for a single answer, or a socket.
#[derive(Default)]
struct Waiting {
    seats: Mutex<Slab<oneshot::Sender<Reply>>>,
    lanes: Mutex<Slab<Arc<Lane>>>,
}

struct Slab<T> {
    taken: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { taken: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    fn put(&mut self, what: T) -> u64 {
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.taken.push(None);
                self.taken.len() - 1
            }
        };
        if let Some(place) = self.taken.get_mut(at) {
            *place = Some(what);
        }
        at as u64
    }

    fn get(&self, tag: u64) -> Option<&T> {
        self.taken.get(usize::try_from(tag).ok()?)?.as_ref()
    }

    fn take(&mut self, tag: u64) -> Option<T> {
        let at = usize::try_from(tag).ok()?;
        let taken = self.taken.get_mut(at)?.take()?;
        self.free.push(at);
        Some(taken)
    }
}

impl Door {
    /// Connects to the node; the thread ends with it.
    pub(crate) fn open(node: &Node<FileDisk>) -> node::Result<(Self, JoinHandle<()>)> {
        let client = node.connect()?;
        let door = Self { sender: client.sender(), waiting: Arc::default() };
        let waiting = Arc::clone(&door.waiting);
        let thread = Builder::new().name("answers".to_owned()).spawn(move || answer(client, &waiting));
        let thread = thread.map_err(|cause| node::NodeError::Thread { cause })?;
        Ok((door, thread))
    }

    /// What came of a command, once that is durable.
    pub(crate) async fn command(&self, command: Command) -> Result<Reply, Refused> {
        let pending = self.send(command)?;
        self.wait(pending).await
    }

    /// Hands a command in; it is in its place in the queue when this returns.
    pub(crate) fn send(&self, command: Command) -> Result<Pending, Refused> {
        let (give, answer) = oneshot::channel();
        let tag = self.waiting.seats().put(give);
        match self.sender.submit(command, tag) {
            Ok(()) => Ok(Pending(answer)),
            Err(refused) => {
                drop(self.waiting.seats().take(tag));
                Err(refused)
            }
        }
    }

    pub(crate) async fn wait(&self, pending: Pending) -> Result<Reply, Refused> {
        pending.0.await.map_err(|_dropped| self.sender.refusal())
    }

    /// A way in for a socket.
    pub(crate) fn lane(&self, outbox: &Arc<Outbox>) -> LaneDoor {
        let lane = Arc::new(Lane::new(Arc::clone(outbox)));
        let tag = self.waiting.lanes().put(Arc::clone(&lane)) | LANE;
        LaneDoor { lane, tag, sender: self.sender.clone(), waiting: Arc::clone(&self.waiting) }
    }

    /// The way in, for who does more at once than one command.
    pub(crate) fn sender(&self) -> &Sender<FileDisk> {
        &self.sender
    }

    /// Looks at the engine between two commands; the answer comes once what it saw is durable.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (give, take) = oneshot::channel();
        // Who asked may have gone.
        self.sender.query_then(look, move |answer| drop(give.send(answer)))?;
        take.await.map_err(|_dropped| self.sender.refusal())
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        self.sender.metrics()
    }

    pub(crate) fn durable_seq(&self) -> u64 {
        self.sender.held().seq
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.sender.is_stopped()
    }
}

impl LaneDoor {
    /// What commands of this socket are tagged with.
    pub(crate) fn tag(&self) -> u64 {
        self.tag
    }

    /// Hands all in, in their order and with one look at the door; those that found no room come back with why.
    pub(crate) fn send(
        &self,
        commands: &mut VecDeque<(u64, Command)>,
        tickets: &mut Vec<Ticket>,
    ) -> Option<(Refused, Vec<Ticket>)> {
        self.lane.expect(tickets);
        let outcome = self.sender.submit_all(commands);
        if commands.is_empty() {
            return None;
        }
        let refused = outcome.err().unwrap_or(Refused::Busy);
        let back = self.lane.take_back(commands.len());
        commands.clear();
        Some((refused, back))
    }
}

impl Drop for LaneDoor {
    fn drop(&mut self) {
        if self.lane.leave() {
            self.waiting.free_lane(self.tag);
        }
    }
}

fn answer(mut client: Client<FileDisk>, waiting: &Waiting) {
    let mut socket = Bundled::default();
    while let Ok(replies) = client.recv_batch() {
        hand_out(replies, waiting, &mut socket);
        socket.flush();
    }
    // Nothing more will come: who still waits is told so.
    waiting.seats().taken.clear();
}

fn hand_out(mut replies: Replies, waiting: &Waiting, socket: &mut Bundled) {
    while let Some(tag) = replies.next_tag() {
        if tag & LANE == 0 {
            let seat = waiting.seats().take(tag);
            // Who asked may have gone; what was asked is done all the same.
            if let (Some(reply), Some(seat)) = (replies.take_reply(), seat) {
                drop(seat.send(reply));
            }
            continue;
        }
        if !socket.is_at(tag) {
            let lane = waiting.lanes().get(tag ^ LANE).cloned();
            match lane {
                Some(lane) => socket.go_to(tag, lane),
                None => socket.flush(),
            }
        }
        let Some(answered) = replies.take() else { return };
        if socket.add(&answered) {
            waiting.free_lane(tag);
        }
    }
}

impl Waiting {
    fn free_lane(&self, tag: u64) {
        drop(self.lanes().take(tag ^ LANE));
    }

    fn seats(&self) -> MutexGuard<'_, Slab<oneshot::Sender<Reply>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lanes(&self) -> MutexGuard<'_, Slab<Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
