//! Differences of a fast and a slow average, and other lines that cross zero.

use super::super::kernel::{Chain, Lag, Move, Smooth, Window};
use super::super::machine::Step;
use super::super::param::{Param, count, period, real};
use super::super::{Bar, Category::Momentum, Category::Volume, Spec, WarmUp::Exactly};
use super::{HL, HLC, V, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

const FAST_SLOW: [Param; 2] = [count("fast", 12.0, 2.0), count("slow", 26.0, 2.0)];
const ORDER: &[(&str, &str)] = &[("fast", "slow")];
const MACD: &[&str] = &["macd", "signal", "histogram"];

pub const LIST: &[Spec] = &[
    spec(
        "macd",
        Momentum,
        "a fast exponential average less a slow one, its own average, and their difference",
    )
    .params(&[FAST_SLOW[0], FAST_SLOW[1], count("signal", 9.0, 1.0)])
    .ordered(ORDER)
    .outputs(MACD)
    .own(
        |a| Exactly(a.count(1) + a.count(2) - 2),
        |a| {
            let [fast, slow] = [0, 1].map(|at| Smooth::exponential(a.count(at)));
            Box::new(Macd {
                line: Spread::new(fast, slow, a.count(1) - a.count(0)),
                signal: Smooth::exponential(a.count(2)),
            })
        },
    ),
    spec("macdfix", Momentum, "a MACD of 12 and 26 whose averages fade by exactly 0.15 and 0.075")
        .params(&[count("signal", 9.0, 1.0)])
        .outputs(MACD)
        .own(
            |a| Exactly(24 + a.count(0)),
            |a| {
                let line = Spread::new(Smooth::weighing(12, 0.15), Smooth::weighing(26, 0.075), 14);
                Box::new(Macd { line, signal: Smooth::exponential(a.count(0)) })
            },
        ),
    spec("macdext", Momentum, "a MACD of plain means")
        .params(&[FAST_SLOW[0], FAST_SLOW[1], count("signal", 9.0, 1.0)])
        .ordered(ORDER)
        .outputs(MACD)
        .library(FuncId::MACDEXT),
    spec("apo", Momentum, "a fast exponential average less a slow one, in price")
        .params(&FAST_SLOW)
        .ordered(ORDER)
        .own(|a| Exactly(a.count(1) - 1), |a| Box::new(Absolute(Spread::plain(a.count(0), a.count(1))))),
    spec("ppo", Momentum, "a fast exponential average less a slow one, in percent of the slow one")
        .params(&FAST_SLOW)
        .ordered(ORDER)
        .own(|a| Exactly(a.count(1) - 1), |a| Box::new(Percentage(Spread::plain(a.count(0), a.count(1))))),
    spec("pvo", Volume, "a fast exponential average of volume less a slow one, in percent of the slow one")
        .reads(V)
        .params(&FAST_SLOW)
        .ordered(ORDER)
        .own(|a| Exactly(a.count(1) - 1), |a| Box::new(OfVolume(Spread::plain(a.count(0), a.count(1))))),
    spec("ao", Momentum, "Williams' awesome oscillator: a fast mean of the median price less a slow one")
        .reads(HL)
        .params(&[count("fast", 5.0, 2.0), count("slow", 34.0, 2.0)])
        .ordered(ORDER)
        .library(FuncId::AO),
    spec("ac", Momentum, "Williams' accelerator: the awesome oscillator less its own mean")
        .reads(HL)
        .params(&[count("fast", 5.0, 2.0), count("slow", 34.0, 2.0), count("signal", 5.0, 2.0)])
        .ordered(ORDER)
        .library(FuncId::AC),
    spec("trix", Momentum, "the change of a triple exponential average, in percent")
        .params(&[period(30.0, 1.0)])
        .own(
            |a| Exactly(3 * (a.count(0) - 1) + 1),
            |a| Box::new(Trix { chain: Chain::exponential(&[a.count(0); 3]), last: Move::default() }),
        ),
    spec(
        "tsi",
        Momentum,
        "Blau's true strength: moves smoothed twice, as a part of their sizes smoothed twice",
    )
    .params(&[count("first", 25.0, 2.0), count("second", 13.0, 2.0)])
    .own(
        |a| Exactly(a.count(0) + a.count(1) - 1),
        |a| {
            let chain = Chain::exponential(&[a.count(0), a.count(1)]);
            Box::new(TrueStrength { close: Move::default(), moves: chain.clone(), sizes: chain })
        },
    ),
    spec("eri", Momentum, "Elder's rays: how far high and low reach beyond an exponential average of closes")
        .reads(HLC)
        .params(&[period(13.0, 1.0)])
        .outputs(&["bull", "bear"])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Rays(Smooth::exponential(a.count(0))))),
    spec(
        "wavetrend",
        Momentum,
        "the typical price from its average, scaled by its usual distance, and smoothed",
    )
    .reads(HLC)
    .params(&[count("channel", 10.0, 2.0), count("average", 21.0, 1.0), count("signal", 4.0, 1.0)])
    .outputs(&["line", "signal"])
    .own(
        |a| Exactly(2 * (a.count(0) - 1) + a.count(1) + a.count(2) - 2),
        |a| Box::new(WaveTrend::new(a.count(0), a.count(1), a.count(2))),
    ),
    spec("pmo", Momentum, "Swenlin's momentum: the change in percent, smoothed twice, and its signal")
        .params(&[count("first", 35.0, 2.0), count("second", 20.0, 2.0), count("signal", 10.0, 1.0)])
        .outputs(&["pmo", "signal"])
        .own(
            |a| Exactly(a.count(0) + a.count(1) + a.count(2) - 2),
            |a| Box::new(PriceMomentum::new(a.count(0), a.count(1), a.count(2))),
        ),
    spec(
        "elder_impulse",
        Momentum,
        "1 where the average and the MACD histogram both rise, -1 where both fall",
    )
    .params(&[period(13.0, 1.0), FAST_SLOW[0], FAST_SLOW[1], count("signal", 9.0, 1.0)])
    .ordered(ORDER)
    .own(
        |a| Exactly((a.count(0)).max(a.count(2) + a.count(3) - 1)),
        |a| Box::new(Impulse::new(a.count(0), [a.count(1), a.count(2), a.count(3)])),
    ),
    spec("disparity", Momentum, "how far the close is from its mean, in percent of the mean")
        .params(&[period(14.0, 1.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Disparity(Window::new(a.count(0))))),
    spec("pretty_good", Momentum, "Johnson's oscillator: the close from its mean, in average true ranges")
        .reads(HLC)
        .params(&[period(14.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| {
                Box::new(PrettyGood {
                    mean: Window::new(a.count(0)),
                    range: super::stop::AverageRange::new(a.count(0)),
                })
            },
        ),
    spec("trend_intensity", Momentum, "how much of the distance from the mean was above it, from 0 to 100")
        .params(&[period(60.0, 2.0), count("window", 30.0, 1.0)])
        .own(
            |a| Exactly(a.count(0) + a.count(1) - 2),
            |a| Box::new(Intensity { mean: Window::new(a.count(0)), distances: Window::new(a.count(1)) }),
        ),
    spec(
        "inverse_fisher",
        Momentum,
        "an RSI pressed between -1 and 1: what is beyond the weight's reach is at an end",
    )
    .params(&[period(5.0, 2.0), count("smooth", 9.0, 1.0), real("weight", 0.1, 0.001, 10.0)])
    .own(
        |a| Exactly(a.count(0) + a.count(1) - 1),
        |a| Box::new(InverseFisher::new(a.count(0), a.count(1), a.real(2))),
    ),
];

/// A fast average and a slow one; the fast one may begin some values later.
#[derive(Clone, Serialize, Deserialize)]
struct Spread {
    fast: Smooth,
    slow: Smooth,
    start: Lag,
}

impl Spread {
    fn new(fast: Smooth, slow: Smooth, later: usize) -> Self {
        Self { fast, slow, start: Lag::new(later) }
    }

    /// Both from the first value on.
    fn plain(fast: usize, slow: usize) -> Self {
        Self::new(Smooth::exponential(fast), Smooth::exponential(slow), 0)
    }

    /// As a MACD has it: the fast one begins so late that both have their first value together.
    fn together(fast: usize, slow: usize) -> Self {
        Self::new(Smooth::exponential(fast), Smooth::exponential(slow), slow - fast)
    }

    fn next(&mut self, value: f64) -> Option<(f64, f64)> {
        let slow = self.slow.next(value);
        self.start.next(value)?;
        self.fast.next(value).zip(slow)
    }

    fn percent(&mut self, value: f64) -> Option<f64> {
        self.next(value).map(|(fast, slow)| 100.0 * ratio_or_zero(fast - slow, slow))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Macd {
    line: Spread,
    signal: Smooth,
}

impl Step for Macd {
    type In = f64;
    type Out = [f64; 3];

    fn step(&mut self, close: f64) -> Option<[f64; 3]> {
        let (fast, slow) = self.line.next(close)?;
        let signal = self.signal.next(fast - slow)?;
        Some([fast - slow, signal, fast - slow - signal])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Absolute(Spread);

impl Step for Absolute {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.next(close).map(|(fast, slow)| fast - slow)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Percentage(Spread);

impl Step for Percentage {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.percent(close)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct OfVolume(Spread);

impl Step for OfVolume {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        self.0.percent(bar.volume)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Trix {
    chain: Chain,
    last: Move,
}

impl Step for Trix {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let value = self.chain.next(close)?;
        let before = self.last.previous(value)?;
        Some(100.0 * ratio_or_zero(value - before, before))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct TrueStrength {
    close: Move,
    moves: Chain,
    sizes: Chain,
}

impl Step for TrueStrength {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let change = self.close.next(close)?;
        let (moves, sizes) = (self.moves.next(change), self.sizes.next(change.abs()));
        Some(100.0 * ratio_or_zero(moves?, sizes?))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Rays(Smooth);

impl Step for Rays {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let average = self.0.next(bar.close)?;
        Some([bar.high - average, bar.low - average])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct WaveTrend {
    price: Smooth,
    distance: Smooth,
    line: Smooth,
    signal: Window,
}

impl WaveTrend {
    fn new(channel: usize, average: usize, signal: usize) -> Self {
        let [price, distance] = [channel; 2].map(Smooth::exponential);
        Self { price, distance, line: Smooth::exponential(average), signal: Window::new(signal) }
    }
}

impl Step for WaveTrend {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let typical = bar.typical();
        let away = typical - self.price.next(typical)?;
        let usual = self.distance.next(away.abs())?;
        let line = self.line.next(ratio_or_zero(away, 0.015 * usual))?;
        Some([line, self.signal.mean_with(line)?])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct PriceMomentum {
    close: Move,
    smooth: [Smooth; 2],
    signal: Smooth,
}

impl PriceMomentum {
    fn new(first: usize, second: usize, signal: usize) -> Self {
        let smooth = [first, second].map(|period| Smooth::weighing(period, 2.0 / period as f64));
        Self { close: Move::default(), smooth, signal: Smooth::exponential(signal) }
    }
}

impl Step for PriceMomentum {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        let before = self.close.previous(close)?;
        let [first, second] = &mut self.smooth;
        let once = first.next(100.0 * ratio_or_zero(close - before, before))?;
        let line = second.next(10.0 * once)?;
        Some([line, self.signal.next(line)?])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Impulse {
    average: Smooth,
    average_move: Move,
    macd: Macd,
    macd_move: Move,
}

impl Impulse {
    fn new(period: usize, [fast, slow, signal]: [usize; 3]) -> Self {
        let macd = Macd { line: Spread::together(fast, slow), signal: Smooth::exponential(signal) };
        let average = Smooth::exponential(period);
        Self { average, average_move: Move::default(), macd, macd_move: Move::default() }
    }
}

impl Step for Impulse {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let average = self.average.next(close).and_then(|average| self.average_move.next(average));
        let [_, _, histogram] = self.macd.step(close)?;
        let (average, histogram) = (average?, self.macd_move.next(histogram)?);
        Some(if average > 0.0 && histogram > 0.0 {
            1.0
        } else if average < 0.0 && histogram < 0.0 {
            -1.0
        } else {
            0.0
        })
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Disparity(Window);

impl Step for Disparity {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let mean = self.0.mean_with(close)?;
        Some(100.0 * (close - mean) / mean)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct PrettyGood {
    mean: Window,
    range: super::stop::AverageRange,
}

impl Step for PrettyGood {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let mean = self.mean.mean_with(bar.close);
        let range = self.range.next(&bar)?;
        Some((bar.close - mean?) / range)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Intensity {
    mean: Window,
    distances: Window,
}

impl Step for Intensity {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let mean = self.mean.mean_with(close)?;
        let distances = self.distances.with(close - mean)?;
        let above: f64 = distances.iter().map(|distance| distance.max(0.0)).sum();
        let all: f64 = distances.iter().map(f64::abs).sum();
        Some(100.0 * ratio_or_zero(above, all))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct InverseFisher {
    strength: super::relative::Strength,
    smooth: Window,
    weight: f64,
}

impl InverseFisher {
    fn new(period: usize, smooth: usize, weight: f64) -> Self {
        Self { strength: super::relative::Strength::new(period), smooth: Window::new(smooth), weight }
    }
}

impl Step for InverseFisher {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let strength = self.strength.next(close)?;
        let scaled = self.smooth.with(self.weight * (strength - 50.0))?.weighted_mean();
        Some(scaled.tanh())
    }
}
