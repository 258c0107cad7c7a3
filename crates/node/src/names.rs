//! The names that people speak with, learnt in the order of the journal: who is told of a record has the names
//! of every record before it. At the start the engine says who there is, and the newest records which orders;
//! an order that is older than those is called by its number.

use crate::{Cursor, Node, NodeError, Result};
use engine::Engine;
use journal::{Disk, JournalError};
use model::line::{
    Answer, Line, LineError, OrderNames, Query, parse, render_answer, render_event, render_history,
    render_what_if,
};
use model::{
    AccountId, AssetId, BookId, Directory, Event, InstrumentId, NewOrder, Stamped, Step, UserId, VenueId,
    WhatIf,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many orders have names.
const ORDERS_MAX: usize = 1 << 18;

pub struct Names<D: Disk>(Mutex<Known<D>>);

struct Known<D: Disk> {
    directory: Directory,
    orders: OrderNames,
    cursor: Cursor<D>,
    /// A record could not be read for its names; from there on names come from what passes here.
    lost: bool,
}

impl<D: Disk> Names<D> {
    /// Learns the names that there are, up to a durable record.
    pub fn learn(node: &Node<D>, last_seq: u64) -> Result<Self> {
        let mut directory = Directory::default();
        let defining = node.connect()?.query(defining).map_err(NodeError::stopped)?;
        defining.iter().for_each(|event| directory.learn(event));
        let from = last_seq.saturating_sub(ORDERS_MAX as u64).saturating_add(1);
        let (orders, cursor) = (OrderNames::new(ORDERS_MAX), node.subscribe(from));
        let mut known = Known { directory, orders, cursor, lost: false };
        match known.follow(last_seq) {
            // Older segments were retired.
            Err(NodeError::Journal(JournalError::MissingStart { first_seq, .. })) => {
                known.cursor = node.subscribe(first_seq);
                known.follow(last_seq)?;
            }
            other => other?,
        }
        Ok(Self(Mutex::new(known)))
    }

    /// Reads a line with the names of all that is durable, whichever door it came in by.
    pub fn parse(&self, line: &str) -> std::result::Result<Option<Line>, LineError> {
        self.known().learn_all();
        self.look(|directory, orders| parse(line, directory, orders))
    }

    /// What came of a durable command, a line an event.
    #[must_use]
    pub fn events(&self, stamped: &Stamped, events: &[Event]) -> Vec<String> {
        let mut known = self.known();
        known.catch_up(stamped, events);
        let Known { directory, orders, .. } = &mut *known;
        // What the command is about; its own orders are known by now.
        orders.hear(&stamped.command);
        events.iter().map(|event| render_event(event, directory, orders)).collect()
    }

    #[must_use]
    pub fn answer(&self, query: &Query, answer: &Answer) -> Vec<String> {
        self.look(|directory, orders| render_answer(query, answer, directory, orders))
    }

    #[must_use]
    pub fn history(&self, steps: &[Step]) -> Vec<String> {
        let mut known = self.known();
        let Known { directory, orders, .. } = &mut *known;
        render_history(steps, directory, orders)
    }

    /// Looks names up; nothing else can happen to them meanwhile.
    pub fn look<T>(&self, look: impl FnOnce(&Directory, &OrderNames) -> T) -> T {
        let known = self.known();
        look(&known.directory, &known.orders)
    }

    /// Learns every record up to this one, whose events the caller has.
    pub fn catch_up(&self, stamped: &Stamped, events: &[Event]) {
        self.known().catch_up(stamped, events);
    }

    #[must_use]
    pub fn what_if(&self, order: &NewOrder, answer: &WhatIf) -> Vec<String> {
        self.look(|directory, orders| render_what_if(order, answer, directory, orders))
    }

    fn known(&self) -> MutexGuard<'_, Known<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Disk> Known<D> {
    /// Where the journal cannot be read, names come from what passes here.
    fn catch_up(&mut self, stamped: &Stamped, events: &[Event]) {
        if self.lost || self.follow(stamped.seq).is_err() {
            self.lost = true;
            self.hear(stamped, events);
        }
    }

    fn learn_all(&mut self) {
        if !self.lost && self.follow(u64::MAX).is_err() {
            self.lost = true;
        }
    }

    fn follow(&mut self, up_to: u64) -> Result<()> {
        while self.cursor.next_seq() <= up_to {
            let Some(record) = self.cursor.try_next()? else { break };
            self.hear(&record.stamped, &record.events);
        }
        Ok(())
    }

    fn hear(&mut self, stamped: &Stamped, events: &[Event]) {
        self.orders.hear(&stamped.command);
        for event in events {
            self.directory.learn(event);
            self.orders.learn(event);
        }
    }
}

/// Who and what there is, as the events that would have said so.
#[must_use]
pub fn defining(engine: &Engine) -> Vec<Event> {
    let mut events = Vec::new();
    let assets = (0..).map(AssetId).zip(engine.assets());
    events.extend(assets.map(|(asset, code)| Event::AssetDefined { asset, code: *code }));
    let listings = (0..).map(InstrumentId).zip(engine.instruments());
    events.extend(listings.map(|(instrument, listing)| Event::InstrumentListed {
        instrument,
        listing: Box::new(listing.clone()),
    }));
    let venues = (0..).map(VenueId).zip(engine.venues()).skip(1);
    events.extend(venues.map(|(venue, of)| Event::VenueDefined { venue, of: Box::new(*of) }));
    let users = (0..).map(UserId).zip(engine.users());
    events.extend(users.map(|(user, name)| Event::UserAdded { user, name: *name }));
    let accounts = (0..).map(AccountId).zip(engine.accounts());
    events.extend(accounts.map(|(account, opened)| Event::AccountOpened {
        account,
        user: opened.user,
        name: opened.name,
        mode: opened.mode,
        kind: opened.kind,
        main: opened.main,
    }));
    let books = (0..).map(BookId).zip(engine.books());
    events.extend(books.map(|(book, of)| Event::BookOpened { account: of.account, book, name: of.name }));
    events
}
