//! What volume says about prices.

use super::super::kernel::{Move, Smooth, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Volume, Spec, WarmUp::Exactly};
use super::{CV, HLCV, HLV, V, ratio, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("obv", Volume, "Granville's balance: volume added where the close rose, taken away where it fell")
        .reads(CV)
        .own(|_| Exactly(0), |_| Box::new(Balance::default())),
    spec("ad", Volume, "Chaikin's line: volume times where in its range the bar closed, added up")
        .reads(HLCV)
        .own(|_| Exactly(0), |_| Box::new(Accumulation(Line::default()))),
    spec("adosc", Volume, "a fast exponential average of Chaikin's line less a slow one")
        .reads(HLCV)
        .params(&[count("fast", 3.0, 2.0), count("slow", 10.0, 2.0)])
        .ordered(&[("fast", "slow")])
        .own(|a| Exactly(a.count(1) - 1), |a| Box::new(Oscillator::new(a.count(0), a.count(1)))),
    spec(
        "cmf",
        Volume,
        "Chaikin's money flow: the window's volume by where bars closed, as a part of all of it",
    )
    .reads(HLCV)
    .params(&[period(20.0, 2.0)])
    .library(FuncId::CMF),
    spec("emv", Volume, "Arms' ease of movement: how far the middle moved for the volume it took, averaged")
        .reads(HLV)
        .params(&[period(14.0, 1.0), real("divisor", 10_000.0, 1.0, 1e15)])
        .library(FuncId::EMV),
    spec("marketfi", Volume, "Williams' facilitation: the range for each unit of volume")
        .reads(HLV)
        .library(FuncId::MARKETFI),
    spec("rvol", Volume, "volume as a multiple of the mean of the bars before")
        .reads(V)
        .params(&[period(20.0, 1.0)])
        .library(FuncId::RVOL),
    spec("force_index", Volume, "Elder's force: the move times its volume, averaged")
        .reads(CV)
        .params(&[period(13.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Force { close: Move::default(), average: Smooth::exponential(a.count(0)) }),
        ),
    spec("pvt", Volume, "volume times the return, added up")
        .reads(CV)
        .own(|_| Exactly(0), |_| Box::new(Trend::default())),
    spec("nvi", Volume, "an index from 1000 that follows prices only where volume falls")
        .reads(CV)
        .own(|_| Exactly(0), |_| Box::new(Index::new(false))),
    spec("pvi", Volume, "an index from 1000 that follows prices only where volume rises")
        .reads(CV)
        .own(|_| Exactly(0), |_| Box::new(Index::new(true))),
    spec("klinger", Volume, "Klinger's oscillator: two averages of volume signed by the trend, and a signal")
        .reads(HLCV)
        .params(&[count("fast", 34.0, 2.0), count("slow", 55.0, 2.0), count("signal", 13.0, 2.0)])
        .ordered(&[("fast", "slow")])
        .outputs(&["line", "signal"])
        .own(
            |a| Exactly(a.count(1).max(a.count(2))),
            |a| Box::new(Klinger::new([a.count(0), a.count(1), a.count(2)])),
        ),
    spec("volume_oscillator", Volume, "a fast mean of volume less a slow one, in percent of the slow one")
        .reads(V)
        .params(&[count("fast", 5.0, 1.0), count("slow", 10.0, 2.0)])
        .ordered(&[("fast", "slow")])
        .own(
            |a| Exactly(a.count(1) - 1),
            |a| Box::new(Means { fast: Window::new(a.count(0)), slow: Window::new(a.count(1)) }),
        ),
    spec("volume_roc", Volume, "the change of volume over the period, in percent")
        .reads(V)
        .params(&[period(14.0, 1.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Change(Window::new(a.count(0) + 1)))),
    spec("volume_zscore", Volume, "how unusual the volume is, in standard deviations of the window")
        .reads(V)
        .params(&[period(20.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Unusual(Window::new(a.count(0))))),
    spec("twiggs_money_flow", Volume, "Chaikin's money flow over true ranges, with Wilder's averages")
        .reads(HLCV)
        .params(&[period(21.0, 1.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Twiggs::new(a.count(0)))),
    spec("amihud", Volume, "Amihud's illiquidity: the size of returns for a million of value traded")
        .reads(CV)
        .params(&[period(20.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Illiquidity { close: Move::default(), window: Window::new(a.count(0)) }),
        ),
];

#[derive(Clone, Default, Serialize, Deserialize)]
struct Balance {
    close: Move,
    total: Option<f64>,
}

impl Step for Balance {
    type In = Bar;
    type Out = f64;

    /// The first bar's own volume is the start, as in TA-Lib.
    fn step(&mut self, bar: Bar) -> Option<f64> {
        let change = self.close.next(bar.close).unwrap_or_default();
        let total = match self.total {
            None => bar.volume,
            Some(total) if change > 0.0 => total + bar.volume,
            Some(total) if change < 0.0 => total - bar.volume,
            Some(total) => total,
        };
        self.total = Some(total);
        self.total
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Line {
    total: f64,
}

impl Line {
    fn next(&mut self, bar: &Bar) -> f64 {
        let place = ratio_or_zero((bar.close - bar.low) - (bar.high - bar.close), bar.range());
        self.total += place * bar.volume;
        self.total
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Accumulation(Line);

impl Step for Accumulation {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        Some(self.0.next(&bar))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Oscillator {
    line: Line,
    fast: Smooth,
    slow: Smooth,
    ready: Window,
}

impl Oscillator {
    fn new(fast: usize, slow: usize) -> Self {
        let [fast, long] = [fast, slow].map(|period| Smooth::from_first(2.0 / (period as f64 + 1.0)));
        Self { line: Line::default(), fast, slow: long, ready: Window::new(slow) }
    }
}

impl Step for Oscillator {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let line = self.line.next(&bar);
        let (fast, slow) = (self.fast.next(line)?, self.slow.next(line)?);
        self.ready.push(0.0).then_some(fast - slow)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Force {
    close: Move,
    average: Smooth,
}

impl Step for Force {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let change = self.close.next(bar.close)?;
        self.average.next(change * bar.volume)
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Trend {
    close: Move,
    total: f64,
}

impl Step for Trend {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        if let Some(before) = self.close.previous(bar.close) {
            self.total += bar.volume * ratio_or_zero(bar.close - before, before);
        }
        Some(self.total)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Index {
    on_rise: bool,
    close: Move,
    volume: Move,
    value: f64,
}

impl Index {
    fn new(on_rise: bool) -> Self {
        Self { on_rise, close: Move::default(), volume: Move::default(), value: 1000.0 }
    }
}

impl Step for Index {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.close.previous(bar.close);
        let change = self.volume.next(bar.volume).unwrap_or_default();
        let follows = if self.on_rise { change > 0.0 } else { change < 0.0 };
        if let Some(before) = before.filter(|_| follows) {
            let next = self.value * (1.0 + ratio_or_zero(bar.close - before, before));
            self.value = if next.is_finite() { next } else { self.value };
        }
        Some(self.value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Klinger {
    last: Option<Run>,
    fast: Smooth,
    slow: Smooth,
    signal: Smooth,
    ready: Window,
}

/// The run of bars that go one way.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Run {
    sum: f64,
    range: f64,
    /// 1 up, -1 down, 0 before the first move.
    trend: f64,
    /// The ranges of the run added up; none before its second bar.
    cumulated: Option<f64>,
}

impl Klinger {
    fn new([fast, slow, signal]: [usize; 3]) -> Self {
        let [quick, long, trigger] =
            [fast, slow, signal].map(|period| Smooth::from_first(2.0 / (period as f64 + 1.0)));
        Self { last: None, fast: quick, slow: long, signal: trigger, ready: Window::new(slow.max(signal)) }
    }

    fn force(&mut self, bar: &Bar) -> Option<f64> {
        let (sum, range) = (bar.high + bar.low + bar.close, bar.range());
        let Some(last) = self.last else {
            self.last = Some(Run { sum, range, trend: 0.0, cumulated: None });
            return None;
        };
        let change = sum - last.sum;
        let trend = if change == 0.0 { last.trend } else { 1.0_f64.copysign(change) };
        let goes_on = last.cumulated.filter(|_| trend == last.trend);
        let cumulated = goes_on.unwrap_or(last.range) + range;
        self.last = Some(Run { sum, range, trend, cumulated: Some(cumulated) });
        let share = ratio(range, cumulated).map_or(0.0, |part| (2.0 * part - 1.0).abs());
        Some(100.0 * bar.volume * share * trend)
    }
}

impl Step for Klinger {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let force = self.force(&bar)?;
        let line = self.fast.next(force)? - self.slow.next(force)?;
        let signal = self.signal.next(line)?;
        self.ready.push(0.0).then_some([line, signal])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Means {
    fast: Window,
    slow: Window,
}

impl Step for Means {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let fast = self.fast.mean_with(bar.volume);
        let slow = self.slow.mean_with(bar.volume)?;
        ratio(100.0 * (fast? - slow), slow)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Change(Window);

impl Step for Change {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.0.with(bar.volume)?.oldest();
        ratio(100.0 * (bar.volume - before), before)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Unusual(Window);

impl Step for Unusual {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let window = self.0.with(bar.volume)?;
        ratio(bar.volume - window.mean(), window.deviation())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Twiggs {
    close: Move,
    flow: Smooth,
    volume: Smooth,
}

impl Twiggs {
    fn new(period: usize) -> Self {
        Self { close: Move::default(), flow: Smooth::wilder(period), volume: Smooth::wilder(period) }
    }
}

impl Step for Twiggs {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.close.previous(bar.close)?;
        let (high, low) = (bar.high.max(before), bar.low.min(before));
        let place = ratio_or_zero((bar.close - low) - (high - bar.close), high - low);
        let flow = self.flow.next(place * bar.volume);
        let volume = self.volume.next(bar.volume)?;
        ratio(flow?, volume)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Illiquidity {
    close: Move,
    window: Window,
}

impl Step for Illiquidity {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.close.previous(bar.close)?;
        let move_ = ratio(bar.close - before, before)?.abs();
        self.window.mean_with(ratio(1e6 * move_, bar.close * bar.volume)?)
    }
}
