//! Turning points, said only once they are confirmed: no value is taken back.

use super::super::machine::Step;
use super::super::param::{count, real};
use super::super::{Bar, Category::Structure, Spec, WarmUp::AtLeast, WarmUp::Exactly};
use super::{HL, ratio, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec(
        "fractal",
        Structure,
        "100 on the bar that confirms a swing high or low, which was so many bars before",
    )
    .reads(HL)
    .params(&[count("left", 2.0, 1.0), count("right", 2.0, 1.0)])
    .outputs(&["swing_high", "swing_low"])
    .library(FuncId::FRACTAL),
    spec(
        "zigzag",
        Structure,
        "the extreme of the leg under way, its direction, and the last confirmed turning point",
    )
    .reads(HL)
    .params(&[real("percent", 5.0, 0.001, 100.0), count("least_bars", 1.0, 1.0)])
    .outputs(&["extreme", "direction", "bars_since", "confirmed"])
    .own(|a| AtLeast(a.count(1)), |a| Box::new(ZigZag::new(a.real(0), a.real(1)))),
    spec(
        "swing_retracement",
        Structure,
        "how much of the last confirmed leg prices gave back, as a part of it",
    )
    .reads(HL)
    .params(&[real("percent", 5.0, 0.001, 100.0), count("least_bars", 1.0, 1.0)])
    .own(|a| AtLeast(a.count(1)), |a| Box::new(Retracement::new(a.real(0), a.real(1)))),
    spec(
        "inside_bar",
        Structure,
        "1 where the bar is within the one before, -1 where it is around it, else 0",
    )
    .reads(HL)
    .own(|_| Exactly(1), |_| Box::new(Inside(None))),
];

/// A leg goes on to new extremes, until prices turn back from the last one by so many percent.
#[derive(Clone, Serialize, Deserialize)]
struct ZigZag {
    part: f64,
    least_bars: f64,
    leg: Option<Leg>,
    confirmed: Option<f64>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Leg {
    is_up: bool,
    extreme: f64,
    bars: f64,
}

impl ZigZag {
    fn new(percent: f64, least_bars: f64) -> Self {
        Self { part: percent / 100.0, least_bars, leg: None, confirmed: None }
    }

    /// The leg after this bar; the first one goes down from the first low, until prices say otherwise.
    fn next(&mut self, bar: &Bar) -> Leg {
        let Some(mut leg) = self.leg else {
            return *self.leg.insert(Leg { is_up: false, extreme: bar.low, bars: 0.0 });
        };
        leg.bars += 1.0;
        let (ahead, back) = if leg.is_up { (bar.high, bar.low) } else { (bar.low, bar.high) };
        let turns = if leg.is_up {
            back <= leg.extreme * (1.0 - self.part)
        } else {
            back >= leg.extreme * (1.0 + self.part)
        };
        if turns && leg.bars >= self.least_bars {
            self.confirmed = Some(leg.extreme);
            leg = Leg { is_up: !leg.is_up, extreme: back, bars: 0.0 };
        } else if (leg.is_up && ahead >= leg.extreme) || (!leg.is_up && ahead <= leg.extreme) {
            leg = Leg { extreme: ahead, bars: 0.0, ..leg };
        }
        self.leg = Some(leg);
        leg
    }
}

impl Step for ZigZag {
    type In = Bar;
    type Out = [f64; 4];

    fn step(&mut self, bar: Bar) -> Option<[f64; 4]> {
        let leg = self.next(&bar);
        Some([leg.extreme, if leg.is_up { 1.0 } else { -1.0 }, leg.bars, self.confirmed?])
    }
}

/// From the two turning points before the leg under way, and how far that leg came.
#[derive(Clone, Serialize, Deserialize)]
struct Retracement {
    zigzag: ZigZag,
    last: Option<f64>,
    before: Option<f64>,
}

impl Retracement {
    fn new(percent: f64, least_bars: f64) -> Self {
        Self { zigzag: ZigZag::new(percent, least_bars), last: None, before: None }
    }
}

impl Step for Retracement {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let was_up = self.zigzag.leg.map(|leg| leg.is_up);
        let leg = self.zigzag.next(&bar);
        if was_up.is_some_and(|was_up| was_up != leg.is_up) {
            self.before = self.last;
            self.last = self.zigzag.confirmed;
        }
        let (last, before) = (self.last?, self.before?);
        ratio(leg.extreme - last, before - last)
    }
}

/// High and low of the bar before.
#[derive(Clone, Serialize, Deserialize)]
struct Inside(Option<[f64; 2]>);

impl Step for Inside {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [high, low] = self.0.replace([bar.high, bar.low])?;
        Some(if bar.high < high && bar.low > low {
            1.0
        } else if bar.high > high && bar.low < low {
            -1.0
        } else {
            0.0
        })
    }
}
