//! Where prices are in their range, smoothed in one way or another.

use super::super::kernel::{Chain, Lag, Smooth, Window};
use super::super::machine::Step;
use super::super::param::{count, period};
use super::super::{Bar, Category::Momentum, Spec, WarmUp::Exactly};
use super::{HL, HLC, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("stoch", Momentum, "Lane's slow stochastic: the close within its range in percent, twice smoothed")
        .reads(HLC)
        .params(&[count("fast_k", 5.0, 1.0), count("slow_k", 3.0, 1.0), count("slow_d", 3.0, 1.0)])
        .outputs(&["slow_k", "slow_d"])
        .library(FuncId::STOCH),
    spec("stochf", Momentum, "Lane's fast stochastic: the close within its range in percent, and its mean")
        .reads(HLC)
        .params(&[count("fast_k", 5.0, 1.0), count("fast_d", 3.0, 1.0)])
        .outputs(&["fast_k", "fast_d"])
        .library(FuncId::STOCHF),
    spec("willr", Momentum, "Williams' %R: how far the close is under the highest high, from 0 to -100")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::WILLR),
    spec("ibs", Momentum, "where in its own range the bar closed, from 0 to 1")
        .reads(HLC)
        .library(FuncId::IBS),
    spec("kdj", Momentum, "a stochastic with Wilder's averages, and the line 3K - 2D")
        .reads(HLC)
        .params(&[count("fast_k", 9.0, 1.0), count("slow_k", 3.0, 1.0), count("slow_d", 3.0, 1.0)])
        .outputs(&["k", "d", "j"])
        .own(
            |a| Exactly(a.count(0) + a.count(1) + a.count(2) - 3),
            |a| {
                let smooth = [Smooth::wilder(a.count(1)), Smooth::wilder(a.count(2))];
                Box::new(Kdj { range: Range::new(a.count(0)), smooth })
            },
        ),
    spec(
        "smi",
        Momentum,
        "Blau's stochastic momentum: the close from the middle of its range, twice smoothed",
    )
    .reads(HLC)
    .params(&[
        period(13.0, 2.0),
        count("fast", 2.0, 2.0),
        count("slow", 25.0, 2.0),
        count("signal", 9.0, 2.0),
    ])
    .ordered(&[("fast", "slow")])
    .outputs(&["smi", "signal"])
    .own(
        |a| Exactly((0..4).map(|at| a.count(at) - 1).sum()),
        |a| {
            let chain = Chain::exponential(&[a.count(2), a.count(1)]);
            let signal = Smooth::exponential(a.count(3));
            Box::new(Blau { range: Range::new(a.count(0)), close: chain.clone(), whole: chain, signal })
        },
    ),
    spec("schaff_trend_cycle", Momentum, "Schaff's cycle: a MACD taken twice through a stochastic")
        .params(&[count("fast", 23.0, 2.0), count("slow", 50.0, 2.0), count("cycle", 10.0, 2.0)])
        .ordered(&[("fast", "slow")])
        .own(
            |a| Exactly(a.count(1) - 1 + 2 * (a.count(2) - 1)),
            |a| Box::new(Schaff::new(a.count(0), a.count(1), a.count(2))),
        ),
    spec(
        "premier_stochastic",
        Momentum,
        "Leibfarth's stochastic: smoothed twice and squeezed between -1 and 1",
    )
    .reads(HLC)
    .params(&[count("fast_k", 8.0, 1.0), count("smooth", 5.0, 1.0)])
    .own(
        |a| Exactly(a.count(0) - 1 + 2 * (a.count(1) - 1)),
        |a| {
            let chain = Chain::exponential(&[a.count(1); 2]);
            Box::new(Premier { range: Range::new(a.count(0)), chain })
        },
    ),
    spec(
        "fisher",
        Momentum,
        "Ehlers' transform of where the middle is in its range, and the same a bar before",
    )
    .reads(HL)
    .params(&[period(10.0, 2.0)])
    .outputs(&["fisher", "trigger"])
    .own(
        |a| Exactly(a.count(0) - 1),
        |a| Box::new(Fisher { window: Window::new(a.count(0)), place: 0.0, value: 0.0 }),
    ),
    spec(
        "relative_vigor",
        Momentum,
        "Ehlers' vigor: how far bars close from their opens, as a part of their ranges",
    )
    .reads(super::OHLC)
    .params(&[period(10.0, 1.0)])
    .outputs(&["vigor", "signal"])
    .own(|a| Exactly(a.count(0) + 5), |a| Box::new(Vigor::new(a.count(0)))),
];

/// The highest high and the lowest low of the last bars.
#[derive(Clone, Serialize, Deserialize)]
struct Range {
    highs: Window,
    lows: Window,
}

impl Range {
    fn new(period: usize) -> Self {
        Self { highs: Window::new(period), lows: Window::new(period) }
    }

    /// Lowest and highest.
    fn next(&mut self, bar: &Bar) -> Option<(f64, f64)> {
        self.lows.push(bar.low);
        let highest = self.highs.with(bar.high)?.highest();
        Some((self.lows.lowest(), highest))
    }

    /// The close within the range, in percent.
    fn place(&mut self, bar: &Bar) -> Option<f64> {
        let (lowest, highest) = self.next(bar)?;
        Some(100.0 * ratio_or_zero(bar.close - lowest, highest - lowest))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Kdj {
    range: Range,
    smooth: [Smooth; 2],
}

impl Step for Kdj {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let place = self.range.place(&bar)?;
        let [slow_k, slow_d] = &mut self.smooth;
        let k = slow_k.next(place)?;
        let d = slow_d.next(k)?;
        Some([k, d, 3.0 * k - 2.0 * d])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Blau {
    range: Range,
    close: Chain,
    whole: Chain,
    signal: Smooth,
}

impl Step for Blau {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let (lowest, highest) = self.range.next(&bar)?;
        let close = self.close.next(bar.close - f64::midpoint(highest, lowest));
        let whole = self.whole.next(highest - lowest)?;
        let smi = 100.0 * ratio_or_zero(close?, 0.5 * whole);
        Some([smi, self.signal.next(smi)?])
    }
}

/// A stochastic of any line, smoothed by half; where the range is nothing it stays as it was.
#[derive(Clone, Serialize, Deserialize)]
struct HalfSmoothed {
    window: Window,
    place: f64,
    smooth: Smooth,
}

impl HalfSmoothed {
    fn new(period: usize) -> Self {
        Self { window: Window::new(period), place: 0.0, smooth: Smooth::from_first(0.5) }
    }

    fn next(&mut self, value: f64) -> Option<f64> {
        let window = self.window.with(value)?;
        let (lowest, highest) = (window.lowest(), window.highest());
        if highest > lowest {
            self.place = 100.0 * (value - lowest) / (highest - lowest);
        }
        self.smooth.next(self.place)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Schaff {
    fast: Smooth,
    slow: Smooth,
    delay: Lag,
    passes: [HalfSmoothed; 2],
}

impl Schaff {
    fn new(fast: usize, slow: usize, cycle: usize) -> Self {
        Self {
            fast: Smooth::exponential(fast),
            slow: Smooth::exponential(slow),
            delay: Lag::new(slow - fast),
            passes: [HalfSmoothed::new(cycle), HalfSmoothed::new(cycle)],
        }
    }
}

impl Step for Schaff {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        // The fast average is seeded with the last closes of the slow one's seed, as TA-Lib does.
        let is_delayed = self.delay.next(close).is_some();
        let fast = if is_delayed { self.fast.next(close) } else { None };
        let slow = self.slow.next(close)?;
        let line = fast? - slow;
        let [first, second] = &mut self.passes;
        let once = first.next(line)?;
        second.next(once)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Premier {
    range: Range,
    chain: Chain,
}

impl Step for Premier {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let place = self.range.place(&bar)?;
        let smooth = self.chain.next(0.1 * (place - 50.0))?;
        Some((smooth / 2.0).tanh())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Fisher {
    window: Window,
    place: f64,
    value: f64,
}

impl Step for Fisher {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let middle = bar.median();
        let window = self.window.with(middle)?;
        let (lowest, highest) = (window.lowest(), window.highest());
        let place = if highest > lowest { (middle - lowest) / (highest - lowest) } else { 0.5 };
        self.place = 0.67 * self.place + 0.66 * (place - 0.5);
        if self.place.abs() > 0.99 {
            self.place = 0.999_f64.copysign(self.place);
        }
        let trigger = self.value;
        self.value = 0.5 * ((1.0 + self.place) / (1.0 - self.place)).ln() + 0.5 * trigger;
        Some([self.value, trigger])
    }
}

/// Four values weighted 1, 2, 2, 1.
#[derive(Clone, Serialize, Deserialize)]
struct Symmetric(Window);

impl Symmetric {
    fn new() -> Self {
        Self(Window::new(4))
    }

    fn next(&mut self, value: f64) -> Option<f64> {
        let four = self.0.with(value)?;
        Some((four.ago(0) + 2.0 * four.ago(1) + 2.0 * four.ago(2) + four.ago(3)) / 6.0)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Vigor {
    body: Symmetric,
    range: Symmetric,
    bodies: Window,
    ranges: Window,
    signal: Symmetric,
}

impl Vigor {
    fn new(period: usize) -> Self {
        Self {
            body: Symmetric::new(),
            range: Symmetric::new(),
            bodies: Window::new(period),
            ranges: Window::new(period),
            signal: Symmetric::new(),
        }
    }
}

impl Step for Vigor {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let body = self.body.next(bar.close - bar.open);
        let range = self.range.next(bar.range());
        self.ranges.push(range?);
        let body = self.bodies.with(body?)?.sum();
        let vigor = ratio_or_zero(body, self.ranges.sum());
        Some([vigor, self.signal.next(vigor)?])
    }
}
