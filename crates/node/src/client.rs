//! One caller of the node. Submitting puts a command into the inbox and returns at once; the answer comes
//! when it is durable, and carries the caller's tag. Many clients are cheap. Absent: any waiting on the way
//! in; a full inbox, or too much of one's own in flight, is `Busy`.

use crate::bundle::ClientId;
use crate::history::history;
use crate::inbox::Request;
use crate::mailbox::{Mailbox, Replies};
use crate::market::{MarketData, Passed};
use crate::query;
use crate::shared::Shared;
use crate::{Bundle, Held, Metrics, Refused};
use engine::Engine;
use journal::Disk;
use model::{AccountId, Command, Event, OrderId, Stamped, Step, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An answer: one command and what came of it, for as long as the caller wants to look at it.
#[derive(Clone, Debug)]
pub struct Reply {
    bundle: Arc<Bundle>,
    at: usize,
    pub tag: u64,
    pub seq: u64,
    pub time: Time,
}

impl Reply {
    pub(crate) fn at(bundle: &Arc<Bundle>, at: usize) -> Option<Self> {
        let found = bundle.get(at)?;
        let (tag, seq, time) = (found.tag, found.stamped.seq, found.stamped.time);
        Some(Self { bundle: Arc::clone(bundle), at, tag, seq, time })
    }

    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.bundle.get(self.at).map_or(&[], |found| found.events)
    }

    #[must_use]
    pub fn stamped(&self) -> Option<&Stamped> {
        self.bundle.get(self.at).map(|found| found.stamped)
    }
}

/// The way in, which several threads of one caller may share.
pub struct Sender<D: Disk> {
    shared: Arc<Shared<D>>,
    id: ClientId,
    mailbox: Arc<Mailbox>,
}

impl<D: Disk> Clone for Sender<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), id: self.id, mailbox: Arc::clone(&self.mailbox) }
    }
}

impl<D: Disk> Sender<D> {
    /// Puts a command in. The tag comes back with the answer.
    pub fn submit(&self, command: Command, tag: u64) -> Result<(), Refused> {
        let request = Request::Command { client: self.id, tag, command };
        if request.is_urgent() {
            // However much the caller has in flight.
            self.mailbox.in_flight.fetch_add(1, Ordering::AcqRel);
        } else {
            self.reserve(1)?;
        }
        self.shared.submit(request).inspect_err(|_| self.give_back(1))
    }

    /// Puts in as many as there is room for, from the front, with one look at the door. Answers how many;
    /// an error if not even one.
    pub fn submit_all(&self, commands: &mut VecDeque<(u64, Command)>) -> Result<usize, Refused> {
        let wanted = commands.len();
        let room = self.shared.in_flight_max.saturating_sub(self.mailbox.in_flight.load(Ordering::Acquire));
        let wanted = wanted.min(room);
        self.reserve(wanted)?;
        if wanted == 0 {
            return if commands.is_empty() { Ok(0) } else { Err(Refused::Busy) };
        }
        let outcome = self.shared.submit_each(wanted, self.id, commands);
        let (done, refused) = outcome;
        self.give_back(wanted - done);
        match refused {
            Some(refused) if done == 0 => Err(refused),
            _ => Ok(done),
        }
    }

    /// Looks at the engine without waiting: once what it saw is durable, the answer goes to `then`, which must be
    /// brief. If the node stops first, `then` is dropped.
    pub fn query_then<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
        then: impl FnOnce(T) + Send + 'static,
    ) -> Result<(), Refused> {
        self.shared.submit(Request::Query(Box::new(move |engine| {
            let answer = look(engine);
            Box::new(move || then(answer))
        })))
    }

    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// The last record on the disk.
    #[must_use]
    pub fn held(&self) -> Held {
        self.shared.held.get()
    }

    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.gate.is_stopped()
    }

    /// What became of an account's order, as far as it is durable; read from the journal by the caller's thread.
    pub fn history(&self, account: AccountId, order: OrderId) -> crate::Result<Vec<Step>> {
        history(self.shared.feed.disk(), account, order, self.shared.held.get().seq)
    }

    /// Why the node takes nothing more.
    #[must_use]
    pub fn refusal(&self) -> Refused {
        self.shared.gate.refusal()
    }

    fn reserve(&self, count: usize) -> Result<(), Refused> {
        let before = self.mailbox.in_flight.fetch_add(count, Ordering::AcqRel);
        if before.saturating_add(count) > self.shared.in_flight_max {
            self.give_back(count);
            self.shared.metrics.busy.add(1);
            return Err(Refused::Busy);
        }
        Ok(())
    }

    fn give_back(&self, count: usize) {
        self.mailbox.in_flight.fetch_sub(count, Ordering::AcqRel);
    }
}

/// A connected caller. Dropping it disconnects; what it submitted still happens.
pub struct Client<D: Disk> {
    sender: Sender<D>,
    current: Option<Replies>,
    /// Answers that came while `call` waited for its own.
    passed_by: VecDeque<Reply>,
}

impl<D: Disk> Client<D> {
    /// The tag of `call`.
    const CALL: u64 = u64::MAX;

    pub(crate) fn new(shared: Arc<Shared<D>>, id: ClientId, mailbox: Arc<Mailbox>) -> Self {
        let sender = Sender { shared, id, mailbox };
        Self { sender, current: None, passed_by: VecDeque::new() }
    }

    #[must_use]
    pub fn id(&self) -> ClientId {
        self.sender.id
    }

    /// The way in alone, for another thread.
    #[must_use]
    pub fn sender(&self) -> Sender<D> {
        self.sender.clone()
    }

    /// Puts a command in. The tag comes back with the answer.
    pub fn submit(&self, command: Command, tag: u64) -> Result<(), Refused> {
        self.sender.submit(command, tag)
    }

    /// As [`Sender::submit_all`].
    pub fn submit_all(&self, commands: &mut VecDeque<(u64, Command)>) -> Result<usize, Refused> {
        self.sender.submit_all(commands)
    }

    /// The next answer, if one has come. `Stopped` once the node has and all answers are taken.
    pub fn try_recv(&mut self) -> Result<Option<Reply>, Refused> {
        self.receive(false)
    }

    /// The next answer; waits for it.
    pub fn recv(&mut self) -> Result<Reply, Refused> {
        match self.receive(true)? {
            Some(reply) => Ok(reply),
            None => Err(self.sender.shared.gate.refusal()),
        }
    }

    /// All answers of the next batch at once, without a handle for each; waits for them.
    pub fn recv_batch(&mut self) -> Result<Replies, Refused> {
        if let Some(replies) = self.current.take().filter(|replies| !replies.is_empty()) {
            return Ok(replies);
        }
        let taken = self.sender.mailbox.take(true);
        taken.ok().flatten().ok_or_else(|| self.sender.shared.gate.refusal())
    }

    /// Keeps answers that were not taken, for the next receive.
    pub fn put_back(&mut self, replies: Replies) {
        self.current = Some(replies);
    }

    /// As `recv_batch`, if they have come.
    pub fn try_recv_batch(&mut self) -> Result<Option<Replies>, Refused> {
        if let Some(replies) = self.current.take().filter(|replies| !replies.is_empty()) {
            return Ok(Some(replies));
        }
        self.sender.mailbox.take(false).map_err(|_closed| self.sender.shared.gate.refusal())
    }

    /// Submits and waits for the answer; other answers that come meanwhile are kept for `recv`.
    pub fn call(&mut self, command: Command) -> Result<Reply, Refused> {
        self.submit(command, Self::CALL)?;
        loop {
            match self.next_reply(true)? {
                Some(reply) if reply.tag == Self::CALL => return Ok(reply),
                Some(reply) => self.passed_by.push_back(reply),
                None => return Err(self.sender.shared.gate.refusal()),
            }
        }
    }

    /// Looks at the engine and waits until what it saw is durable.
    pub fn query<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (query, pending) = query::ask(look);
        self.sender.shared.submit(Request::Query(query))?;
        pending.wait().ok_or_else(|| self.sender.shared.gate.refusal())
    }

    /// What became of an account's order, as far as it is durable; read from the journal by the caller's thread.
    pub fn history(&self, account: AccountId, order: OrderId) -> crate::Result<Vec<Step>> {
        self.sender.history(account, order)
    }

    fn receive(&mut self, wait: bool) -> Result<Option<Reply>, Refused> {
        match self.passed_by.pop_front() {
            Some(reply) => Ok(Some(reply)),
            None => self.next_reply(wait),
        }
    }

    fn next_reply(&mut self, wait: bool) -> Result<Option<Reply>, Refused> {
        loop {
            if let Some(replies) = &mut self.current
                && let Some(at) = replies.step()
                && let Some(reply) = Reply::at(replies.bundle(), at)
            {
                return Ok(Some(reply));
            }
            self.current = None;
            let taken = self.sender.mailbox.take(wait);
            match taken.map_err(|_closed| self.sender.shared.gate.refusal())? {
                Some(replies) => self.current = Some(replies),
                None => return Ok(None),
            }
        }
    }
}

impl<D: Disk> Drop for Client<D> {
    fn drop(&mut self) {
        self.sender.shared.clients.disconnect(self.sender.id);
    }
}

/// Where market data comes in; see `market` for what happens to it under load.
pub struct MarketDoor<D: Disk>(pub(crate) Arc<Shared<D>>);

impl<D: Disk> MarketDoor<D> {
    pub fn push(&self, data: MarketData) -> Result<Passed, Refused> {
        self.0.submit_market(data)
    }
}

impl<D: Disk> Clone for MarketDoor<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
