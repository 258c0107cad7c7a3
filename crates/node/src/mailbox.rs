//! Where answers wait for their clients. One delivery is a client's whole part of a batch, so the cost of an
//! answer is paid per batch and not per command. What a client may have in flight is bounded, and so is what
//! can wait here. Absent: copies of events; a delivery points into the shared bundle.

use crate::bundle::{Answered, Bundle, ClientId};
use crate::client::Reply;
use crate::{NodeError, Result};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A client's answers out of one batch, in the order of their numbers.
#[derive(Clone, Debug)]
pub struct Replies {
    bundle: Arc<Bundle>,
    next: Option<u32>,
    left: u32,
}

impl Replies {
    /// How many are left to take.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left as usize
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// The tag of the next answer, which stays where it is.
    #[must_use]
    pub fn next_tag(&self) -> Option<u64> {
        self.bundle.get(self.next? as usize).map(|answered| answered.tag)
    }

    /// The next answer.
    #[inline]
    pub fn take(&mut self) -> Option<Answered<'_>> {
        let at = self.step()?;
        self.bundle.get(at)
    }

    /// The next answer, to be kept for as long as one likes.
    pub fn take_reply(&mut self) -> Option<Reply> {
        let at = self.step()?;
        Reply::at(&self.bundle, at)
    }

    /// The place of the next answer in the bundle.
    #[inline]
    pub(crate) fn step(&mut self) -> Option<usize> {
        let at = self.next?;
        self.next = self.bundle.next_of(at);
        self.left = self.left.saturating_sub(1);
        Some(at as usize)
    }

    pub(crate) fn bundle(&self) -> &Arc<Bundle> {
        &self.bundle
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
    arrived: Condvar,
    /// Submitted, and not yet received.
    pub in_flight: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Replies>,
    reader_sleeps: bool,
    closed: bool,
}

impl Mailbox {
    /// What has arrived, oldest first; with patience, waits for something. `None` inside is nothing yet,
    /// an error means that nothing will come any more.
    pub fn take(&self, wait: bool) -> Result<Option<Replies>, Closed> {
        let mut state = self.state();
        loop {
            if let Some(replies) = state.waiting.pop_front() {
                self.in_flight.fetch_sub(replies.len(), Ordering::AcqRel);
                return Ok(Some(replies));
            }
            if state.closed {
                return Err(Closed);
            }
            if !wait {
                return Ok(None);
            }
            state.reader_sleeps = true;
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.reader_sleeps = false;
        }
    }

    fn deliver(&self, replies: Replies) {
        let mut state = self.state();
        state.waiting.push_back(replies);
        let wake = state.reader_sleeps;
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
    }

    fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing will come any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// Who is connected. A slot is used again by later clients, under another generation.
#[derive(Debug)]
pub(crate) struct Clients {
    table: Mutex<Table>,
    max: usize,
}

#[derive(Debug, Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    mailbox: Option<Arc<Mailbox>>,
}

impl Clients {
    pub fn new(max: usize) -> Self {
        Self { table: Mutex::default(), max }
    }

    pub fn connect(&self) -> Result<(ClientId, Arc<Mailbox>)> {
        let mut table = self.table();
        let mailbox = Arc::new(Mailbox::default());
        if table.closed {
            mailbox.close();
        }
        let slot = match table.free.pop() {
            Some(slot) => slot,
            None if table.slots.len() >= self.max => {
                return Err(NodeError::TooManyClients { clients: table.slots.len() });
            }
            None => {
                table.slots.push(Slot::default());
                u32::try_from(table.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let place = table.slots.get_mut(slot as usize).expect("invariant: free slots exist");
        place.mailbox = Some(Arc::clone(&mailbox));
        Ok((ClientId { slot, generation: place.generation }, mailbox))
    }

    /// Forgets a client; answers still on their way to it are dropped.
    pub fn disconnect(&self, client: ClientId) {
        let mut table = self.table();
        if let Some(place) = table.slots.get_mut(client.slot as usize)
            && place.generation == client.generation
        {
            place.mailbox = None;
            place.generation = place.generation.wrapping_add(1);
            table.free.push(client.slot);
        }
    }

    /// Gives every client its part of a durable batch.
    pub fn deliver(&self, bundle: &Arc<Bundle>) {
        let table = self.table();
        for share in bundle.shares() {
            if let Some(slot) = table.slots.get(share.client.slot as usize)
                && slot.generation == share.client.generation
                && let Some(mailbox) = &slot.mailbox
            {
                let bundle = Arc::clone(bundle);
                mailbox.deliver(Replies { bundle, next: Some(share.first), left: share.count });
            }
        }
    }

    /// Tells everyone that nothing more will come.
    pub fn close(&self) {
        let mut table = self.table();
        table.closed = true;
        for mailbox in table.slots.iter().filter_map(|slot| slot.mailbox.as_ref()) {
            mailbox.close();
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
