//! A map that knows which of its entries changed since they were written, and by which record.

use model::Time;
use std::collections::HashMap;
use std::hash::Hash;

/// The record at hand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Now {
    pub(super) seq: u64,
    pub(super) time: Time,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Entry<V> {
    pub(super) value: V,
    pub(super) by: Now,
    touched: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Kept<K, V> {
    entries: HashMap<K, Entry<V>>,
    touched: Vec<K>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), touched: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash, V: Default> Kept<K, V> {
    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    pub(super) fn entry(&self, key: K) -> Option<&Entry<V>> {
        self.entries.get(&key)
    }

    /// As it was written.
    pub(super) fn load(&mut self, key: K, value: V) {
        self.entries.insert(key, Entry { value, by: Now::default(), touched: false });
    }

    /// To be changed, and written once more; made if it is not there.
    pub(super) fn touch(&mut self, key: K, now: Now) -> &mut V {
        let entry = self.entries.entry(key).or_default();
        if !std::mem::replace(&mut entry.touched, true) {
            self.touched.push(key);
        }
        entry.by = now;
        &mut entry.value
    }

    /// The keys of what changed since the last time.
    pub(super) fn drain(&mut self) -> Vec<K> {
        let keys = std::mem::take(&mut self.touched);
        for key in &keys {
            if let Some(entry) = self.entries.get_mut(key) {
                entry.touched = false;
            }
        }
        keys
    }

    /// To be changed in what is not written.
    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.entries.get_mut(&key).map(|entry| &mut entry.value)
    }

    pub(super) fn is_touched(&self, key: K) -> bool {
        self.entries.get(&key).is_some_and(|entry| entry.touched)
    }

    pub(super) fn remove(&mut self, key: K) {
        self.entries.remove(&key);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.entries.iter().map(|(key, entry)| (*key, &entry.value))
    }
}
