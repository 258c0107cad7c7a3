//! What happens, told to those who listen. One thread reads the journal's records in their order and tells orders
//! and trades, each user's to that user only; a timer tells books, tickers and portfolios, conflated. Nobody here
//! waits for a listener: one whose queue is full is let go with a reason.

mod book;
mod outbox;
mod poll;
mod private;
mod strategies;
mod tape;

pub(crate) use outbox::{Message, Outbox, Waiting};
pub(crate) use poll::poll;
pub(crate) use strategies::watch as watch_strategies;

use crate::config::Config;
use crate::desk::Desk;
use crate::names::Names;
use book::Books;
use model::{Event, InstrumentId, Stamped, UserId};
use node::{Client, Cursor, FileDisk, Node};
use private::Private;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use strategies::Strategies;

/// What can be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Channel {
    Orders,
    Trades,
    Portfolio,
    Ticker(InstrumentId),
    Tape(InstrumentId),
    Book(InstrumentId),
    /// Of a strategy.
    Signals(i64),
    Status(i64),
}

/// Who wants to hear a user's own channel.
pub(crate) struct Wish {
    pub(crate) user: UserId,
    pub(crate) channel: Channel,
    pub(crate) outbox: Arc<Outbox>,
    /// The last record that was heard, by who comes back.
    pub(crate) after: Option<u64>,
}

pub(crate) struct Feed {
    wishes: Mutex<Vec<Wish>>,
    goodbyes: Mutex<Vec<(UserId, Channel, Arc<Outbox>)>>,
    has_wishes: AtomicBool,
    tapes: Mutex<HashMap<InstrumentId, Vec<Arc<Outbox>>>>,
    tape_count: AtomicUsize,
    books: Mutex<Books>,
    strategies: Mutex<Strategies>,
    portfolios: Mutex<HashMap<UserId, Vec<Arc<Outbox>>>>,
    dirty: Mutex<Dirty>,
    kept_max: usize,
}

/// What has changed since the timer looked.
#[derive(Default)]
struct Dirty {
    instruments: BTreeSet<InstrumentId>,
    /// Something changed in a book, and what said so does not name it.
    some_book: bool,
    users: BTreeSet<UserId>,
}

impl Feed {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            wishes: Mutex::default(),
            goodbyes: Mutex::default(),
            has_wishes: AtomicBool::new(false),
            tapes: Mutex::default(),
            tape_count: AtomicUsize::new(0),
            books: Mutex::default(),
            strategies: Mutex::default(),
            portfolios: Mutex::default(),
            dirty: Mutex::default(),
            kept_max: config.kept_max,
        }
    }

    /// From now on, or from after a record; the first that comes is where it begins.
    pub(crate) fn listen(&self, wish: Wish) {
        if wish.channel == Channel::Portfolio {
            locked(&self.portfolios).entry(wish.user).or_default().push(Arc::clone(&wish.outbox));
            locked(&self.dirty).users.insert(wish.user);
        }
        locked(&self.wishes).push(wish);
        self.has_wishes.store(true, Ordering::Release);
    }

    pub(crate) fn listen_to_market(&self, channel: Channel, outbox: Arc<Outbox>) {
        match channel {
            Channel::Tape(instrument) => {
                locked(&self.tapes).entry(instrument).or_default().push(outbox);
                self.tape_count.fetch_add(1, Ordering::AcqRel);
            }
            Channel::Book(instrument) | Channel::Ticker(instrument) => {
                locked(&self.books).join(channel, outbox);
                locked(&self.dirty).instruments.insert(instrument);
            }
            Channel::Signals(_) | Channel::Status(_) => locked(&self.strategies).join(channel, outbox),
            Channel::Orders | Channel::Trades | Channel::Portfolio => {}
        }
    }

    /// The outbox hears no more of the channel.
    pub(crate) fn leave(&self, channel: Channel, user: Option<UserId>, outbox: &Arc<Outbox>) {
        let other = |one: &Arc<Outbox>| !Arc::ptr_eq(one, outbox);
        match channel {
            Channel::Tape(instrument) => {
                if let Some(listeners) = locked(&self.tapes).get_mut(&instrument) {
                    let before = listeners.len();
                    listeners.retain(other);
                    self.tape_count.fetch_sub(before - listeners.len(), Ordering::AcqRel);
                }
            }
            Channel::Book(_) | Channel::Ticker(_) => locked(&self.books).leave(channel, outbox),
            Channel::Signals(_) | Channel::Status(_) => locked(&self.strategies).leave(channel, outbox),
            Channel::Orders | Channel::Trades | Channel::Portfolio => {
                if let Some(user) = user {
                    if let Some(listeners) =
                        locked(&self.portfolios).get_mut(&user).filter(|_| channel == Channel::Portfolio)
                    {
                        listeners.retain(other);
                    }
                    locked(&self.goodbyes).push((user, channel, Arc::clone(outbox)));
                    self.has_wishes.store(true, Ordering::Release);
                }
            }
        }
    }

    fn has_tapes(&self) -> bool {
        self.tape_count.load(Ordering::Acquire) > 0
    }
}

/// What is behind the lock is whole even where a holder panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that reads the records after one; it ends with the node.
pub(crate) fn spawn(desk: &Arc<Desk>, node: &Node<FileDisk>, seq: u64) -> io::Result<JoinHandle<()>> {
    let (desk, cursor) = (Arc::clone(desk), node.subscribe(seq.saturating_add(1)));
    let client = node.connect().map_err(io::Error::other)?;
    Builder::new().name("feed".to_owned()).spawn(move || {
        let private = Private::new(desk.feed.kept_max);
        Reader { desk, client, cursor, private }.run();
    })
}

struct Reader {
    desk: Arc<Desk>,
    client: Client<FileDisk>,
    cursor: Cursor<FileDisk>,
    private: Private,
}

impl Reader {
    fn run(&mut self) {
        const PATIENCE: Duration = Duration::from_millis(20);
        loop {
            self.take_wishes();
            let seq = match self.drain() {
                Ok(seq) => seq,
                Err(error) => {
                    tracing::error!(cause = %error, "the feed cannot read the journal and has stopped");
                    return;
                }
            };
            self.desk.names.seen(seq);
            self.private.flush();
            if !self.cursor.wait(PATIENCE) && self.cursor.has_ended() {
                self.private.end();
                return;
            }
        }
    }

    /// Reads what is there, up to a bound, and gives the last record's number.
    fn drain(&mut self) -> node::Result<u64> {
        const AT_ONCE: usize = 4096;
        let Self { desk, cursor, private, .. } = self;
        let mut dirty = Dirty::default();
        for _ in 0..AT_ONCE {
            if cursor.see(|stamped, events| hear(desk, private, &mut dirty, stamped, events))?.is_none() {
                break;
            }
        }
        let mut all = locked(&desk.feed.dirty);
        all.instruments.append(&mut dirty.instruments);
        all.users.append(&mut dirty.users);
        all.some_book |= dirty.some_book;
        Ok(cursor.next_seq().saturating_sub(1))
    }

    fn take_wishes(&mut self) {
        if self.desk.feed.has_wishes.swap(false, Ordering::AcqRel) {
            let wishes = std::mem::take(&mut *locked(&self.desk.feed.wishes));
            for wish in wishes {
                self.private.join(wish, &self.client, &self.desk.names.now());
            }
            for (user, channel, outbox) in std::mem::take(&mut *locked(&self.desk.feed.goodbyes)) {
                self.private.leave(user, channel, &outbox);
            }
        }
    }
}

fn hear(desk: &Desk, private: &mut Private, dirty: &mut Dirty, stamped: &Stamped, events: &[Event]) {
    let names: &Names = &desk.names;
    names.learn(events);
    let tapes = desk.feed.has_tapes();
    for event in events {
        match instrument_of(event) {
            Some(instrument) => {
                dirty.instruments.insert(instrument);
            }
            None => dirty.some_book |= moves_a_book(event),
        }
        if tapes {
            tape::tell(&desk.feed, names, stamped, event);
        }
    }
    if private.has_listeners() {
        private.hear(names, stamped, events, &mut dirty.users);
    }
}

fn instrument_of(event: &Event) -> Option<InstrumentId> {
    match event {
        Event::OrderAccepted(accepted) => Some(accepted.instrument),
        Event::Traded(traded) => Some(traded.instrument),
        Event::OutsideTraded(traded) => Some(traded.instrument),
        Event::Quoted(quote) => Some(quote.instrument),
        Event::Printed(print) => Some(print.instrument),
        Event::Marked(mark) => Some(mark.instrument),
        Event::InstrumentStateChanged { instrument, .. }
        | Event::AuctionIndicated { instrument, .. }
        | Event::AuctionUncrossed { instrument, .. } => Some(*instrument),
        _ => None,
    }
}

fn moves_a_book(event: &Event) -> bool {
    matches!(
        event,
        Event::OrderRested { .. }
            | Event::OrderModified { .. }
            | Event::OrderCancelled { .. }
            | Event::OrderExpired { .. }
            | Event::OrderReplenished { .. }
    )
}
