//! Lists that grow without moving what they hold: no command pays for the growth of millions. In a snapshot they are
//! plain sequences.

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

const BITS: u32 = 17;
const CHUNK: usize = 1 << BITS;

/// A list that grows at its end.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    /// All but the last are full. The first grows as it must, so that few items take little.
    chunks: Vec<Vec<T>>,
    len: usize,
}

/// A list that grows at its end and is taken from its front.
#[derive(Clone, Debug)]
pub(crate) struct Queue<T> {
    chunks: VecDeque<Vec<T>>,
    /// So many of the first chunk are gone.
    gone: usize,
}

#[inline]
fn split(at: usize) -> (usize, usize) {
    (at >> BITS, at & (CHUNK - 1))
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        let (chunk, at) = split(at);
        self.chunks.get(chunk)?.get(at)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let (chunk, at) = split(at);
        self.chunks.get_mut(chunk)?.get_mut(at)
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        let (chunk, _) = split(self.len);
        if chunk == self.chunks.len() {
            self.chunks.push(if chunk == 0 { Vec::new() } else { Vec::with_capacity(CHUNK) });
        }
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.push(item);
            self.len = self.len.saturating_add(1);
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        let (chunk, _) = split(self.len);
        // An empty chunk stays where it is: whoever takes one away puts one back soon.
        self.chunks.get_mut(chunk)?.pop()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    #[inline]
    pub(crate) fn prefetch(&self, at: usize) {
        let (chunk, at) = split(at);
        if let Some(chunk) = self.chunks.get(chunk) {
            crate::book::prefetch(chunk, at);
        }
    }
}

impl<T: Clone> Slab<T> {
    /// Has the system hand over the memory of so many now.
    pub(crate) fn reserve(&mut self, count: usize, blank: &T) {
        let used = self.len;
        while self.len < count {
            self.push(blank.clone());
        }
        while self.len > used {
            self.pop();
        }
    }
}

impl<T: Copy> Queue<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: VecDeque::new(), gone: 0 }
    }

    #[inline]
    pub(crate) fn push_back(&mut self, item: T) {
        match self.chunks.back_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            last => {
                let mut chunk = if last.is_none() { Vec::new() } else { Vec::with_capacity(CHUNK) };
                chunk.push(item);
                self.chunks.push_back(chunk);
            }
        }
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<T> {
        self.chunks.front()?.get(self.gone).copied()
    }

    #[inline]
    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let item = self.front()?;
        self.gone = self.gone.saturating_add(1);
        if self.chunks.front().is_some_and(|first| first.len() == self.gone) {
            self.chunks.pop_front();
            self.gone = 0;
        }
        Some(item)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten().skip(self.gone)
    }

    fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).fold(0, usize::saturating_add).saturating_sub(self.gone)
    }
}

fn write<'a, T: Serialize + 'a, S: Serializer>(
    len: usize,
    items: impl Iterator<Item = &'a T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(len))?;
    for item in items {
        sequence.serialize_element(item)?;
    }
    sequence.end()
}

impl<T: Serialize> Serialize for Slab<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.len, self.iter(), serializer)
    }
}

impl<T: Serialize + Copy> Serialize for Queue<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.len(), self.iter(), serializer)
    }
}

/// What is read one by one.
trait Grows<T> {
    fn empty() -> Self;
    fn add(&mut self, item: T);
}

impl<T> Grows<T> for Slab<T> {
    fn empty() -> Self {
        Self::new()
    }

    fn add(&mut self, item: T) {
        self.push(item);
    }
}

impl<T: Copy> Grows<T> for Queue<T> {
    fn empty() -> Self {
        Self::new()
    }

    fn add(&mut self, item: T) {
        self.push_back(item);
    }
}

struct Reader<L, T>(PhantomData<(L, T)>);

impl<'de, T: Deserialize<'de>, L: Grows<T>> Visitor<'de> for Reader<L, T> {
    type Value = L;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<L, A::Error> {
        let mut list = L::empty();
        while let Some(item) = items.next_element()? {
            list.add(item);
        }
        Ok(list)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Slab<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader::<Self, T>(PhantomData))
    }
}

impl<'de, T: Deserialize<'de> + Copy> Deserialize<'de> for Queue<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader::<Self, T>(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slab_is_the_list_it_replaces() {
        let (mut slab, mut list) = (Slab::new(), Vec::new());
        for item in 0..200_000u32 {
            slab.push(item);
            list.push(item);
            if item % 7 == 0 {
                assert_eq!(slab.pop(), list.pop());
            }
        }
        *slab.get_mut(70_000).unwrap() = 1;
        list[70_000] = 1;
        assert_eq!((slab.len(), slab.get(list.len())), (list.len(), None));
        assert!(slab.iter().eq(&list) && (0..list.len()).all(|at| slab.get(at) == list.get(at)));
        let bytes = postcard::to_allocvec(&slab).unwrap();
        assert_eq!(bytes, postcard::to_allocvec(&list).unwrap());
        let again: Slab<u32> = postcard::from_bytes(&bytes).unwrap();
        assert!(again.iter().eq(&list));
        while let Some(item) = list.pop() {
            assert_eq!(slab.pop(), Some(item));
        }
        assert_eq!(slab.pop(), None);
    }

    #[test]
    fn a_queue_is_the_list_it_replaces() {
        let (mut queue, mut list) = (Queue::new(), VecDeque::new());
        for item in 0..300_000u32 {
            queue.push_back(item);
            list.push_back(item);
            if item % 3 == 0 {
                assert_eq!((queue.front(), queue.pop_front()), (list.front().copied(), list.pop_front()));
            }
        }
        let bytes = postcard::to_allocvec(&queue).unwrap();
        assert_eq!(bytes, postcard::to_allocvec(&list).unwrap());
        let again: Queue<u32> = postcard::from_bytes(&bytes).unwrap();
        assert!(again.iter().eq(&list) && queue.len() == list.len());
        while let Some(item) = list.pop_front() {
            assert_eq!(queue.pop_front(), Some(item));
        }
        assert_eq!((queue.pop_front(), queue.front()), (None, None));
    }
}
