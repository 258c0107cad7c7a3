//! The orders of one socket that are on their way. They come back in the order in which they went in, so that one
//! line of tickets is all there is to remember; what is answered is written as frames, many before they are handed
//! over, and costs no task and no wake-up of its own.

use super::answer::{Ticket, answer};
use super::frame::put_written;
use crate::feed::Outbox;
use node::Answered;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct Lane {
    outbox: Arc<Outbox>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tickets: VecDeque<Ticket>,
    /// The socket is gone; the last answer frees the place.
    left: bool,
}

impl Lane {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox, state: Mutex::default() }
    }

    /// Their answers will be the next behind those that are waited for.
    pub(crate) fn expect(&self, tickets: &mut Vec<Ticket>) {
        self.state().tickets.extend(tickets.drain(..));
    }

    /// The last so many were not let in after all.
    pub(crate) fn take_back(&self, count: usize) -> Vec<Ticket> {
        let mut state = self.state();
        let kept = state.tickets.len().saturating_sub(count);
        state.tickets.split_off(kept).into()
    }

    /// The socket is gone. Answers whether nothing is on its way any more.
    pub(crate) fn leave(&self) -> bool {
        let mut state = self.state();
        state.left = true;
        state.tickets.is_empty()
    }

    /// The oldest ticket, and whether it was the last of a socket that is gone.
    fn next(&self) -> (Option<Ticket>, bool) {
        let mut state = self.state();
        let ticket = state.tickets.pop_front();
        let is_last = state.left && state.tickets.is_empty() && ticket.is_some();
        (ticket, is_last)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers of one batch, for one socket after the other.
#[derive(Default)]
pub(crate) struct Bundled {
    lane: Option<(u64, Arc<Lane>)>,
    frames: Vec<u8>,
    count: usize,
}

impl Bundled {
    /// Whether the answers being written are of this lane.
    pub(crate) fn is_at(&self, tag: u64) -> bool {
        self.lane.as_ref().is_some_and(|(at, _)| *at == tag)
    }

    /// Goes on with another lane; what was written for the one before is handed over.
    pub(crate) fn go_to(&mut self, tag: u64, lane: Arc<Lane>) {
        self.flush();
        self.lane = Some((tag, lane));
    }

    /// Writes the answer. Tells whether the lane is empty for good.
    pub(crate) fn add(&mut self, answered: &Answered<'_>) -> bool {
        let Some((_, lane)) = &self.lane else { return false };
        let (ticket, is_last) = lane.next();
        if let Some(ticket) = ticket {
            put_written(&mut self.frames, |out| answer(out, &ticket, answered.stamped.seq, answered.events));
            self.count += 1;
        }
        is_last
    }

    pub(crate) fn flush(&mut self) {
        if let Some((_, lane)) = self.lane.take()
            && self.count > 0
        {
            // A socket that is gone hears nothing more.
            lane.outbox.push_framed(&mut self.frames, self.count);
        }
        self.frames.clear();
        self.count = 0;
    }
}
