//! Where a market's past comes from: bars in memory, shared by all runs of a search, or a stream of chunks of bars or
//! ticks that is read as the run goes, so that memory does not grow with the length of the data.

use crate::error::BacktestError;
use model::{Bar, Print, Quote, Side, Time};
use std::fmt;
use std::sync::Arc;

/// Chunks in order of time. A stream can be opened again from the start, for another run.
pub trait Stream: Send + Sync {
    /// The bars of the chunk at this place, counted from zero; none after the last.
    fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError>;
}

/// What happened in a market between bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    Quote(Quote),
    /// With the side that took, where it is known.
    Print(Print, Option<Side>),
}

pub type TickChunk = Arc<[(Time, Tick)]>;

/// Ticks in order of time, chunk by chunk as bars are.
pub trait Ticks: Send + Sync {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError>;
}

#[derive(Clone)]
pub enum Feed {
    Bars(Arc<[Bar]>),
    BarStream(Arc<dyn Stream>),
    TickStream(Arc<dyn Ticks>),
}

impl Feed {
    pub(crate) fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError> {
        match self {
            Self::Bars(bars) => Ok((chunk == 0).then(|| Arc::clone(bars))),
            Self::BarStream(stream) => stream.bars(chunk),
            Self::TickStream(_) => Ok(None),
        }
    }

    pub(crate) fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        match self {
            Self::TickStream(ticks) => ticks.ticks(chunk),
            Self::Bars(_) | Self::BarStream(_) => Ok(None),
        }
    }

    #[must_use]
    pub fn is_ticks(&self) -> bool {
        matches!(self, Self::TickStream(_))
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bars(bars) => write!(f, "{} bars", bars.len()),
            Self::BarStream(_) => f.write_str("a stream of bars"),
            Self::TickStream(_) => f.write_str("a stream of ticks"),
        }
    }
}
