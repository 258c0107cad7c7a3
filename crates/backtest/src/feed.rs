//! Where a market's past comes from: bars in memory, shared by all runs of a search, or a stream of chunks of bars or
//! ticks that is read as the run goes, so that memory does not grow with the length of the data.

use crate::error::BacktestError;
use model::{Bar, Price, Print, Qty, Quote, Side, Time};
use sim::OrderDeed;
use std::fmt;
use std::sync::Arc;

/// From when until before when.
pub type Span = (Time, Time);

/// Chunks in order of time. A stream can be opened again from the start, for another run.
pub trait Stream: Send + Sync {
    /// The bars of the chunk at this place, counted from zero; none after the last.
    fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError>;

    /// When its first bar begins and its last ends, where that is known without reading all of it.
    fn span(&self) -> Option<Span> {
        None
    }

    /// The same within a stretch of time, if it can be opened there; else chunks are read and what is outside is
    /// left out.
    fn within(&self, _span: Span) -> Option<Arc<dyn Stream>> {
        None
    }
}

/// What happened in a market between bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    Quote(Quote),
    /// With the side that took, where it is known.
    Print(Print, Option<Side>),
    /// A level of the book has so many lots now. The last of an event completes the book.
    Level {
        side: Side,
        price: Price,
        qty: Qty,
        is_last: bool,
    },
    /// What one order of others did.
    Order {
        deed: OrderDeed,
        is_last: bool,
    },
    /// What was known of the book is not so any more: it is told anew.
    Anew,
    /// Whether nothing trades from here on.
    Halted(bool),
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
    /// Bars of a stream that cannot be opened in its middle.
    Part(Arc<dyn Stream>, Span),
    TickStream(Arc<dyn Ticks>),
}

impl Feed {
    pub(crate) fn bars(&self, chunk: usize) -> Result<Option<Arc<[Bar]>>, BacktestError> {
        match self {
            Self::Bars(bars) => Ok((chunk == 0).then(|| Arc::clone(bars))),
            Self::BarStream(stream) => stream.bars(chunk),
            Self::Part(stream, span) => Ok(stream.bars(chunk)?.map(|bars| cut(&bars, *span))),
            Self::TickStream(_) => Ok(None),
        }
    }

    pub(crate) fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        match self {
            Self::TickStream(ticks) => ticks.ticks(chunk),
            _ => Ok(None),
        }
    }

    #[must_use]
    pub fn is_ticks(&self) -> bool {
        matches!(self, Self::TickStream(_))
    }

    /// When its first bar begins and its last ends; none of ticks, and where there is no bar.
    pub(crate) fn span(&self) -> Result<Option<Span>, BacktestError> {
        match self {
            Self::Bars(bars) => {
                Ok(bars.first().zip(bars.last()).map(|(first, last)| (first.begin, last.end)))
            }
            Self::BarStream(stream) => match stream.span() {
                Some(span) => Ok(Some(span)),
                None => self.read_span(),
            },
            Self::Part(..) => self.read_span(),
            Self::TickStream(_) => Ok(None),
        }
    }

    fn read_span(&self) -> Result<Option<Span>, BacktestError> {
        let (mut chunk, mut found) = (0, None);
        while let Some(bars) = self.bars(chunk)? {
            if let (Some(first), Some(last)) = (bars.first(), bars.last()) {
                found = Some((found.map_or(first.begin, |span: Span| span.0), last.end));
            }
            chunk += 1;
        }
        Ok(found)
    }

    /// The bars that begin and end within a stretch of time. Nothing is read before it is asked for.
    pub(crate) fn within(&self, span: Span) -> Self {
        match self {
            Self::Bars(bars) => Self::Bars(cut(bars, span)),
            Self::BarStream(stream) => match stream.within(span) {
                Some(part) => Self::BarStream(part),
                None => Self::Part(Arc::clone(stream), span),
            },
            Self::Part(stream, (from, until)) => {
                Self::Part(Arc::clone(stream), (span.0.max(*from), span.1.min(*until)))
            }
            Self::TickStream(_) => self.clone(),
        }
    }
}

fn cut(bars: &Arc<[Bar]>, (from, until): Span) -> Arc<[Bar]> {
    let first = bars.partition_point(|bar| bar.begin < from);
    let last = bars.partition_point(|bar| bar.end <= until).max(first);
    if (first, last) == (0, bars.len()) { Arc::clone(bars) } else { Arc::from(&bars[first..last]) }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bars(bars) => write!(f, "{} bars", bars.len()),
            Self::BarStream(_) => f.write_str("a stream of bars"),
            Self::Part(_, (from, until)) => write!(f, "a stream of bars from {from} until {until}"),
            Self::TickStream(_) => f.write_str("a stream of ticks"),
        }
    }
}
