//! The orders of one venue: those that live, and those that have ended and are remembered for a day. The living are
//! few and asked about all the time, so they are apart from the many that are asked about hardly ever. Kept as one
//! list by id, so that a snapshot does not know of it.

use super::outside::Outside;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Boxed, so that making room among them moves little.
    live: BTreeMap<u64, Box<Outside>>,
    past: BTreeMap<u64, Box<Outside>>,
}

impl Known {
    #[inline]
    pub(super) fn get(&self, order: u64) -> Option<&Outside> {
        self.live.get(&order).or_else(|| self.past.get(&order)).map(Box::as_ref)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, order: u64) -> Option<&mut Outside> {
        match self.live.get_mut(&order) {
            Some(known) => Some(known),
            None => self.past.get_mut(&order).map(Box::as_mut),
        }
    }

    pub(super) fn insert(&mut self, order: u64, known: Outside) {
        let side = if known.ended { &mut self.past } else { &mut self.live };
        side.insert(order, Box::new(known));
    }

    /// It has ended.
    pub(super) fn lay_down(&mut self, order: u64) {
        if let Some(known) = self.live.remove(&order) {
            self.past.insert(order, known);
        }
    }

    /// What is remembered of one that has ended is forgotten.
    pub(super) fn forget(&mut self, order: u64) -> Option<Box<Outside>> {
        self.past.remove(&order)
    }

    /// Those that live, by their ids.
    pub(super) fn live_mut(&mut self) -> impl Iterator<Item = (u64, &mut Outside)> {
        self.live.iter_mut().map(|(order, known)| (*order, known.as_mut()))
    }

    /// All of them, the living first.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u64, &Outside)> {
        self.live.iter().chain(&self.past).map(|(order, known)| (*order, known.as_ref()))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Outside> {
        self.all().map(|(_, known)| known)
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (u64, &Outside)> {
        self.live.iter().map(|(order, known)| (*order, known.as_ref()))
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let count = self.live.len().saturating_add(self.past.len());
        let mut map = serializer.serialize_map(Some(count))?;
        let (mut live, mut past) = (self.live.iter().peekable(), self.past.iter().peekable());
        loop {
            let next = match (live.peek(), past.peek()) {
                (Some((one, _)), Some((other, _))) if one > other => past.next(),
                (None, _) => past.next(),
                _ => live.next(),
            };
            let Some((order, known)) = next else { return map.end() };
            map.serialize_entry(order, known)?;
        }
    }
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<u64, Box<Outside>>::deserialize(deserializer)?;
        let (past, live) = all.into_iter().partition(|(_, known)| known.ended);
        Ok(Self { live, past })
    }
}
