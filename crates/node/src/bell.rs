//! Wakes one sleeping thread, and costs a load when it is awake. The sleeper says that it will sleep, looks
//! once more, then sleeps; whoever brings work makes it visible first and rings after. So no work is slept
//! through, and a burst of work wakes once. Absent: what the work is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::thread::{self, Thread};
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Bell {
    sleeping: AtomicBool,
    sleeper: OnceLock<Thread>,
}

impl Bell {
    /// Wakes the sleeper, if it sleeps.
    #[inline]
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.sleeping.load(Ordering::Relaxed)
            && self.sleeping.swap(false, Ordering::AcqRel)
            && let Some(sleeper) = self.sleeper.get()
        {
            sleeper.unpark();
        }
    }

    /// Sleeps until someone rings, unless there is work already. Only one thread may ever sleep here.
    pub fn sleep(&self, patience: Option<Duration>, has_work: impl FnOnce() -> bool) {
        self.sleeper.get_or_init(thread::current);
        self.sleeping.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if !has_work() {
            match patience {
                Some(patience) => thread::park_timeout(patience),
                None => thread::park(),
            }
        }
        self.sleeping.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::Bell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn no_work_is_slept_through() {
        let (bell, work) = (Arc::new(Bell::default()), Arc::new(AtomicU32::new(0)));
        let worker = {
            let (bell, work) = (Arc::clone(&bell), Arc::clone(&work));
            std::thread::spawn(move || {
                let mut seen = 0;
                while seen < 20_000 {
                    let now = work.load(Ordering::Acquire);
                    if now == seen {
                        bell.sleep(None, || work.load(Ordering::Acquire) != seen);
                    }
                    seen = now;
                }
            })
        };
        for _ in 0..20_000 {
            work.fetch_add(1, Ordering::AcqRel);
            bell.ring();
        }
        worker.join().unwrap();
    }
}
