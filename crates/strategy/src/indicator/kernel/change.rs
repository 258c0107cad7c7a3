//! From one value to the next: the change, the value some steps ago, and the true range of a bar.

use super::super::Bar;
use super::Window;
use serde::{Deserialize, Serialize};

/// The change from the value before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Move {
    last: Option<f64>,
}

impl Move {
    pub fn next(&mut self, value: f64) -> Option<f64> {
        self.previous(value).map(|last| value - last)
    }

    /// The value before.
    pub fn previous(&mut self, value: f64) -> Option<f64> {
        self.last.replace(value)
    }

    /// The logarithm of the ratio to the value before; none where either is not above zero.
    pub fn log_return(&mut self, value: f64) -> Option<f64> {
        let last = self.previous(value)?;
        (last > 0.0 && value > 0.0).then(|| (value / last).ln())
    }
}

/// The value so many steps ago.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lag {
    window: Window,
}

impl Lag {
    #[must_use]
    pub fn new(steps: usize) -> Self {
        Self { window: Window::new(steps.saturating_add(1)) }
    }

    pub fn next(&mut self, value: f64) -> Option<f64> {
        self.window.with(value).map(Window::oldest)
    }
}

/// The range of a bar, with the gap from the close before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrueRange {
    close: Move,
}

impl TrueRange {
    /// None at the first bar, which has no close before it.
    pub fn next(&mut self, bar: &Bar) -> Option<f64> {
        let close = self.close.previous(bar.close)?;
        Some(bar.high.max(close) - bar.low.min(close))
    }
}
