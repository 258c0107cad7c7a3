//! Oscillators of the strength of rises against falls, RSI first, and what is built on it.

use super::super::kernel::{Chain, Move, Smooth, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Momentum, Category::Volatility, Spec, WarmUp::Exactly};
use super::average::laguerre_stages;
use super::{CV, HL, OC, ratio, ratio_or_zero, spec};
use crate::indicator::spec::CLOSE;
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("rsi", Momentum, "Wilder's relative strength: rises as a part of all moves, from 0 to 100")
        .params(&[period(14.0, 2.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Relative::new(a.count(0)))),
    spec("cmo", Momentum, "Chande's momentum: rises less falls as a part of all moves, Wilder's averages")
        .params(&[period(14.0, 2.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Chande(Strength::new(a.count(0))))),
    spec("cmou", Momentum, "Chande's momentum over plain sums of the last moves")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::CMOU),
    spec("imi", Momentum, "an RSI of the moves within bars, from open to close")
        .reads(OC)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::IMI),
    spec("stochrsi", Momentum, "where the RSI is in its own range, and the mean of that")
        .params(&[period(14.0, 2.0), count("fast_k", 5.0, 1.0), count("fast_d", 3.0, 1.0)])
        .outputs(&["fast_k", "fast_d"])
        .own(
            |a| Exactly(a.count(0) + a.count(1) - 1 + a.count(2) - 1),
            |a| {
                let windows = [Window::new(a.count(1)), Window::new(a.count(2))];
                Box::new(Stochastic { strength: Strength::new(a.count(0)), windows })
            },
        ),
    spec(
        "connors_rsi",
        Momentum,
        "the mean of an RSI, an RSI of the streak, and the rank of the last return",
    )
    .params(&[period(3.0, 2.0), count("streak", 2.0, 2.0), count("rank", 100.0, 2.0)])
    .own(
        |a| Exactly(a.count(0).max(a.count(1) + 1).max(a.count(2) + 1)),
        |a| Box::new(Connors::new(a.count(0), a.count(1), a.count(2))),
    ),
    spec("derivative_oscillator", Momentum, "an RSI, twice smoothed, less its own mean")
        .params(&[
            period(14.0, 2.0),
            count("first", 5.0, 2.0),
            count("second", 3.0, 2.0),
            count("signal", 9.0, 2.0),
        ])
        .own(
            |a| Exactly(a.count(0) + a.count(1) + a.count(2) + a.count(3) - 3),
            |a| {
                let chain = Chain::exponential(&[a.count(1), a.count(2)]);
                let window = Window::new(a.count(3));
                Box::new(Derivative { strength: Strength::new(a.count(0)), chain, window })
            },
        ),
    spec("qqe", Momentum, "a smoothed RSI, and the line that trails it by its own average range")
        .params(&[period(14.0, 2.0), count("smooth", 5.0, 1.0), real("factor", 4.236, 0.0, 100.0)])
        .outputs(&["rsi", "trail"])
        .own(
            |a| Exactly(a.count(0) + a.count(1) - 1 + 1 + 2 * (2 * a.count(0) - 2)),
            |a| Box::new(Qualitative::new(a.count(0), a.count(1), a.real(2))),
        ),
    spec("laguerre_rsi", Momentum, "Ehlers' RSI over the stages of a Laguerre filter, from 0 to 100")
        .params(&[real("gamma", 0.5, 0.0, 0.99)])
        .own(|_| Exactly(1), |a| Box::new(LaguerreRelative { gamma: a.real(0), stages: None })),
    spec("momentum_index", Momentum, "Altman's RSI of moves over several bars")
        .params(&[period(20.0, 2.0), count("momentum", 5.0, 1.0)])
        .own(
            |a| Exactly(a.count(0) + a.count(1) - 1),
            |a| {
                Box::new(OfMomentum {
                    closes: Window::new(a.count(1) + 1),
                    averages: Averages::new(a.count(0)),
                })
            },
        ),
    spec("rvi", Volatility, "Dorsey's relative volatility: an RSI of the standard deviation")
        .params(&[period(14.0, 1.0), count("deviation", 10.0, 2.0)])
        .own(
            |a| Exactly(a.count(1) - 1 + a.count(0) - 1),
            |a| Box::new(Volatile(Dorsey::new(a.count(0), a.count(1)))),
        ),
    spec("rvir", Volatility, "Dorsey's relative volatility of highs and of lows, the mean of both")
        .reads(HL)
        .params(&[period(14.0, 1.0), count("deviation", 10.0, 2.0)])
        .own(
            |a| Exactly(a.count(1) - 1 + a.count(0) - 1),
            |a| {
                let dorsey = Dorsey::new(a.count(0), a.count(1));
                Box::new(Refined { high: dorsey.clone(), low: dorsey })
            },
        ),
    spec("volume_rsi", Momentum, "an RSI of moves that are each weighted by their volume")
        .reads(CV)
        .params(&[period(14.0, 2.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Weighted { close: Move::default(), averages: Averages::new(a.count(0)) }),
        ),
    spec("psychological_line", Momentum, "how many of the last bars rose, in percent")
        .reads(CLOSE)
        .params(&[period(12.0, 1.0)])
        .own(
            |a| Exactly(a.count(0)),
            |a| Box::new(Psychological { close: Move::default(), rises: Window::new(a.count(0)) }),
        ),
];

/// Averages of rises and of falls.
#[derive(Clone, Serialize, Deserialize)]
struct Averages {
    rise: Smooth,
    fall: Smooth,
}

impl Averages {
    fn new(period: usize) -> Self {
        Self { rise: Smooth::wilder(period), fall: Smooth::wilder(period) }
    }

    fn next(&mut self, change: f64) -> Option<(f64, f64)> {
        let rise = self.rise.next(change.max(0.0));
        let fall = self.fall.next((-change).max(0.0));
        rise.zip(fall)
    }

    fn strength(&mut self, change: f64) -> Option<f64> {
        self.next(change).map(|(rise, fall)| 100.0 * ratio_or_zero(rise, rise + fall))
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Strength {
    close: Move,
    averages: Averages,
}

impl Strength {
    pub fn new(period: usize) -> Self {
        Self { close: Move::default(), averages: Averages::new(period) }
    }

    pub fn next(&mut self, value: f64) -> Option<f64> {
        let change = self.close.next(value)?;
        self.averages.strength(change)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Relative(Strength);

impl Relative {
    fn new(period: usize) -> Self {
        Self(Strength::new(period))
    }
}

impl Step for Relative {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.next(close)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Chande(Strength);

impl Step for Chande {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let change = self.0.close.next(close)?;
        let (rise, fall) = self.0.averages.next(change)?;
        Some(100.0 * ratio_or_zero(rise - fall, rise + fall))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Stochastic {
    strength: Strength,
    windows: [Window; 2],
}

impl Step for Stochastic {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        let strength = self.strength.next(close)?;
        let [range, smooth] = &mut self.windows;
        let range = range.with(strength)?;
        let fast = 100.0 * ratio_or_zero(strength - range.lowest(), range.highest() - range.lowest());
        Some([fast, smooth.mean_with(fast)?])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Connors {
    strength: Strength,
    of_streak: Strength,
    close: Move,
    streak: f64,
    returns: Window,
}

impl Connors {
    fn new(period: usize, streak: usize, rank: usize) -> Self {
        Self {
            strength: Strength::new(period),
            of_streak: Strength::new(streak),
            close: Move::default(),
            streak: 0.0,
            returns: Window::new(rank),
        }
    }

    /// How many of the returns before are below this one, in percent.
    fn rank(&mut self, return_: f64) -> Option<f64> {
        let below = self.returns.iter().filter(|before| *before < return_).count();
        let rank = self.returns.is_full().then(|| 100.0 * below as f64 / self.returns.count());
        self.returns.push(return_);
        rank
    }
}

fn longer(streak: f64, change: f64) -> f64 {
    if change > 0.0 {
        streak.max(0.0) + 1.0
    } else if change < 0.0 {
        streak.min(0.0) - 1.0
    } else {
        0.0
    }
}

impl Step for Connors {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let strength = self.strength.next(close);
        let before = self.close.previous(close)?;
        self.streak = longer(self.streak, close - before);
        let of_streak = self.of_streak.next(self.streak);
        let rank = self.rank(ratio_or_zero(close - before, before));
        Some((strength? + of_streak? + rank?) / 3.0)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Derivative {
    strength: Strength,
    chain: Chain,
    window: Window,
}

impl Step for Derivative {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let strength = self.strength.next(close)?;
        let smooth = self.chain.next(strength)?;
        Some(smooth - self.window.mean_with(smooth)?)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Qualitative {
    strength: Strength,
    smooth: Smooth,
    change: Move,
    range: Chain,
    factor: f64,
    last: Option<[f64; 2]>,
}

impl Qualitative {
    fn new(period: usize, smooth: usize, factor: f64) -> Self {
        Self {
            strength: Strength::new(period),
            smooth: Smooth::exponential(smooth),
            change: Move::default(),
            range: Chain::exponential(&[2 * period - 1; 2]),
            factor,
            last: None,
        }
    }
}

impl Step for Qualitative {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        let strength = self.strength.next(close)?;
        let line = self.smooth.next(strength)?;
        let change = self.change.next(line)?;
        let distance = self.factor * self.range.next(change.abs())?;
        let trail = match self.last {
            Some([before, trail]) if before > trail && line > trail => trail.max(line - distance),
            Some([before, trail]) if before < trail && line < trail => trail.min(line + distance),
            Some([_, trail]) if line < trail => line + distance,
            _ => line - distance,
        };
        self.last = Some([line, trail]);
        Some([line, trail])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct LaguerreRelative {
    gamma: f64,
    stages: Option<[f64; 4]>,
}

impl Step for LaguerreRelative {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let before = self.stages.replace([close; 4])?;
        let stages = laguerre_stages(self.gamma, before, close);
        self.stages = Some(stages);
        let (mut rise, mut fall) = (0.0, 0.0);
        for (one, next) in stages.iter().zip(stages.iter().skip(1)) {
            rise += (one - next).max(0.0);
            fall += (next - one).max(0.0);
        }
        Some(100.0 * ratio_or_zero(rise, rise + fall))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct OfMomentum {
    closes: Window,
    averages: Averages,
}

impl Step for OfMomentum {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let before = self.closes.with(close)?.oldest();
        self.averages.strength(close - before)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Dorsey {
    close: Move,
    window: Window,
    averages: Averages,
}

impl Dorsey {
    fn new(period: usize, deviation: usize) -> Self {
        Self { close: Move::default(), window: Window::new(deviation), averages: Averages::new(period) }
    }

    fn next(&mut self, value: f64) -> Option<f64> {
        let change = self.close.next(value).unwrap_or_default();
        let deviation = self.window.with(value)?.deviation();
        let signed = if change == 0.0 { 0.0 } else { deviation.copysign(change) };
        self.averages.strength(signed)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Volatile(Dorsey);

impl Step for Volatile {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.next(close)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Refined {
    high: Dorsey,
    low: Dorsey,
}

impl Step for Refined {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let (high, low) = (self.high.next(bar.high), self.low.next(bar.low));
        Some(f64::midpoint(high?, low?))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Weighted {
    close: Move,
    averages: Averages,
}

impl Step for Weighted {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let change = self.close.next(bar.close)?;
        self.averages.strength(change * bar.volume)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Psychological {
    close: Move,
    rises: Window,
}

impl Step for Psychological {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let change = self.close.next(close)?;
        let rises = self.rises.with(f64::from(u8::from(change > 0.0)))?;
        ratio(100.0 * rises.sum(), rises.count())
    }
}
