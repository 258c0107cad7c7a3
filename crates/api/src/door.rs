//! The way from a request to the engine and back without a thread for each: a command goes in with a tag, one
//! thread takes the durable answers and wakes whoever has the tag. Absent: waiting on the way in; a full inbox
//! is `Busy` at once.

use crate::socket::Ticket;
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

/// An answer on its way.
pub(crate) struct Pending(oneshot::Receiver<Reply>);

/// Who waits, by tag.
#[derive(Default)]
struct Waiting(Mutex<Seats>);

/// How an answer reaches whoever waits for it.
enum Seat {
    /// One who waits for this and nothing else.
    One(oneshot::Sender<Reply>),
    /// A socket, which is told in between; written by the thread that brings the answers.
    Socket(Box<Ticket>),
}

#[derive(Default)]
struct Seats {
    taken: Vec<Option<Seat>>,
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
        let pending = self.send(command)?;
        self.wait(pending).await
    }

    /// Hands a command in; it is in its place in the queue when this returns.
    pub(crate) fn send(&self, command: Command) -> Result<Pending, Refused> {
        let (give, answer) = oneshot::channel();
        self.submit(command, Seat::One(give)).map_err(|(refused, _)| refused)?;
        Ok(Pending(answer))
    }

    /// The same for a socket, which is told when it is durable; a refusal comes with its ticket.
    pub(crate) fn send_for(
        &self,
        command: Command,
        ticket: Box<Ticket>,
    ) -> Result<(), (Refused, Box<Ticket>)> {
        match self.submit(command, Seat::Socket(ticket)) {
            Err((refused, Some(Seat::Socket(ticket)))) => Err((refused, ticket)),
            _ => Ok(()),
        }
    }

    fn submit(&self, command: Command, seat: Seat) -> Result<(), (Refused, Option<Seat>)> {
        let tag = self.waiting.sit(seat);
        self.sender.submit(command, tag).map_err(|refused| (refused, self.waiting.leave(tag)))
    }

    pub(crate) async fn wait(&self, pending: Pending) -> Result<Reply, Refused> {
        pending.0.await.map_err(|_dropped| self.sender.refusal())
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

fn answer(mut client: Client<FileDisk>, waiting: &Waiting) {
    let mut socket = crate::socket::Bundled::default();
    while let Ok(mut replies) = client.recv_batch() {
        while let Some(reply) = replies.take_reply() {
            match waiting.leave(reply.tag) {
                // Who asked may have gone; what was asked is done all the same.
                Some(Seat::One(seat)) => drop(seat.send(reply)),
                Some(Seat::Socket(ticket)) => socket.add(&ticket, &reply),
                None => {}
            }
        }
        socket.flush();
    }
    // Nothing more will come: who still waits is told so.
    waiting.seats().taken.clear();
}

impl Waiting {
    fn sit(&self, who: Seat) -> u64 {
        let mut seats = self.seats();
        let at = match seats.free.pop() {
            Some(at) => at,
            None => {
                seats.taken.push(None);
                seats.taken.len() - 1
            }
        };
        if let Some(seat) = seats.taken.get_mut(at) {
            *seat = Some(who);
        }
        at as u64
    }

    fn leave(&self, tag: u64) -> Option<Seat> {
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
