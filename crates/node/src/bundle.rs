//! What one sync carries, as values: stamped commands, the events each made, and who asked for it. Built by
//! the sequencer, shared read-only after the sync, recycled when the last reader lets go. A caller's replies
//! are linked through the bundle, so a release touches each client once and no command at all.

use model::{Event, Stamped, Time};
use std::fmt;

/// Who asked. The slot is small and dense; the generation tells a slot's later users apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId {
    pub slot: u32,
    pub generation: u32,
}

impl ClientId {
    /// The node itself: timers and market data, which nobody waits for.
    pub const NOBODY: Self = Self { slot: u32::MAX, generation: u32::MAX };

    #[must_use]
    pub fn new(slot: u32) -> Self {
        Self { slot, generation: 0 }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}

/// The end of a chain of replies.
const END: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    client: ClientId,
    tag: u64,
    /// Where this command's events end; they start where those before it end.
    events_end: u32,
    /// The same client's next command.
    next: u32,
}

/// One client's part of a bundle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub client: ClientId,
    pub first: u32,
    last: u32,
    pub count: u32,
}

#[derive(Debug, Default)]
pub struct Bundle {
    commands: Vec<Stamped>,
    events: Vec<Event>,
    entries: Vec<Entry>,
    shares: Vec<Share>,
    /// By slot: where the client's share is, if that share is the client's.
    places: Vec<u32>,
}

/// One command of a bundle with what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    pub client: ClientId,
    pub tag: u64,
    pub stamped: &'a Stamped,
    pub events: &'a [Event],
}

impl Bundle {
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Of the first command; 0 if there is none.
    #[must_use]
    pub fn first_seq(&self) -> u64 {
        self.commands.first().map_or(0, |stamped| stamped.seq)
    }

    /// Of the last command; 0 if there is none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.commands.last().map_or(0, |stamped| stamped.seq)
    }

    #[must_use]
    pub fn last_time(&self) -> Option<Time> {
        self.commands.last().map(|stamped| stamped.time)
    }

    #[must_use]
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    #[must_use]
    pub fn get(&self, at: usize) -> Option<Answered<'_>> {
        let (stamped, entry) = (self.commands.get(at)?, self.entries.get(at)?);
        let start = at.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = start.map_or(0, |entry| entry.events_end as usize);
        let events = self.events.get(start..entry.events_end as usize)?;
        Some(Answered { client: entry.client, tag: entry.tag, stamped, events })
    }

    /// Every command in order.
    pub fn iter(&self) -> impl Iterator<Item = Answered<'_>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// The command, where the record has this number.
    #[must_use]
    pub fn find(&self, seq: u64) -> Option<Answered<'_>> {
        let at = seq.checked_sub(self.first_seq())?;
        self.get(usize::try_from(at).ok()?)
    }

    pub(crate) fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// The same client's next command.
    #[inline]
    pub(crate) fn next_of(&self, at: u32) -> Option<u32> {
        self.entries.get(at as usize).map(|entry| entry.next).filter(|next| *next != END)
    }

    /// Takes a stamped command in and hands back room for its events.
    #[inline]
    pub(crate) fn push(
        &mut self,
        client: ClientId,
        tag: u64,
        stamped: Stamped,
    ) -> (&Stamped, &mut Vec<Event>) {
        self.link(client);
        self.entries.push(Entry { client, tag, events_end: 0, next: END });
        self.commands.push(stamped);
        let stamped = self.commands.last().expect("invariant: it was pushed above");
        (stamped, &mut self.events)
    }

    /// Closes the last command: what came since the one before is its events.
    #[inline]
    pub(crate) fn close(&mut self) {
        let end = u32::try_from(self.events.len());
        let entry = self.entries.last_mut().expect("invariant: close follows push");
        entry.events_end = end.expect("invariant: a batch is bounded far below 2^32 events");
    }

    pub(crate) fn clear(&mut self) {
        self.commands.clear();
        self.events.clear();
        self.entries.clear();
        self.shares.clear();
    }

    #[inline]
    fn link(&mut self, client: ClientId) {
        if client == ClientId::NOBODY {
            return;
        }
        let at = u32::try_from(self.entries.len()).unwrap_or(END);
        let slot = client.slot as usize;
        if let Some(place) = self.places.get(slot)
            && let Some(share) = self.shares.get_mut(*place as usize)
            && share.client == client
        {
            if let Some(before) = self.entries.get_mut(share.last as usize) {
                before.next = at;
            }
            share.last = at;
            share.count += 1;
            return;
        }
        if self.places.len() <= slot {
            self.places.resize(slot + 1, 0);
        }
        if let Some(place) = self.places.get_mut(slot) {
            *place = u32::try_from(self.shares.len()).unwrap_or(END);
        }
        self.shares.push(Share { client, first: at, last: at, count: 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::{Bundle, ClientId};
    use model::{Command, Event, Stamped, Time};

    fn push(bundle: &mut Bundle, seq: u64, client: ClientId, events: usize) {
        let stamped = Stamped { seq, time: Time(0), command: Command::AdvanceTime };
        let (_, room) = bundle.push(client, seq * 10, stamped);
        room.extend(std::iter::repeat_n(Event::TimeAdvanced, events));
        bundle.close();
    }

    #[test]
    fn each_client_finds_its_own() {
        let mut bundle = Bundle::default();
        let other_user_of_3 = ClientId { slot: 3, generation: 1 };
        for round in 0..3 {
            let of =
                [ClientId::new(3), ClientId::new(0), ClientId::NOBODY, ClientId::new(3), other_user_of_3];
            for (at, client) in (0u32..).zip(of) {
                push(&mut bundle, u64::from(100 * round + at) + 7, client, at as usize + 1);
            }
            let shares: Vec<_> = bundle.shares().iter().map(|s| (s.client, s.first, s.count)).collect();
            assert_eq!(shares, [(of[0], 0, 2), (of[1], 1, 1), (of[4], 4, 1)]);
            assert_eq!((bundle.next_of(0), bundle.next_of(3)), (Some(3), None));
            let first = bundle.first_seq();
            assert_eq!(
                bundle.find(first + 3).map(|found| (found.tag, found.events.len())),
                Some(((first + 3) * 10, 4))
            );
            assert_eq!(bundle.iter().map(|found| found.events.len()).sum::<usize>(), bundle.event_count());
            bundle.clear();
        }
    }
}
