//! RSI reversion: buys what fell too fast, and lets go once it is back.

use super::size::{QTY, SHARE, Size};
use crate::contract::{Args, Intents, Param, Reads, Row, Strategy, StrategyError, View, load, save};
use crate::indicator::{self, Indicator, Snapshot};
use model::{Bar, Qty};
use serde::{Deserialize, Serialize};

pub(super) const ROW: Row = Row {
    name: "rsi_reversion",
    about: "long from where the RSI is below `enter` until it is above `leave`; short the other way round",
    params: &[
        Param::count("period", "bars of the index", 14.0, 2.0, 1_000.0),
        Param::real("enter", "buy below", 30.0, 1.0, 99.0),
        Param::real("leave", "sell above", 55.0, 1.0, 99.0),
        Param::count("short", "1 to be short from 100 − enter until 100 − leave", 0.0, 0.0, 1.0),
        QTY,
        SHARE,
    ],
    ordered: &[("enter", "leave")],
    markets: (1, 1),
    reads: Reads { bars: true, quotes: false, sizes: false, prints: false },
    warm_up: |args| args.count("period") + 1,
    make: |args, _| Ok(Box::new(Reversion::new(args)?)),
};

#[derive(Clone, Debug)]
struct Reversion {
    rules: Rules,
    index: Indicator,
    /// Of a bar that `pass` has looked at and left.
    ahead: Option<Option<f64>>,
    /// What prices are multiplied with, so that they stay those of the first bar through every split.
    scale: f64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Rules {
    enter: f64,
    leave: f64,
    shorts: bool,
    size: Size,
}

impl Rules {
    /// The side it wants to be on, if that is another than where it is.
    fn wants(&self, index: f64, held: Qty) -> Option<i64> {
        match held.0.signum() {
            0 if index < self.enter => Some(1),
            0 if self.shorts && index > 100.0 - self.enter => Some(-1),
            1 if index > self.leave => Some(0),
            -1 if index < 100.0 - self.leave => Some(0),
            _ => None,
        }
    }
}

impl Reversion {
    fn new(args: &Args) -> Result<Self, StrategyError> {
        let rules = Rules {
            enter: args.real("enter"),
            leave: args.real("leave"),
            shorts: args.is_set("short"),
            size: Size::of(args),
        };
        let index = indicator::build("rsi", &[("period", args.real("period"))])?;
        Ok(Self { rules, index, ahead: None, scale: 1.0 })
    }

    /// The index with this bar. A bar that the indicator refuses says nothing.
    fn index(&mut self, bar: &Bar) -> Option<f64> {
        if let Some(index) = self.ahead.take() {
            return index;
        }
        let close =
            indicator::Bar { time: bar.begin.0, ..indicator::Bar::of(bar.close.0 as f64 * self.scale) };
        self.index.update(close).ok().flatten().map(|values| values.first())
    }
}

impl Strategy for Reversion {
    fn on_bar(&mut self, at: usize, bar: &Bar, view: &View<'_>, out: &mut Intents) {
        let Some(index) = self.index(bar) else { return };
        if let Some(side) = self.rules.wants(index, view.held(at)) {
            out.target(at, Qty(self.rules.size.lots(at, bar.close, view).0 * side));
        }
    }

    fn pass(&mut self, _at: usize, bars: &[Bar], held: Qty) -> usize {
        for (place, bar) in bars.iter().enumerate() {
            let index = self.index(bar);
            if index.is_some_and(|index| self.rules.wants(index, held).is_some()) {
                self.ahead = Some(index);
                return place;
            }
        }
        bars.len()
    }

    fn on_split(&mut self, _at: usize, old: u32, new: u32) {
        self.scale *= f64::from(new) / f64::from(old);
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        save(&(self.rules, self.index.save()?, self.ahead, self.scale))
    }

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError> {
        let (rules, index, ahead, scale): (Rules, Snapshot, Option<Option<f64>>, f64) = load(state)?;
        *self = Self { rules, index: Indicator::restore(&index)?, ahead, scale };
        Ok(())
    }
}
