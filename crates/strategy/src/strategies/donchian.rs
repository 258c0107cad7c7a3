//! Donchian breakout: goes with a close beyond the highest or lowest of the last bars, and leaves at the extreme of
//! fewer bars on the other side.

use super::size::{QTY, SHARE, Size, turned};
use crate::contract::{Args, Intents, Param, Reads, Row, Strategy, StrategyError, View, load, save};
use model::{Bar, Qty};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

pub(super) const ROW: Row = Row {
    name: "donchian",
    about: "long on a close above the highest high of `enter` bars, until one below the lowest low of `leave`",
    params: &[
        Param::count("enter", "bars whose extreme has to be broken", 20.0, 2.0, 10_000.0),
        Param::count("leave", "bars whose opposite extreme ends it", 10.0, 1.0, 10_000.0),
        Param::count("short", "1 to trade breaks downwards too", 0.0, 0.0, 1.0),
        QTY,
        SHARE,
    ],
    ordered: &[("leave", "enter")],
    markets: (1, 1),
    reads: Reads { bars: true, quotes: false, sizes: false, prints: false },
    warm_up: |args| args.count("enter"),
    make: |args, _| Ok(Box::new(Breakout::new(args))),
};

/// The greatest of the last values: those that a later one reaches can never be it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Greatest {
    period: u64,
    falling: VecDeque<(u64, i64)>,
}

impl Greatest {
    fn new(period: usize) -> Self {
        Self { period: period as u64, falling: VecDeque::with_capacity(period) }
    }

    fn push(&mut self, place: u64, value: i64) {
        while self.falling.back().is_some_and(|(_, last)| *last <= value) {
            self.falling.pop_back();
        }
        self.falling.push_back((place, value));
        while self.falling.front().is_some_and(|(first, _)| first + self.period <= place) {
            self.falling.pop_front();
        }
    }

    fn get(&self) -> i64 {
        self.falling.front().map_or(i64::MAX, |(_, value)| *value)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Breakout {
    shorts: bool,
    size: Size,
    warm_up: u64,
    seen: u64,
    /// Highs to be above, and to end a short; lows with their sign turned, to end a long, and to be below.
    highs: [Greatest; 2],
    lows: [Greatest; 2],
}

impl Breakout {
    fn new(args: &Args) -> Self {
        let (enter, leave) = (args.count("enter"), args.count("leave"));
        let pair = || [Greatest::new(enter), Greatest::new(leave)];
        Self {
            shorts: args.is_set("short"),
            size: Size::of(args),
            warm_up: enter as u64,
            seen: 0,
            highs: pair(),
            lows: pair(),
        }
    }

    /// The side it wants to be on, by the bars before this one.
    fn wants(&self, bar: &Bar, held: Qty) -> Option<i64> {
        if self.seen < self.warm_up {
            return None;
        }
        let close = bar.close.0;
        let [high, ends_short] = self.highs.each_ref().map(Greatest::get);
        let [low, ends_long] = self.lows.each_ref().map(Greatest::get);
        let (up, down) = (close > high, self.shorts && -close > low);
        match held.0.signum() {
            0 | -1 if up => Some(1),
            0 | 1 if down => Some(-1),
            1 if -close > ends_long => Some(0),
            -1 if close > ends_short => Some(0),
            _ => None,
        }
    }

    fn keep(&mut self, bar: &Bar) {
        let seen = self.seen;
        self.highs.iter_mut().for_each(|greatest| greatest.push(seen, bar.high.0));
        self.lows.iter_mut().for_each(|greatest| greatest.push(seen, bar.low.0.saturating_neg()));
        self.seen += 1;
    }
}

impl Strategy for Breakout {
    fn on_bar(&mut self, at: usize, bar: &Bar, view: &View<'_>, out: &mut Intents) {
        if let Some(side) = self.wants(bar, view.held(at)) {
            out.target(at, Qty(self.size.lots(at, bar.close, view).0 * side));
        }
        self.keep(bar);
    }

    fn pass(&mut self, _at: usize, bars: &[Bar], held: Qty) -> usize {
        for (place, bar) in bars.iter().enumerate() {
            if self.wants(bar, held).is_some() {
                return place;
            }
            self.keep(bar);
        }
        bars.len()
    }

    fn on_split(&mut self, _at: usize, old: u32, new: u32) {
        for greatest in self.highs.iter_mut().chain(&mut self.lows) {
            greatest.falling.iter_mut().for_each(|(_, value)| *value = turned(*value, old, new));
        }
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        save(self)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError> {
        *self = load(state)?;
        Ok(())
    }
}
