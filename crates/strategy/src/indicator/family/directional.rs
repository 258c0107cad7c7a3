//! Wilder's directional movement, and other measures of which way and how surely prices go.

use super::super::kernel::{Lag, Move, Smooth, TrueRange, WilderSum};
use super::super::machine::Step;
use super::super::param::period;
use super::super::{Bar, Category::Momentum, Spec, WarmUp::Exactly};
use super::{HL, HLC, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("plus_dm", Momentum, "Wilder's running sum of how far highs went beyond the high before")
        .reads(HL)
        .params(&[period(14.0, 1.0)])
        .own(
            |a| Exactly(before_sum(a.count(0))),
            |a| Box::new(Movement { sums: Sums::new(a.count(0)), side: 0 }),
        ),
    spec("minus_dm", Momentum, "Wilder's running sum of how far lows went beyond the low before")
        .reads(HL)
        .params(&[period(14.0, 1.0)])
        .own(
            |a| Exactly(before_sum(a.count(0))),
            |a| Box::new(Movement { sums: Sums::new(a.count(0)), side: 1 }),
        ),
    spec("plus_di", Momentum, "upward movement in percent of the true range")
        .reads(HLC)
        .params(&[period(14.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Indicator { index: Directions::new(a.count(0)), side: 0 }),
        ),
    spec("minus_di", Momentum, "downward movement in percent of the true range")
        .reads(HLC)
        .params(&[period(14.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Indicator { index: Directions::new(a.count(0)), side: 1 }),
        ),
    spec("dx", Momentum, "the difference of the two directions as a part of their sum, in percent")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Index::new(a.count(0)))),
    spec("adx", Momentum, "Wilder's average directional index: how surely prices trend, either way")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .own(
            |a| Exactly(2 * a.count(0) - 1),
            |a| Box::new(Average { index: Index::new(a.count(0)), average: Smooth::wilder(a.count(0)) }),
        ),
    spec("adxr", Momentum, "the mean of the average directional index and of its value a period before")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .own(
            |a| Exactly(3 * a.count(0) - 2),
            |a| {
                let average = Average { index: Index::new(a.count(0)), average: Smooth::wilder(a.count(0)) };
                Box::new(Rating { average, lag: Lag::new(a.count(0) - 1) })
            },
        ),
    spec("dmi", Momentum, "the two directions and their average directional index together")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .outputs(&["plus_di", "minus_di", "adx"])
        .own(
            |a| Exactly(2 * a.count(0) - 1),
            |a| Box::new(Together { index: Index::new(a.count(0)), average: Smooth::wilder(a.count(0)) }),
        ),
    spec("aroon", Momentum, "how long ago the lowest low and the highest high were: 100 is now")
        .reads(HL)
        .params(&[period(14.0, 2.0)])
        .outputs(&["down", "up"])
        .library(FuncId::AROON),
    spec("aroonosc", Momentum, "Aroon up less Aroon down")
        .reads(HL)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::AROONOSC),
    spec(
        "vortex",
        Momentum,
        "how far highs reach from the low before, and lows from the high, in true ranges",
    )
    .reads(HLC)
    .params(&[period(14.0, 1.0)])
    .outputs(&["plus", "minus"])
    .library(FuncId::VORTEX),
    spec(
        "vhf",
        Momentum,
        "the vertical horizontal filter: the range of closes as a part of the way they went",
    )
    .params(&[period(28.0, 2.0)])
    .library(FuncId::VHF),
    spec("er", Momentum, "Kaufman's efficiency: the net move as a part of the way it took")
        .params(&[period(10.0, 2.0)])
        .library(FuncId::ER),
    spec("cti", Momentum, "Ehlers' correlation trend: how well closes keep to a rising straight line")
        .params(&[period(20.0, 2.0)])
        .library(FuncId::CTI),
    spec("chop", Momentum, "the choppiness index: 100 where prices go nowhere, low where they trend")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::CHOP),
    spec("choptr", Momentum, "the choppiness index with gaps counted into the range")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::CHOPTR),
];

fn before_sum(period: usize) -> usize {
    period.saturating_sub(1).max(1)
}

/// Movement up and down, of which a bar has one at most: the greater.
#[derive(Clone, Serialize, Deserialize)]
struct Sums {
    high: Move,
    low: Move,
    sums: [WilderSum; 2],
}

impl Sums {
    fn new(period: usize) -> Self {
        let sum = WilderSum::new(period);
        Self { high: Move::default(), low: Move::default(), sums: [sum.clone(), sum] }
    }

    fn next(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let up = self.high.next(bar.high);
        let down = self.low.next(bar.low).map(|change| -change);
        let (up, down) = up.zip(down)?;
        let [plus, minus] = &mut self.sums;
        let plus = plus.next(if up > down && up > 0.0 { up } else { 0.0 });
        let minus = minus.next(if down > up && down > 0.0 { down } else { 0.0 });
        Some([plus?, minus?])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Movement {
    sums: Sums,
    side: u8,
}

impl Step for Movement {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [plus, minus] = self.sums.next(&bar)?;
        Some(if self.side == 0 { plus } else { minus })
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Directions {
    period: usize,
    sums: Sums,
    range: TrueRange,
    ranges: WilderSum,
}

impl Directions {
    fn new(period: usize) -> Self {
        let ranges = WilderSum::new(period);
        Self { period, sums: Sums::new(period), range: TrueRange::default(), ranges }
    }

    fn next(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let range = self.range.next(bar).and_then(|range| self.ranges.next(range));
        let sums = self.sums.next(bar)?;
        let range = range.filter(|_| self.ranges.seen() >= self.period)?;
        Some(sums.map(|sum| 100.0 * ratio_or_zero(sum, range)))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Indicator {
    index: Directions,
    side: u8,
}

impl Step for Indicator {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [plus, minus] = self.index.next(&bar)?;
        Some(if self.side == 0 { plus } else { minus })
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Index {
    directions: Directions,
    last: f64,
}

impl Index {
    fn new(period: usize) -> Self {
        Self { directions: Directions::new(period), last: 0.0 }
    }

    /// Both directions and the index, which stays as it was where there is no movement at all.
    fn next(&mut self, bar: &Bar) -> Option<[f64; 3]> {
        let [plus, minus] = self.directions.next(bar)?;
        if plus + minus > 0.0 {
            self.last = 100.0 * (plus - minus).abs() / (plus + minus);
        }
        Some([plus, minus, self.last])
    }
}

impl Step for Index {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        self.next(&bar).map(|[_, _, index]| index)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Average {
    index: Index,
    average: Smooth,
}

impl Step for Average {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [_, _, index] = self.index.next(&bar)?;
        self.average.next(index)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Rating {
    average: Average,
    lag: Lag,
}

impl Step for Rating {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let average = self.average.step(bar)?;
        Some(f64::midpoint(average, self.lag.next(average)?))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Together {
    index: Index,
    average: Smooth,
}

impl Step for Together {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let [plus, minus, index] = self.index.next(&bar)?;
        Some([plus, minus, self.average.next(index)?])
    }
}
