//! Averages with a memory that fades: exponential, Wilder's, and chains of them.
//! Each is seeded with the plain mean of its first period, as TA-Lib does.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smooth {
    period: usize,
    alpha: f64,
    seen: usize,
    /// The sum while it is being seeded, the average after.
    value: f64,
}

impl Smooth {
    /// An exponential average: the newest weighs 2 / (period + 1).
    #[must_use]
    pub fn exponential(period: usize) -> Self {
        Self::weighing(period, 2.0 / (period as f64 + 1.0))
    }

    /// Wilder's average: the newest weighs 1 / period.
    #[must_use]
    pub fn wilder(period: usize) -> Self {
        Self::weighing(period, 1.0 / period as f64)
    }

    /// Seeded with the mean of `period`; then the newest weighs `alpha`.
    #[must_use]
    pub fn weighing(period: usize, alpha: f64) -> Self {
        Self { period, alpha, seen: 0, value: 0.0 }
    }

    /// Seeded with the first value alone.
    #[must_use]
    pub fn from_first(alpha: f64) -> Self {
        Self::weighing(1, alpha)
    }

    pub fn next(&mut self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        if self.seen >= self.period {
            self.value += self.alpha * (value - self.value);
            return Some(self.value);
        }
        self.seen = self.seen.saturating_add(1);
        self.value += value;
        if self.seen < self.period {
            return None;
        }
        self.value /= self.period as f64;
        Some(self.value)
    }
}

/// An average of an average, as deep as it is long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    links: Vec<Smooth>,
}

impl Chain {
    #[must_use]
    pub fn exponential(periods: &[usize]) -> Self {
        Self { links: periods.iter().map(|period| Smooth::exponential(*period)).collect() }
    }

    /// The last link's value, once every link has one.
    pub fn next(&mut self, value: f64) -> Option<f64> {
        self.links.iter_mut().try_fold(value, |value, link| link.next(value))
    }

    /// The value of every link, once the last has one.
    pub fn all<const LINKS: usize>(&mut self, value: f64) -> Option<[f64; LINKS]> {
        let mut values = [0.0; LINKS];
        let mut value = value;
        for (link, slot) in self.links.iter_mut().zip(&mut values) {
            value = link.next(value)?;
            *slot = value;
        }
        Some(values)
    }
}

/// Wilder's running sum: a period's worth, of which each step takes its share away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WilderSum {
    period: usize,
    seen: usize,
    sum: f64,
}

impl WilderSum {
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { period, seen: 0, sum: 0.0 }
    }

    /// The sum from one less than the period on.
    pub fn next(&mut self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen >= self.period {
            self.sum -= self.sum / self.period as f64;
        }
        self.sum += value;
        (self.seen.saturating_add(1) >= self.period).then_some(self.sum)
    }

    /// How many it has taken in.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_begin_with_the_mean_and_fade() {
        let mut average = Smooth::exponential(3);
        let values = [1.0, 2.0, 6.0, 5.0].map(|value| average.next(value));
        assert_eq!(values, [None, None, Some(3.0), Some(4.0)]);
        assert_eq!(average.next(f64::NAN), None);
        assert_eq!(average.next(4.0), Some(4.0));
    }

    #[test]
    fn a_chain_speaks_when_its_last_link_does() {
        let mut chain = Chain::exponential(&[2, 2]);
        assert_eq!([1.0, 3.0, 3.0].map(|value| chain.next(value).is_some()), [false, false, true]);
    }

    #[test]
    fn a_wilder_sum_loses_its_share() {
        let mut sum = WilderSum::new(2);
        assert_eq!([4.0, 3.0].map(|value| sum.next(value)), [Some(4.0), Some(5.0)]);
    }
}
