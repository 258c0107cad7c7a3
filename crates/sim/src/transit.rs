//! Messages on their way, in the order of their arrival; of those that arrive together what left first comes first.
//! Nearly every message arrives after all that are under way, and then joining the line costs nothing.

use model::Time;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
pub(crate) struct Transit<T> {
    line: VecDeque<(Time, T)>,
}

impl<T> Transit<T> {
    pub(crate) fn new() -> Self {
        Self { line: VecDeque::new() }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    pub(crate) fn send(&mut self, arrives: Time, message: T) {
        if self.line.back().is_none_or(|(last, _)| *last <= arrives) {
            return self.line.push_back((arrives, message));
        }
        let at = self.line.partition_point(|(other, _)| *other <= arrives);
        self.line.insert(at, (arrives, message));
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        self.line.front().map(|(time, _)| *time)
    }

    /// The first that has arrived by now.
    #[inline]
    pub(crate) fn take(&mut self, now: Time) -> Option<(Time, T)> {
        if self.line.front().is_some_and(|(time, _)| *time <= now) { self.line.pop_front() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_first_comes_first_and_then_what_left_first() {
        let mut transit = Transit::new();
        for (arrives, name) in [(5, 'a'), (7, 'b'), (5, 'c'), (6, 'd'), (7, 'e')] {
            transit.send(Time(arrives), name);
        }
        let mut came = String::new();
        while let Some((_, name)) = transit.take(Time(6)) {
            came.push(name);
        }
        assert_eq!((came.as_str(), transit.next()), ("acd", Some(Time(7))));
        assert_eq!(transit.take(Time(7)).map(|(_, name)| name), Some('b'));
        assert!(!transit.is_empty());
    }
}
