//! Channels and bands around prices.

use super::super::kernel::{Lag, Smooth, TrueRange, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Overlap, Category::Volatility, Spec, WarmUp::Exactly};
use super::{HL, HLC, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

const LINES: &[&str] = &["upper", "middle", "lower"];

pub const LIST: &[Spec] = &[
    spec(
        "bbands",
        Overlap,
        "Bollinger's bands: the mean, and so many standard deviations above and below it",
    )
    .params(&[period(20.0, 2.0), real("up", 2.0, -100.0, 100.0), real("down", 2.0, -100.0, 100.0)])
    .outputs(LINES)
    .library(FuncId::BBANDS),
    spec("bbw", Volatility, "the width of Bollinger's bands, in percent of their middle")
        .params(&[period(20.0, 2.0), real("up", 2.0, -100.0, 100.0), real("down", 2.0, -100.0, 100.0)])
        .library(FuncId::BBW),
    spec("percentb", Volatility, "where the close is between Bollinger's bands: 0 the lower, 1 the upper")
        .params(&[period(20.0, 2.0), real("up", 2.0, -100.0, 100.0), real("down", 2.0, -100.0, 100.0)])
        .library(FuncId::PERCENTB),
    spec(
        "accbands",
        Overlap,
        "Headley's acceleration bands: means of highs and lows, widened by their range",
    )
    .reads(HLC)
    .params(&[period(20.0, 2.0)])
    .outputs(LINES)
    .library(FuncId::ACCBANDS),
    spec("donchian", Overlap, "the highest high, the lowest low, and the middle of them")
        .reads(HL)
        .params(&[period(20.0, 2.0)])
        .outputs(LINES)
        .library(FuncId::DONCHIAN),
    spec(
        "keltner",
        Overlap,
        "an exponential average of the typical price, and true ranges above and below it",
    )
    .reads(HLC)
    .params(&[period(20.0, 2.0), count("atr_period", 10.0, 1.0), real("width", 2.0, 0.0, 100.0)])
    .outputs(LINES)
    .own(
        |a| Exactly(a.count(1).max(a.count(0) - 1)),
        |a| Box::new(Ranged::new(Smooth::exponential(a.count(0)), [a.count(0), a.count(1)], a.real(2), true)),
    ),
    spec("starc", Overlap, "Stoller's channel: a short mean of closes, and true ranges above and below it")
        .reads(HLC)
        .params(&[period(6.0, 1.0), count("atr_period", 15.0, 1.0), real("width", 2.0, 0.0, 100.0)])
        .outputs(LINES)
        .own(
            |a| Exactly(a.count(1).max(a.count(0) - 1)),
            |a| Box::new(Ranged::new(Window::new(a.count(0)), [a.count(0), a.count(1)], a.real(2), false)),
        ),
    spec("envelope", Overlap, "the mean of closes, and so many percent above and below it")
        .params(&[period(20.0, 1.0), real("percent", 2.5, 0.0, 100.0)])
        .outputs(LINES)
        .own(
            |a| Exactly(a.count(0) - 1),
            |a| Box::new(Envelope { window: Window::new(a.count(0)), part: a.real(1) / 100.0 }),
        ),
    spec(
        "regression_channel",
        Overlap,
        "the line of least squares at its end, and its deviations either side",
    )
    .params(&[period(100.0, 3.0), real("width", 2.0, 0.0, 100.0)])
    .outputs(LINES)
    .own(
        |a| Exactly(a.count(0) - 1),
        |a| Box::new(Regressed { window: Window::new(a.count(0)), width: a.real(1) }),
    ),
    spec("ichimoku", Overlap, "the five lines' values known now; the cloud is the one drawn under this bar")
        .reads(HL)
        .params(&[
            count("tenkan", 9.0, 2.0),
            count("kijun", 26.0, 2.0),
            count("senkou", 52.0, 2.0),
            count("displacement", 26.0, 0.0),
        ])
        .outputs(&["tenkan", "kijun", "lead_a", "lead_b", "cloud_a", "cloud_b"])
        .own(
            |a| Exactly((0..3).map(|line| a.count(line)).max().unwrap_or(1) - 1 + a.count(3)),
            |a| Box::new(Ichimoku::new([a.count(0), a.count(1), a.count(2)], a.count(3))),
        ),
];

/// The middle line of a channel.
trait Middle {
    fn next(&mut self, value: f64) -> Option<f64>;
}

impl Middle for Smooth {
    fn next(&mut self, value: f64) -> Option<f64> {
        Self::next(self, value)
    }
}

impl Middle for Window {
    fn next(&mut self, value: f64) -> Option<f64> {
        self.mean_with(value)
    }
}

/// A middle line with Wilder's average of the true range on either side. The one that needs fewer bars begins
/// later, so that both have their first value together.
#[derive(Clone, Serialize, Deserialize)]
struct Ranged<M> {
    middle: M,
    range: TrueRange,
    average: Smooth,
    middle_start: Lag,
    range_start: Lag,
    width: f64,
    is_typical: bool,
}

impl<M> Ranged<M> {
    fn new(middle: M, [period, range_period]: [usize; 2], width: f64, is_typical: bool) -> Self {
        Self {
            middle,
            range: TrueRange::default(),
            average: Smooth::wilder(range_period),
            middle_start: Lag::new((range_period + 1).saturating_sub(period)),
            range_start: Lag::new(period.saturating_sub(range_period + 1)),
            width,
            is_typical,
        }
    }
}

impl<M: Middle> Step for Ranged<M> {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let range = self.range.next(&bar).filter(|range| self.range_start.next(*range).is_some());
        let average = range.and_then(|range| self.average.next(range));
        let price = if self.is_typical { bar.typical() } else { bar.close };
        self.middle_start.next(price)?;
        let middle = self.middle.next(price)?;
        let band = self.width * average?;
        Some([middle + band, middle, middle - band])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Envelope {
    window: Window,
    part: f64,
}

impl Step for Envelope {
    type In = f64;
    type Out = [f64; 3];

    fn step(&mut self, close: f64) -> Option<[f64; 3]> {
        let mean = self.window.mean_with(close)?;
        Some([mean * (1.0 + self.part), mean, mean * (1.0 - self.part)])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Regressed {
    window: Window,
    width: f64,
}

impl Step for Regressed {
    type In = f64;
    type Out = [f64; 3];

    fn step(&mut self, close: f64) -> Option<[f64; 3]> {
        let line = self.window.with(close)?.regression();
        let band = self.width * line.deviation;
        Some([line.end + band, line.end, line.end - band])
    }
}

/// Highs and lows of one line.
#[derive(Clone, Serialize, Deserialize)]
struct Middles {
    highs: Window,
    lows: Window,
}

impl Middles {
    fn new(period: usize) -> Self {
        Self { highs: Window::new(period), lows: Window::new(period) }
    }

    fn next(&mut self, bar: &Bar) -> Option<f64> {
        self.lows.push(bar.low);
        let highest = self.highs.with(bar.high)?.highest();
        Some(f64::midpoint(highest, self.lows.lowest()))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Ichimoku {
    lines: [Middles; 3],
    clouds: [Lag; 2],
}

impl Ichimoku {
    fn new(periods: [usize; 3], displacement: usize) -> Self {
        Self { lines: periods.map(Middles::new), clouds: [Lag::new(displacement), Lag::new(displacement)] }
    }
}

impl Step for Ichimoku {
    type In = Bar;
    type Out = [f64; 6];

    fn step(&mut self, bar: Bar) -> Option<[f64; 6]> {
        let [tenkan, kijun, lead_b] = self.lines.each_mut().map(|line| line.next(&bar));
        let lead_a = tenkan.zip(kijun).map(|(tenkan, kijun)| f64::midpoint(tenkan, kijun));
        let [cloud_a, cloud_b] = &mut self.clouds;
        let cloud_a = lead_a.and_then(|lead| cloud_a.next(lead));
        let cloud_b = lead_b.and_then(|lead| cloud_b.next(lead));
        Some([tenkan?, kijun?, lead_a?, lead_b?, cloud_a?, cloud_b?])
    }
}
