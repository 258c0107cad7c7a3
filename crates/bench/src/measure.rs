//! Time, and where it is spent: CPU seconds of this thread, a cycle counter for single commands, medians, and a
//! thread held to one core while it is measured.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// CPU seconds that this thread has used: what counts when a core is shared.
pub(crate) fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// CPU seconds of `work`.
pub(crate) fn timed(work: impl FnOnce()) -> f64 {
    let start = cpu_seconds();
    work();
    cpu_seconds() - start
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Holds the thread to the last core it may use, until dropped. Best effort: a refusal changes nothing.
pub(crate) struct Pinned(Option<CpuSet>);

impl Pinned {
    pub fn new() -> Self {
        let Ok(before) = sched_getaffinity(None) else { return Self(None) };
        let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|core| before.is_set(*core)) else {
            return Self(None);
        };
        let mut one = CpuSet::new();
        one.set(last);
        Self(sched_setaffinity(None, &one).is_ok().then_some(before))
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A thread that stays pinned is slower, not wrong.
            sched_setaffinity(None, before).ok();
        }
    }
}

/// A counter of time, cheap to read; its unit is found by [`Latency`].
#[inline(always)]
fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        #[expect(unsafe_code, reason = "reads the time-stamp counter, which touches no memory")]
        // SAFETY: `rdtsc` exists on every x86-64 processor.
        unsafe {
            core::arch::x86_64::_rdtsc()
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Times of single steps, with the cost of reading the counter taken off.
pub(crate) struct Latency {
    samples: Vec<u32>,
    overhead: u64,
    ticks_a_ns: f64,
}

impl Latency {
    pub fn new(steps: usize) -> Self {
        let (first, start) = (ticks(), Instant::now());
        while start.elapsed().as_millis() < 100 {}
        let ticks_a_ns = (ticks() - first) as f64 / start.elapsed().as_nanos() as f64;
        let mut empty: Vec<u64> = (0..10_001).map(|_| (ticks(), ticks())).map(|(a, b)| b - a).collect();
        empty.sort_unstable();
        let overhead = empty.get(empty.len() / 2).copied().unwrap_or(0);
        Self { samples: Vec::with_capacity(steps), overhead, ticks_a_ns }
    }

    #[inline(always)]
    pub fn step(&mut self, work: impl FnOnce()) {
        let start = ticks();
        work();
        let took = (ticks() - start).saturating_sub(self.overhead);
        self.samples.push(u32::try_from(took).unwrap_or(u32::MAX));
    }

    /// Nanoseconds at the given parts of a thousand, in the order asked for.
    pub fn quantiles<const N: usize>(mut self, per_mille: [usize; N]) -> [f64; N] {
        self.samples.sort_unstable();
        let last = self.samples.len().saturating_sub(1);
        per_mille.map(|part| {
            let at = (self.samples.len() * part / 1000).min(last);
            f64::from(self.samples.get(at).copied().unwrap_or(0)) / self.ticks_a_ns
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Latency, Pinned, median, timed};

    #[test]
    fn time_passes_and_medians_are_in_the_middle() {
        let _pinned = Pinned::new();
        assert!(timed(|| _ = std::hint::black_box((0..100_000).sum::<u64>())) >= 0.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        let mut latency = Latency::new(100);
        for _ in 0..100 {
            latency.step(|| {});
        }
        let [low, high] = latency.quantiles([10, 990]);
        assert!(low <= high);
    }
}
