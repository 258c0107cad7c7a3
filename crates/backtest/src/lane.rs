//! A market's data on its way through a run: where it is, and what comes next. A chunk is checked when it is taken:
//! a bar that contradicts itself or time that goes back ends the run.

use crate::error::BacktestError;
use crate::feed::{Feed, Tick};
use model::{Bar, Time};
use std::sync::Arc;

/// What a market says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Open,
    /// A point on the way of the bar after its open.
    Point(usize),
    Close,
    Tick,
}

impl Moment {
    /// At one moment what is older comes first.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Point(_) => 0,
            Self::Close => 1,
            Self::Tick => 2,
            Self::Open => 3,
        }
    }
}

pub(crate) struct Lane {
    symbol: String,
    feed: Feed,
    chunk_at: usize,
    bars: Arc<[Bar]>,
    ticks: Arc<[(Time, Tick)]>,
    at: usize,
    /// Bars or ticks in the chunks before this one.
    before: u64,
    moment: Moment,
    latest: Time,
    held: Option<i64>,
}

impl Lane {
    pub(crate) fn open(symbol: &str, feed: &Feed) -> Result<Self, BacktestError> {
        let is_ticks = feed.is_ticks();
        let mut lane = Self {
            symbol: symbol.to_owned(),
            feed: feed.clone(),
            chunk_at: 0,
            bars: Arc::from([]),
            ticks: Arc::from([]),
            at: 0,
            before: 0,
            moment: if is_ticks { Moment::Tick } else { Moment::Open },
            latest: Time::MIN,
            held: None,
        };
        lane.load()?;
        if lane.next().is_none() {
            return Err(BacktestError::NoData { symbol: symbol.to_owned() });
        }
        Ok(lane)
    }

    fn load(&mut self) -> Result<(), BacktestError> {
        self.at = 0;
        loop {
            let empty = if self.feed.is_ticks() {
                let Some(ticks) = self.feed.ticks(self.chunk_at)? else { break };
                self.check_ticks(&ticks)?;
                self.ticks = ticks;
                self.ticks.is_empty()
            } else {
                let Some(bars) = self.feed.bars(self.chunk_at)? else { break };
                self.check_bars(&bars)?;
                self.bars = bars;
                self.bars.is_empty()
            };
            self.chunk_at += 1;
            if !empty {
                return Ok(());
            }
        }
        (self.bars, self.ticks) = (Arc::from([]), Arc::from([]));
        Ok(())
    }

    fn check_bars(&mut self, bars: &[Bar]) -> Result<(), BacktestError> {
        let mut latest = self.latest;
        for bar in bars {
            if !bar.is_sane() {
                return Err(BacktestError::BrokenBar { symbol: self.symbol.clone(), at: bar.begin });
            }
            if bar.begin < latest {
                let (symbol, after) = (self.symbol.clone(), latest);
                return Err(BacktestError::OutOfOrder { symbol, at: bar.begin, after });
            }
            latest = bar.end;
        }
        self.latest = latest;
        Ok(())
    }

    fn check_ticks(&mut self, ticks: &[(Time, Tick)]) -> Result<(), BacktestError> {
        for (time, _) in ticks {
            if *time < self.latest {
                let (symbol, after) = (self.symbol.clone(), self.latest);
                return Err(BacktestError::OutOfOrder { symbol, at: *time, after });
            }
            self.latest = *time;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<(Time, Moment)> {
        if self.moment == Moment::Tick {
            return self.ticks.get(self.at).map(|(time, _)| (*time, Moment::Tick));
        }
        let bar = self.bars.get(self.at)?;
        let third = (bar.end.0 - bar.begin.0) / 3;
        let time = match self.moment {
            Moment::Open => bar.begin,
            Moment::Point(at) if at < 2 => Time(bar.begin.0 + third * (1 + i64::from(at != 0))),
            _ => bar.end,
        };
        Some((time, self.moment))
    }

    pub(crate) fn bar(&self) -> Bar {
        self.bars.get(self.at).copied().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn tick(&self) -> &Tick {
        &self.ticks[self.at].1
    }

    /// The bars from here to the end of the chunk, and the number of the first.
    pub(crate) fn rest(&self) -> (&[Bar], u64) {
        (&self.bars[self.at..], self.count())
    }

    pub(crate) fn chunk(&self) -> &Arc<[Bar]> {
        &self.bars
    }

    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// How many are behind us.
    pub(crate) fn count(&self) -> u64 {
        self.before + self.at as u64
    }

    pub(crate) fn opened(&mut self) {
        (self.moment, self.held) = (Moment::Point(0), None);
    }

    pub(crate) fn pointed(&mut self, at: usize) {
        self.moment = if at < 2 { Moment::Point(at + 1) } else { Moment::Close };
    }

    /// The position when the way of the bar began: which side is the bad one does not change on the way.
    pub(crate) fn held_at_open(&mut self, held: i64) -> i64 {
        *self.held.get_or_insert(held)
    }

    /// So many bars are over.
    pub(crate) fn skip(&mut self, bars: usize) -> Result<(), BacktestError> {
        self.at += bars;
        self.moment = Moment::Open;
        self.turn(self.bars.len())
    }

    pub(crate) fn skip_tick(&mut self) -> Result<(), BacktestError> {
        self.at += 1;
        self.turn(self.ticks.len())
    }

    fn turn(&mut self, len: usize) -> Result<(), BacktestError> {
        if self.at >= len {
            self.before += len as u64;
            self.load()?;
        }
        Ok(())
    }
}
