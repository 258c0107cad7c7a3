//! What the threads of a node share: the door with the inbox behind it, the place where the open batch
//! changes hands, the bells, and the end. Every lock here is held for a few stores, never over a sync or an
//! `apply`. Absent: any decision about a command.

use crate::bell::Bell;
use crate::core::count;
use crate::durable::HeldMark;
use crate::feed::Feed;
use crate::gate::Gate;
use crate::inbox::{Inbox, Request, Taken};
use crate::mailbox::Clients;
use crate::market::{MarketData, Passed};
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::sequencer::Open;
use crate::{ClientId, Config, Refused};
use journal::Disk;
use model::Command;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub(crate) struct Shared<D: Disk> {
    door: Mutex<Door>,
    handover: Mutex<Handover>,
    pub engine_bell: Bell,
    pub disk_bell: Bell,
    pub prepare_bell: Bell,
    pub shadow_bell: Bell,
    pub statistics_bell: Bell,
    /// Everything is drained or given up: the threads that only accompany may end.
    pub ending: AtomicBool,
    pub gate: Arc<Gate>,
    pub held: Arc<HeldMark>,
    pub feed: Arc<Feed<D>>,
    pub clients: Clients,
    pub metrics: Arc<Metrics>,
    pub in_flight_max: usize,
    pub pace: Pace,
}

struct Door {
    inbox: Inbox,
    closed: bool,
}

#[derive(Default)]
struct Handover {
    /// Grows here until the disk is free.
    open: Option<Box<Open>>,
    spare: Option<Box<Open>>,
    /// The engine will bring no more.
    closed: bool,
}

/// What the disk's thread finds.
pub(crate) enum Next {
    Batch(Box<Open>),
    Nothing,
    End,
}

impl<D: Disk> Shared<D> {
    pub fn new(
        config: &Config,
        gate: Arc<Gate>,
        held: Arc<HeldMark>,
        feed: Arc<Feed<D>>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            door: Mutex::new(Door { inbox: Inbox::new(config), closed: false }),
            handover: Mutex::default(),
            engine_bell: Bell::default(),
            disk_bell: Bell::default(),
            prepare_bell: Bell::default(),
            shadow_bell: Bell::default(),
            statistics_bell: Bell::default(),
            ending: AtomicBool::new(false),
            gate,
            held,
            feed,
            clients: Clients::new(config.clients_max),
            metrics,
            in_flight_max: config.in_flight_max,
            pace: Pace::new(config.batch_commands_max.max(1), config.batch_patience),
        }
    }

    /// Puts one request in.
    #[inline]
    pub fn submit(&self, request: Request) -> Result<(), Refused> {
        let outcome = self.enter(&mut self.door(), request);
        match outcome {
            Ok(()) => self.engine_bell.ring(),
            Err(ref refused) => count(&self.metrics, refused),
        }
        outcome
    }

    /// Puts commands in under one lock, from the front, until one is refused. Answers how many went in, and why
    /// it stopped before `max`.
    pub fn submit_each(
        &self,
        max: usize,
        client: ClientId,
        commands: &mut VecDeque<(u64, Command)>,
    ) -> (usize, Option<Refused>) {
        let (mut done, mut door) = (0, self.door());
        let mut refused = self.check(&door).err();
        while refused.is_none() && done < max {
            refused = match commands.front() {
                None => break,
                Some(_) if door.inbox.room() == 0 => Some(Refused::Busy),
                Some((_, command)) => self.gate.check(command).err(),
            };
            if refused.is_none()
                && let Some((tag, command)) = commands.pop_front()
            {
                refused = door.inbox.push(Request::Command { client, tag, command }).err();
                done += 1;
            }
        }
        drop(door);
        if done > 0 {
            self.engine_bell.ring();
        }
        if let Some(refused) = &refused {
            count(&self.metrics, refused);
        }
        (done, refused)
    }

    pub fn submit_market(&self, data: MarketData) -> Result<Passed, Refused> {
        let mut door = self.door();
        let checked = self.check(&door).and_then(|()| self.gate.check(&data.into_command()));
        let passed = checked.and_then(|()| door.inbox.push_market(data, &self.metrics));
        drop(door);
        self.engine_bell.ring();
        passed.inspect_err(|refused| count(&self.metrics, refused))
    }

    #[inline]
    fn enter(&self, door: &mut Door, request: Request) -> Result<(), Refused> {
        self.check(door)?;
        match &request {
            Request::Command { command, .. } => self.gate.check(command)?,
            Request::Query(_) => self.gate.check_query()?,
        }
        door.inbox.push(request)
    }

    fn check(&self, door: &Door) -> Result<(), Refused> {
        if door.closed { Err(self.gate.refusal()) } else { Ok(()) }
    }

    /// Takes what cannot wait for what was taken before.
    pub fn take_urgent(&self, taken: &mut Taken) {
        self.door().inbox.swap_urgent(taken);
    }

    /// Takes everything that waits. Answers how much it was.
    pub fn take_inbox(&self, taken: &mut Taken) -> usize {
        self.door().inbox.swap(taken)
    }

    pub fn has_urgent(&self) -> bool {
        self.door().inbox.has_urgent()
    }

    pub fn has_requests(&self) -> bool {
        self.door().inbox.len() > 0
    }

    pub fn has_arrived(&self) -> bool {
        let door = self.door();
        door.inbox.len() > 0 || door.closed
    }

    pub fn is_closed(&self) -> bool {
        self.door().closed
    }

    /// No one comes in any more; what is inside is still worked through.
    pub fn close_door(&self) {
        self.door().closed = true;
        self.engine_bell.ring();
    }

    /// The open batch, to add to it.
    pub fn take_open(&self) -> Box<Open> {
        let mut handover = self.handover();
        handover.open.take().or_else(|| handover.spare.take()).unwrap_or_default()
    }

    /// The open batch, for the disk to take when it is free.
    pub fn put_open(&self, open: Box<Open>) {
        let mut handover = self.handover();
        if self.gate.is_stopped() {
            // Dropped here, so that no query waits in it for ever.
            return;
        }
        let grew = !open.is_empty();
        let place = if grew { &mut handover.open } else { &mut handover.spare };
        *place = Some(open);
        drop(handover);
        if grew {
            self.disk_bell.ring();
        }
    }

    pub fn put_spare(&self, open: Open) {
        self.handover().spare.get_or_insert_with(|| Box::new(open));
    }

    pub fn needs_spare(&self) -> bool {
        self.handover().spare.is_none()
    }

    /// What the disk should write next.
    pub fn take_next(&self) -> Next {
        let mut handover = self.handover();
        match handover.open.take() {
            Some(open) => Next::Batch(open),
            None if handover.closed => Next::End,
            None => Next::Nothing,
        }
    }

    pub fn is_taken(&self) -> bool {
        self.handover().open.is_none()
    }

    pub fn has_next(&self) -> bool {
        let handover = self.handover();
        handover.open.is_some() || handover.closed
    }

    pub fn close_handover(&self) {
        self.handover().closed = true;
        self.disk_bell.ring();
    }

    /// Ends everything at once: who waits is told, and nothing that is not durable is ever answered.
    pub fn fail(&self, cause: &str) {
        self.gate.stop(cause);
        self.close_door();
        let mut dropped = Taken::default();
        self.take_inbox(&mut dropped);
        let open = self.handover().open.take();
        self.close_handover();
        drop((dropped, open));
        self.feed.end();
        self.clients.close();
        self.engine_bell.ring();
    }

    /// Lets the threads that only accompany end.
    pub fn end(&self) {
        self.ending.store(true, Ordering::Release);
        self.prepare_bell.ring();
        self.shadow_bell.ring();
        self.statistics_bell.ring();
    }

    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handover(&self) -> MutexGuard<'_, Handover> {
        self.handover.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the node if the thread that holds this panics.
pub(crate) struct Watch<'a, D: Disk>(pub &'a Shared<D>);

impl<D: Disk> Drop for Watch<'_, D> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail("a thread of the node ended by a bug");
        }
    }
}
