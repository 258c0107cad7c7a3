//! The memory that makes retries harmless: which client order ids (and transfer references) an account has used,
//! for which body, and what the first answer was. Kept while the order lives and for a day after it ends.
//! An id is known by 128 bits of hash; the text itself stays with the open order.

use crate::index::{Index, halves, mix, place};
use crate::slab::{Queue, Slab};
use model::{AccountId, Bound, ClientOrderId, NANOS_PER_SECOND, OrderId, OrderStatus, Reject, Time};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

pub(crate) const NO_CLIENT: u32 = u32::MAX;
const RETENTION_NS: i64 = 24 * 3600 * NANOS_PER_SECOND;
const IDS_MAX: u32 = 1 << 26;
/// At most so many are forgotten in one command, so that none pays for a night's worth.
const FORGOTTEN_AT_ONCE: usize = 64;

/// An account's id. The account stands beside the hash, not in its seed: seeds and short texts collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    text: (u64, u64),
    account: AccountId,
}

impl Key {
    #[inline(always)]
    pub(crate) fn of(account: AccountId, id: &ClientOrderId) -> Self {
        Self { text: halves(xxh3_128(id.as_bytes())), account }
    }

    /// Of a transfer's reference, which is a name apart from those of orders.
    pub(crate) fn of_transfer(account: AccountId, reference: &ClientOrderId) -> Self {
        let Self { text: (high, low), account } = Self::of(account, reference);
        Self { text: (!high, !low), account }
    }

    #[inline]
    fn hash(&self) -> u64 {
        mix(self.text.0 ^ self.text.1, u64::from(self.account.0))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Order(OrderId),
    Rejected(Box<Reject>),
    Transferred,
    /// The entry is free.
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    key: Key,
    /// Hash of the body that came with the id.
    pub(crate) body: u64,
    pub(crate) answer: Answer,
    /// While the order lives: the end of time.
    ended: Time,
    pub(crate) status: OrderStatus,
}

/// The part that a snapshot holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Remembered {
    entries: Slab<Entry>,
    free: Slab<u32>,
    ended: Queue<u32>,
    pub(crate) retention_ns: i64,
    pub(crate) ids_max: u32,
}

#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) kept: Remembered,
    index: Index,
}

impl Clients {
    pub(crate) fn new() -> Self {
        Self::from(Remembered {
            entries: Slab::new(),
            free: Slab::new(),
            ended: Queue::new(),
            retention_ns: RETENTION_NS,
            ids_max: IDS_MAX,
        })
    }

    pub(crate) fn from(kept: Remembered) -> Self {
        let mut index = Index::new();
        let used = (0u32..).zip(kept.entries.iter()).filter(|(_, entry)| entry.answer != Answer::Nothing);
        used.for_each(|(at, entry)| index.insert(entry.key.hash(), at));
        Self { kept, index }
    }

    /// The entry under a key, unless its time is over.
    /// One whose time is over is forgotten, so that the id can be used again.
    #[inline]
    pub(crate) fn find(&mut self, key: Key, now: Time) -> Option<u32> {
        let at = self.look_up(key)?;
        if self.is_over(at, now) {
            self.forget(now, usize::MAX);
            return None;
        }
        Some(at)
    }

    /// The same, for those who only look.
    #[inline]
    pub(crate) fn find_now(&self, key: Key, now: Time) -> Option<u32> {
        self.look_up(key).filter(|&at| !self.is_over(at, now))
    }

    #[inline]
    fn is_over(&self, at: u32, now: Time) -> bool {
        let over = |entry: &Entry| {
            entry.ended != Time::MAX && entry.ended.saturating_add_ns(self.kept.retention_ns) <= now
        };
        self.entry(at).is_some_and(over)
    }

    #[inline]
    fn look_up(&self, key: Key) -> Option<u32> {
        self.index.find(key.hash(), |at| self.entry(at).is_some_and(|entry| entry.key == key))
    }

    #[inline]
    pub(crate) fn entry(&self, at: u32) -> Option<&Entry> {
        self.kept.entries.get(at as usize)
    }

    pub(crate) fn check_room(&self) -> Result<(), Reject> {
        let used = self.kept.entries.len().saturating_sub(self.kept.free.len());
        let full = used >= self.kept.ids_max as usize;
        if full { Err(Reject::BoundReached { what: Bound::ClientIds }) } else { Ok(()) }
    }

    /// Remembers a first answer.
    #[inline]
    pub(crate) fn remember(&mut self, key: Key, body: u64, answer: Answer) -> u32 {
        let entry = Entry { key, body, answer, ended: Time::MAX, status: OrderStatus::Accepted };
        let at = match self.kept.free.pop() {
            Some(at) => {
                if let Some(place) = self.kept.entries.get_mut(at as usize) {
                    *place = entry;
                }
                at
            }
            None => {
                self.kept.entries.push(entry);
                place(self.kept.entries.len()).wrapping_sub(1)
            }
        };
        self.index.insert(key.hash(), at);
        at
    }

    /// The order behind the entry has ended; from now its time runs.
    #[inline]
    pub(crate) fn end(&mut self, at: u32, status: OrderStatus, now: Time) {
        if let Some(entry) = self.kept.entries.get_mut(at as usize) {
            entry.ended = now;
            entry.status = status;
            self.kept.ended.push_back(at);
        }
    }

    /// Makes room for `count` ids at once, and has the system hand the memory over now.
    pub(crate) fn reserve(&mut self, count: usize) {
        let key = Key { text: (0, 0), account: AccountId(0) };
        let (answer, status) = (Answer::Nothing, OrderStatus::Rejected);
        let blank = Entry { key, body: 0, answer, ended: Time::MAX, status };
        self.kept.entries.reserve(count, &blank);
        self.index.reserve(count);
    }

    /// When the next of them is forgotten, if nothing else happens.
    pub(crate) fn next_forgotten(&self) -> Time {
        let first = self.kept.ended.front().and_then(|at| self.entry(at));
        first.map_or(Time::MAX, |entry| entry.ended.saturating_add_ns(self.kept.retention_ns))
    }

    /// Forgets what ended long enough ago, a little at a time.
    #[inline]
    pub(crate) fn forget_some(&mut self, now: Time) {
        self.forget(now, FORGOTTEN_AT_ONCE);
    }

    /// From now on they are remembered for so long. Those whose time was over are forgotten first: a longer memory
    /// brings nothing back.
    pub(crate) fn set_retention(&mut self, ns: i64, now: Time) {
        self.forget(now, usize::MAX);
        self.kept.retention_ns = ns;
    }

    #[inline]
    fn forget(&mut self, now: Time, at_most: usize) {
        for _ in 0..at_most {
            let Some(at) = self.kept.ended.front() else { return };
            let Some(entry) = self.kept.entries.get_mut(at as usize) else { return };
            if entry.ended.saturating_add_ns(self.kept.retention_ns) > now {
                return;
            }
            entry.answer = Answer::Nothing;
            let hash = entry.key.hash();
            self.index.remove(hash, at);
            self.kept.ended.pop_front();
            self.kept.free.push(at);
        }
    }

    #[inline]
    pub(crate) fn prefetch(&self, key: Key) {
        self.index.prefetch(key.hash());
    }

    #[inline]
    pub(crate) fn prefetch_entry(&self, at: u32) {
        self.kept.entries.prefetch(at as usize);
    }
}
