//! The last so many numbers. Sums are made anew each time, so that nothing drifts over a long run.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

const LARGEST: usize = 20_001;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Window {
    size: usize,
    values: VecDeque<f64>,
}

#[derive(Deserialize)]
struct Stored {
    size: usize,
    values: VecDeque<f64>,
}

impl TryFrom<Stored> for Window {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { size, values } = stored;
        if size == 0 || size > LARGEST || values.len() > size || values.iter().any(|value| !value.is_finite())
        {
            return Err("a window holds at most its size of finite numbers");
        }
        Ok(Self { size, values })
    }
}

/// The straight line of least squares through a window, over 0 for the oldest, 1, 2 …
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regression {
    pub intercept: f64,
    pub slope: f64,
    /// The line at the newest.
    pub end: f64,
    /// The root of the mean square of what the line leaves over.
    pub deviation: f64,
    /// How much of the variance the line explains, from 0 to 1.
    pub r_squared: f64,
}

impl Window {
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size: size.clamp(1, LARGEST), values: VecDeque::new() }
    }

    /// Takes one in; true once it is full.
    pub fn push(&mut self, value: f64) -> bool {
        if value.is_finite() {
            if self.values.len() >= self.size {
                self.values.pop_front();
            }
            self.values.push_back(value);
        }
        self.is_full()
    }

    /// Takes one in; the window itself once it is full.
    pub fn with(&mut self, value: f64) -> Option<&Self> {
        self.push(value).then_some(self)
    }

    /// Takes one in; the mean once it is full.
    pub fn mean_with(&mut self, value: f64) -> Option<f64> {
        self.with(value).map(Self::mean)
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.values.len() == self.size
    }

    /// How many it holds when full.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = f64> + ExactSizeIterator + Clone {
        self.values.iter().copied()
    }

    /// From the newest back; zero where there is none yet.
    #[must_use]
    pub fn ago(&self, steps: usize) -> f64 {
        let at = self.values.len().checked_sub(steps.saturating_add(1));
        at.and_then(|at| self.values.get(at)).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn oldest(&self) -> f64 {
        self.values.front().copied().unwrap_or_default()
    }

    #[must_use]
    pub fn newest(&self) -> f64 {
        self.values.back().copied().unwrap_or_default()
    }

    #[must_use]
    pub fn count(&self) -> f64 {
        self.values.len() as f64
    }

    #[must_use]
    pub fn sum(&self) -> f64 {
        self.iter().sum()
    }

    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum() / self.count()
    }

    #[must_use]
    pub fn highest(&self) -> f64 {
        self.iter().fold(f64::NEG_INFINITY, f64::max)
    }

    #[must_use]
    pub fn lowest(&self) -> f64 {
        self.iter().fold(f64::INFINITY, f64::min)
    }

    /// How many steps ago the highest was; the newest of equals.
    #[must_use]
    pub fn since_highest(&self) -> f64 {
        since(self.iter().rev(), |value, best| value > best)
    }

    #[must_use]
    pub fn since_lowest(&self) -> f64 {
        since(self.iter().rev(), |value, best| value < best)
    }

    /// The mean of a power of the distances from the mean.
    #[must_use]
    pub fn moment(&self, power: i32) -> f64 {
        let mean = self.mean();
        self.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / self.count()
    }

    /// Of the whole population, not of a sample.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.moment(2).sqrt()
    }

    /// Of a sample: divided by one less than the count.
    #[must_use]
    pub fn sample_deviation(&self) -> f64 {
        (self.moment(2) * self.count() / (self.count() - 1.0)).sqrt()
    }

    /// Weighted by 1 for the oldest up to the count for the newest.
    #[must_use]
    pub fn weighted_mean(&self) -> f64 {
        let (mut total, mut weight) = (0.0, 0.0);
        for value in self.iter() {
            weight += 1.0;
            total += value * weight;
        }
        total / (weight * (weight + 1.0) / 2.0)
    }

    #[must_use]
    pub fn sorted(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.iter().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }

    /// The mean of the products of both windows' distances from their means.
    #[must_use]
    pub fn covariance(&self, other: &Self) -> f64 {
        let (mine, theirs) = (self.mean(), other.mean());
        let products = self.iter().zip(other.iter()).map(|(x, y)| (x - mine) * (y - theirs));
        products.sum::<f64>() / self.count()
    }

    #[must_use]
    pub fn regression(&self) -> Regression {
        let middle = (self.count() - 1.0) / 2.0;
        let mean = self.mean();
        let (mut cross, mut square, mut at) = (0.0, 0.0, 0.0);
        for value in self.iter() {
            cross += (at - middle) * (value - mean);
            square += (at - middle) * (at - middle);
            at += 1.0;
        }
        let slope = if square > 0.0 { cross / square } else { 0.0 };
        let (variance, explained) = (self.moment(2), slope * cross / self.count());
        let r_squared = if variance > 0.0 { (explained / variance).clamp(0.0, 1.0) } else { 0.0 };
        Regression {
            intercept: mean - slope * middle,
            slope,
            end: mean + slope * middle,
            deviation: (variance - explained).max(0.0).sqrt(),
            r_squared,
        }
    }
}

fn since(values: impl Iterator<Item = f64>, is_better: impl Fn(f64, f64) -> bool) -> f64 {
    let (mut best, mut since) = (f64::NAN, 0.0);
    for (value, steps) in values.zip(0_i32..) {
        if best.is_nan() || is_better(value, best) {
            (best, since) = (value, f64::from(steps));
        }
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(values: &[f64]) -> Window {
        let mut window = Window::new(values.len());
        for value in values {
            window.push(*value);
        }
        window
    }

    #[test]
    fn a_window_keeps_the_last_and_describes_them() {
        let mut three = window(&[9.0, 1.0, 2.0]);
        assert!(three.push(6.0));
        assert_eq!((three.oldest(), three.newest(), three.ago(1)), (1.0, 6.0, 2.0));
        assert_eq!((three.sum(), three.mean(), three.highest(), three.lowest()), (9.0, 3.0, 6.0, 1.0));
        assert_eq!((three.since_highest(), three.since_lowest()), (0.0, 2.0));
        assert!((three.moment(2) - 14.0 / 3.0).abs() < 1e-12);
        assert!((three.weighted_mean() - 23.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn the_line_through_a_line_is_that_line() {
        let line = window(&[3.0, 5.0, 7.0, 9.0]).regression();
        assert_eq!((line.intercept, line.slope, line.end, line.r_squared), (3.0, 2.0, 9.0, 1.0));
        assert_eq!(line.deviation, 0.0);
    }

    #[test]
    fn a_stored_window_that_is_too_full_is_refused() {
        let bytes = postcard::to_allocvec(&(1_usize, vec![1.0, 2.0])).expect("it can be written");
        assert!(postcard::from_bytes::<Window>(&bytes).is_err());
        let bytes = postcard::to_allocvec(&(2_usize, vec![1.0, f64::NAN])).expect("it can be written");
        assert!(postcard::from_bytes::<Window>(&bytes).is_err());
    }
}
