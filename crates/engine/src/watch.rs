//! Prices that orders wait for. An instrument keeps what waits for each of its signals to rise or to fall so
//! far, nearest first and oldest first among equals. Only who waits and for what: what reaching it means is
//! the order's own business. Rebuilt from the orders, so never in a snapshot.

use model::Price;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Signal {
    Last,
    /// The last trade, which has to be there twice in a row: waiting for the first, and for the second.
    Twice,
    Again,
    Bid,
    Ask,
    Mid,
    Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Toward {
    /// At the price or above it.
    Rise,
    /// At the price or below it.
    Fall,
}

/// What happens when the price is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Fire,
    /// A trailing stop follows.
    Follow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub(crate) signal: Signal,
    pub(crate) toward: Toward,
    /// The price, counted so that less is nearer.
    rank: i64,
    /// The order's id.
    pub(crate) order: u64,
    pub(crate) purpose: Purpose,
}

impl Watch {
    pub(crate) fn new(signal: Signal, toward: Toward, price: Price, order: u64, purpose: Purpose) -> Self {
        Self { signal, toward, rank: toward.rank(price), order, purpose }
    }

    /// The price that is waited for.
    pub(crate) fn price(&self) -> Price {
        Price(self.toward.rank(Price(self.rank)))
    }

    pub(crate) fn of(self, signal: Signal) -> Self {
        Self { signal, ..self }
    }

    pub(crate) fn is_reached(&self, price: Price) -> bool {
        self.rank <= self.toward.rank(price)
    }
}

impl Toward {
    pub(crate) const BOTH: [Self; 2] = [Self::Rise, Self::Fall];

    /// Its own inverse.
    fn rank(self, price: Price) -> i64 {
        match self {
            Self::Rise => price.0,
            Self::Fall => !price.0,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Watchers {
    all: BTreeSet<Watch>,
    /// A trade inside of this, ends excluded, concerns nobody.
    quiet: (i64, i64),
    /// Somebody follows the best prices of the book: whoever waits for them, and pegged orders.
    pub(crate) pegged: BTreeSet<u64>,
    /// Algos that act on what this market does.
    pub(crate) algos: BTreeSet<u64>,
}

impl Watchers {
    pub(crate) fn new() -> Self {
        Self {
            all: BTreeSet::new(),
            quiet: (i64::MIN, i64::MAX),
            pegged: BTreeSet::new(),
            algos: BTreeSet::new(),
        }
    }

    pub(crate) fn add(&mut self, watch: Watch) {
        self.all.insert(watch);
        self.find_quiet();
    }

    pub(crate) fn remove(&mut self, watch: &Watch) {
        self.all.remove(watch);
        self.find_quiet();
    }

    /// Somebody waits for a price here, follows one, or acts on what is told.
    pub(crate) fn is_watched(&self) -> bool {
        !self.all.is_empty() || !self.pegged.is_empty() || !self.algos.is_empty()
    }

    /// Whether a trade at this price may concern somebody.
    #[inline]
    pub(crate) fn minds_last(&self, price: Price) -> bool {
        price.0 <= self.quiet.0 || price.0 >= self.quiet.1
    }

    /// Whether a change of the best prices may concern somebody.
    pub(crate) fn minds_best(&self) -> bool {
        !self.pegged.is_empty()
            || !self.algos.is_empty()
            || [Signal::Bid, Signal::Ask, Signal::Mid].into_iter().any(|signal| self.minds(signal))
    }

    fn minds(&self, signal: Signal) -> bool {
        self.nearest(signal, Toward::Rise).is_some() || self.nearest(signal, Toward::Fall).is_some()
    }

    /// Takes out the nearest that `price` reaches.
    pub(crate) fn take_reached(&mut self, what: (Signal, Toward), price: Price) -> Option<Watch> {
        let reached = self.nearest(what.0, what.1).filter(|watch| watch.is_reached(price))?;
        self.remove(&reached);
        Some(reached)
    }

    /// Takes out whatever waits for the signal.
    pub(crate) fn take_any(&mut self, signal: Signal) -> Option<Watch> {
        let any = Toward::BOTH.into_iter().find_map(|toward| self.nearest(signal, toward))?;
        self.remove(&any);
        Some(any)
    }

    fn nearest(&self, signal: Signal, toward: Toward) -> Option<Watch> {
        let first = Watch { signal, toward, rank: i64::MIN, order: 0, purpose: Purpose::Fire };
        let nearest = self.all.range(first..).next().copied();
        nearest.filter(|watch| watch.signal == signal && watch.toward == toward)
    }

    fn find_quiet(&mut self) {
        self.quiet = (i64::MIN, i64::MAX);
        if self.minds(Signal::Again) {
            self.quiet = (i64::MAX, i64::MIN);
            return;
        }
        for signal in [Signal::Last, Signal::Twice] {
            if let Some(watch) = self.nearest(signal, Toward::Rise) {
                self.quiet.1 = self.quiet.1.min(watch.price().0);
            }
            if let Some(watch) = self.nearest(signal, Toward::Fall) {
                self.quiet.0 = self.quiet.0.max(watch.price().0);
            }
        }
    }
}
