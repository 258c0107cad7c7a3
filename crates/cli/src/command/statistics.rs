//! The arguments of statistics, for the server that computes them and for reports that show them.

use anyhow::{Result, ensure};
use clap::ValueEnum;
use model::NANOS_PER_SECOND;
use node::Statistics;
use node::statistics::Method;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Arguments {
    /// Seconds of the intervals that returns and volumes are taken over; 0 computes nothing, and limits that need
    /// statistics wait for somebody who sends them.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    statistics_interval_s: u32,
    /// Intervals that are kept; figures need a hundred returns of them.
    #[arg(long, default_value_t = 1440, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    statistics_window: u32,
    /// Seconds that volatility, average volume and losses are stated for.
    #[arg(long, default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..=31_536_000))]
    statistics_horizon_s: u32,
    /// Seconds between two reports to the limits.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    statistics_every_s: u32,
    /// The loss to be feared is exceeded with a probability of one less this.
    #[arg(long, default_value_t = 0.99)]
    confidence: f64,
    /// How that loss is found.
    #[arg(long, value_enum, default_value_t = Word::Historical)]
    loss_method: Word,
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    Historical,
    Normal,
    CornishFisher,
    Student,
    Ewma,
}

impl Arguments {
    /// None if nothing is to be computed.
    pub fn settings(&self) -> Result<Option<Statistics>> {
        let confidence = self.confidence;
        ensure!(
            (0.5..1.0).contains(&confidence),
            "--confidence is {confidence}; give 0.5 to below 1, like 0.99"
        );
        if self.statistics_interval_s == 0 {
            return Ok(None);
        }
        let settings = Statistics {
            interval_ns: i64::from(self.statistics_interval_s) * NANOS_PER_SECOND,
            window: self.statistics_window as usize,
            horizon_ns: i64::from(self.statistics_horizon_s) * NANOS_PER_SECOND,
            confidence,
            method: self.loss_method.into(),
            every: Duration::from_secs(self.statistics_every_s.into()),
            ..Statistics::default()
        };
        Ok(Some(settings))
    }
}

impl From<Word> for Method {
    fn from(word: Word) -> Self {
        match word {
            Word::Historical => Self::Historical,
            Word::Normal => Self::Normal,
            Word::CornishFisher => Self::CornishFisher,
            Word::Student => Self::Student,
            Word::Ewma => Self::Ewma,
        }
    }
}
