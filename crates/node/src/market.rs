//! Market data on its way in. While the engine keeps up, everything is passed on in order. When it does not,
//! a quote or a mark replaces the one of the same instrument and venue that still waits, and a print for
//! which there is no room is dropped; both are counted. Orders never pass through here. Absent: replies.

use model::{Command, InstrumentId, Mark, Print, Quote, VenueId};
use std::collections::{HashMap, VecDeque};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketData {
    Quote(Quote),
    Print(Print),
    Mark(Mark),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Quote(InstrumentId, VenueId),
    Mark(InstrumentId),
}

/// What became of a piece of market data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    Queued,
    /// It took the place of an older one.
    Replaced,
    /// A print under load.
    Dropped,
    /// More instruments than there is room for.
    Refused,
}

#[derive(Debug)]
pub(crate) struct Market {
    waiting: VecDeque<MarketData>,
    /// Where the newest of each key waits, counted from the first that ever waited here.
    places: HashMap<Key, u64>,
    /// The number of the front.
    front: u64,
    max: usize,
}

impl MarketData {
    pub(crate) fn into_command(self) -> Command {
        match self {
            Self::Quote(quote) => Command::Quote(quote),
            Self::Print(print) => Command::Print(print),
            Self::Mark(mark) => Command::Mark(mark),
        }
    }

    fn key(&self) -> Option<Key> {
        match self {
            Self::Quote(quote) => Some(Key::Quote(quote.instrument, quote.venue)),
            Self::Mark(mark) => Some(Key::Mark(mark.instrument)),
            Self::Print(_) => None,
        }
    }
}

impl Market {
    pub fn new(max: usize) -> Self {
        Self { waiting: VecDeque::new(), places: HashMap::new(), front: 0, max }
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn push(&mut self, data: MarketData, congested: bool) -> Passed {
        let full = self.waiting.len() >= self.max;
        let Some(key) = data.key() else {
            if full {
                return Passed::Dropped;
            }
            self.waiting.push_back(data);
            return Passed::Queued;
        };
        if congested || full {
            let place = self.places.get(&key).and_then(|place| place.checked_sub(self.front));
            let place = place.and_then(|place| usize::try_from(place).ok());
            if let Some(older) = place.and_then(|place| self.waiting.get_mut(place)) {
                *older = data;
                return Passed::Replaced;
            }
            if full {
                return Passed::Refused;
            }
        }
        self.places.insert(key, self.front + self.waiting.len() as u64);
        self.waiting.push_back(data);
        Passed::Queued
    }

    /// Gives everything that waits for an empty queue.
    pub fn swap(&mut self, into: &mut VecDeque<MarketData>) {
        self.front += self.waiting.len() as u64;
        // An old place lies before the front and says nothing any more; the keys save building the map again.
        if self.places.len() > self.max {
            self.places.clear();
        }
        std::mem::swap(&mut self.waiting, into);
    }
}

#[cfg(test)]
mod tests {
    use super::{Market, MarketData, Passed};
    use model::{InstrumentId, Mark, Price, Print, Qty, VenueId};
    use std::collections::VecDeque;

    fn mark(instrument: u32, price: i64) -> MarketData {
        MarketData::Mark(Mark { instrument: InstrumentId(instrument), price: Price(price) })
    }

    fn print(price: i64) -> MarketData {
        let (instrument, venue) = (InstrumentId(0), VenueId(1));
        MarketData::Print(Print { instrument, venue, price: Price(price), qty: Qty(1) })
    }

    #[test]
    fn the_newest_replaces_what_waits_under_load_only() {
        let (mut market, mut out) = (Market::new(4), VecDeque::new());
        assert_eq!(market.push(mark(0, 1), false), Passed::Queued);
        assert_eq!(market.push(mark(0, 2), false), Passed::Queued);
        assert_eq!(market.push(mark(0, 3), true), Passed::Replaced);
        assert_eq!(market.push(mark(1, 4), true), Passed::Queued);
        assert_eq!(market.push(print(5), true), Passed::Queued);
        assert_eq!(market.push(print(6), true), Passed::Dropped);
        assert_eq!(market.push(mark(2, 7), true), Passed::Refused);
        assert_eq!(market.push(mark(1, 8), false), Passed::Replaced);
        market.swap(&mut out);
        assert_eq!(out, [mark(0, 1), mark(0, 3), mark(1, 8), print(5)]);
        out.clear();
        assert_eq!(market.push(mark(0, 9), true), Passed::Queued, "what is gone is not replaced");
        assert_eq!(market.len(), 1);
    }
}
