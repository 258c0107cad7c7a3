//! The names that all connections speak with, learnt in the order of the journal: who is told of a record has
//! the names of every record before it. At the start the engine says who there is, and the newest records
//! which orders; an order that is older than those is called by its number.

use anyhow::Result;
use engine::Engine;
use journal::{FileDisk, JournalError};
use model::line::{
    Answer, Line, LineError, OrderNames, Query, parse, render_answer, render_event, render_history,
    render_what_if,
};
use model::{
    AccountId, AssetId, BookId, Directory, Event, InstrumentId, NewOrder, Stamped, Step, UserId, VenueId,
    WhatIf,
};
use node::{Cursor, Node, NodeError};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many orders have names.
const ORDERS_MAX: usize = 1 << 18;

pub struct Names(Mutex<Known>);

struct Known {
    directory: Directory,
    orders: OrderNames,
    cursor: Cursor<FileDisk>,
    /// A record could not be read for its names; from there on names come from what passes here.
    lost: bool,
}

impl Names {
    pub fn learn(node: &Node<FileDisk>, last_seq: u64) -> Result<Self> {
        let mut directory = Directory::default();
        let defining = node.connect()?.query(defining)?;
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

    pub fn parse(&self, line: &str) -> Result<Option<Line>, LineError> {
        let known = self.known();
        parse(line, &known.directory, &known.orders)
    }

    /// What came of a durable command, a line an event.
    pub fn events(&self, stamped: &Stamped, events: &[Event], out: &mut Vec<u8>) {
        let mut known = self.known();
        known.catch_up(stamped, events);
        let Known { directory, orders, .. } = &mut *known;
        // What the command is about; its own orders are known by now.
        orders.hear(&stamped.command);
        for event in events {
            out.extend_from_slice(render_event(event, directory, orders).as_bytes());
            out.push(b'\n');
        }
    }

    pub fn answer(&self, query: &Query, answer: &Answer, out: &mut Vec<u8>) {
        let known = self.known();
        for line in render_answer(query, answer, &known.directory, &known.orders) {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }

    pub fn history(&self, steps: &[Step], out: &mut Vec<u8>) {
        let mut known = self.known();
        let Known { directory, orders, .. } = &mut *known;
        for line in render_history(steps, directory, orders) {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }

    pub fn what_if(&self, order: &NewOrder, answer: &WhatIf, out: &mut Vec<u8>) {
        let known = self.known();
        for line in render_what_if(order, answer, &known.directory, &known.orders) {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Learns every record up to this one. Where the journal cannot be read, names come from what passes here.
    fn catch_up(&mut self, stamped: &Stamped, events: &[Event]) {
        if self.lost || self.follow(stamped.seq).is_err() {
            self.lost = true;
            self.hear(stamped, events);
        }
    }

    fn follow(&mut self, up_to: u64) -> node::Result<()> {
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
