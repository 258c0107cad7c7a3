//! The way from a request to the engine and back without a thread for each: a command goes in with a tag, one
//! thread takes the durable answers and wakes whoever has the tag. Absent: waiting on the way in; a full inbox
//! is `Busy` at once.

use engine::Engine;
use model::Command;
use node::{Client, FileDisk, Metrics, Node, Refused, Reply, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use tokio::sync::oneshot;

pub(crate) struct Door {
    sender: Sender<FileDisk>,
    waiting: Arc<Waiting>,
}

/// Who waits, by tag.
#[derive(Default)]
struct Waiting(Mutex<Seats>);

#[derive(Default)]
struct Seats {
    taken: Vec<Option<oneshot::Sender<Reply>>>,
    free: Vec<usize>,
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
        let (tag, answer) = self.waiting.sit();
        if let Err(refused) = self.sender.submit(command, tag) {
            self.waiting.leave(tag);
            return Err(refused);
        }
        answer.await.map_err(|_dropped| self.sender.refusal())
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

fn answer(mut client: Client<FileDisk>, waiting: &Waiting) {
    while let Ok(reply) = client.recv() {
        if let Some(seat) = waiting.leave(reply.tag) {
            // Who asked may have gone; what was asked is done all the same.
            drop(seat.send(reply));
        }
    }
    // Nothing more will come: who still waits is told so.
    waiting.seats().taken.clear();
}

impl Waiting {
    fn sit(&self) -> (u64, oneshot::Receiver<Reply>) {
        let (give, take) = oneshot::channel();
        let mut seats = self.seats();
        let at = match seats.free.pop() {
            Some(at) => at,
            None => {
                seats.taken.push(None);
                seats.taken.len() - 1
            }
        };
        if let Some(seat) = seats.taken.get_mut(at) {
            *seat = Some(give);
        }
        (at as u64, take)
    }

    fn leave(&self, tag: u64) -> Option<oneshot::Sender<Reply>> {
        let at = usize::try_from(tag).ok()?;
        let mut seats = self.seats();
        let seat = seats.taken.get_mut(at)?.take()?;
        seats.free.push(at);
        Some(seat)
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
