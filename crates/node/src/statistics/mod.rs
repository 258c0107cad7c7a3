//! The numbers that limits ask for and no order carries: volatility, correlation, average volume, value at risk
//! and expected shortfall. One thread beside the trading reads the feed with its own cursor, keeps what prices
//! did in each interval, and hands figures in as commands, so they are journaled as anybody's would be. It only
//! computes what a limit that stands needs. What it cannot say it does not say: silence lets the last number
//! grow too old, and then the engine refuses. Absent: any rule of trading, any way to change a limit.

mod figures;
mod history;
mod needs;
mod run;
mod series;

pub use figures::{Feared, feared};
pub use history::History;
pub use needs::{Line, Needs};
pub(crate) use run::run;
pub use series::Series;

use model::NANOS_PER_SECOND;
use std::time::Duration;

/// How the loss that is to be feared is found; each is defined in `docs/ANALYTICS.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    Historical,
    Normal,
    CornishFisher,
    Student,
    /// Exponential weights, 0.94 for the past.
    Ewma,
}

/// What is computed, from how much, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// A return is what a price did from the end of one interval to the end of the next.
    pub interval_ns: i64,
    /// Intervals that are kept.
    pub window: usize,
    /// With fewer returns nothing is said.
    pub returns_min: usize,
    /// What figures are for: the move, the volume and the loss of so long.
    pub horizon_ns: i64,
    /// The loss is exceeded with a probability of one less this.
    pub confidence: f64,
    pub method: Method,
    /// How often the figures are handed in.
    pub every: Duration,
    /// An instrument without a price for so many intervals has no figures any more.
    pub silence_max: i64,
    /// Records of the journal that are read back when the first limit asks.
    pub records_back: u64,
    /// Instruments that are followed, and pairs of them that a correlation is handed in for.
    pub instruments_max: usize,
    pub pairs_max: usize,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            interval_ns: 60 * NANOS_PER_SECOND,
            window: 1440,
            returns_min: 100,
            horizon_ns: 86_400 * NANOS_PER_SECOND,
            confidence: 0.99,
            method: Method::Historical,
            every: Duration::from_secs(10),
            silence_max: 5,
            records_back: 1 << 20,
            instruments_max: 1 << 12,
            pairs_max: 10_000,
        }
    }
}

impl Statistics {
    /// How many intervals the horizon is.
    #[must_use]
    pub fn periods(&self) -> f64 {
        self.horizon_ns as f64 / self.interval_ns.max(1) as f64
    }
}
