//! How many commands a batch may hold, so that whoever comes next does not wait long for the disk: it shrinks when
//! a batch took longer than it should, and grows while full ones are quick. Few syncs carry many commands, so
//! this bounds waiting and not how much goes through.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) struct Pace {
    most: AtomicUsize,
    bound: usize,
    patience: Duration,
}

impl Pace {
    /// No batch is held to fewer.
    const LEAST: usize = 512;

    pub fn new(bound: usize, patience: Duration) -> Self {
        Self { most: AtomicUsize::new(bound), bound, patience }
    }

    #[inline]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// A batch of so many commands took so long from the engine's hands to its answers.
    pub fn took(&self, commands: usize, took: Duration) {
        let most = self.most();
        let next = if took > self.patience && commands >= Self::LEAST {
            // Of those that take long for another reason than their size one says nothing.
            (commands.min(most) - commands.min(most) / 4).max(Self::LEAST)
        } else if commands >= most && took < self.patience / 2 {
            most + most / 8
        } else {
            return;
        };
        self.most.store(next.min(self.bound), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shrinks_to_what_is_done_in_time_and_grows_again() {
        let pace = Pace::new(16_384, Duration::from_millis(2));
        let (fast, slow) = (Duration::from_micros(900), Duration::from_millis(3));
        (0..100).for_each(|_| pace.took(pace.most(), slow));
        assert_eq!(pace.most(), 512);
        pace.took(100, fast);
        pace.took(100, slow);
        assert_eq!(pace.most(), 512, "a small batch says nothing");
        (0..100).for_each(|_| pace.took(pace.most(), fast));
        assert_eq!(pace.most(), 16_384);
    }
}
