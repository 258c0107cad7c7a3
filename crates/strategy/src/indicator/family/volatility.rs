//! How far prices move: from ranges, from returns, and from what was lost from the top.

use super::super::kernel::{Chain, Lag, Move, Smooth, TrueRange, Window};
use super::super::machine::Step;
use super::super::param::{Param, count, period, real};
use super::super::{Bar, Category::Volatility, Spec, WarmUp::Exactly};
use super::stop::AverageRange;
use super::{HL, HLC, OHLC, ratio, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

const BARS_PER_YEAR: Param = real("bars_per_year", 252.0, 1.0, 1e8);

pub const LIST: &[Spec] = &[
    spec("trange", Volatility, "the range of the bar, with the gap from the close before")
        .reads(HLC)
        .library(FuncId::TRANGE),
    spec("adr", Volatility, "the mean range of the last bars, gaps left out")
        .reads(HL)
        .params(&[period(14.0, 1.0)])
        .library(FuncId::ADR),
    spec("atr", Volatility, "Wilder's average of the true range")
        .reads(HLC)
        .params(&[period(14.0, 1.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(TrueAverage(AverageRange::new(a.count(0))))),
    spec("natr", Volatility, "Wilder's average of the true range, in percent of the close")
        .reads(HLC)
        .params(&[period(14.0, 1.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Normal(AverageRange::new(a.count(0))))),
    spec("cvi", Volatility, "Chaikin's volatility: the change of the average range, in percent")
        .reads(HL)
        .params(&[period(10.0, 2.0), count("change", 10.0, 1.0)])
        .own(
            |a| Exactly(a.count(0) - 1 + a.count(1)),
            |a| Box::new(Chaikin { average: Smooth::exponential(a.count(0)), lag: Lag::new(a.count(1)) }),
        ),
    spec("massi", Volatility, "Dorsey's mass index: a sum that swells as ranges widen, before a reversal")
        .reads(HL)
        .params(&[count("fast", 9.0, 2.0), count("slow", 25.0, 2.0)])
        .own(
            |a| Exactly(2 * (a.count(0) - 1) + a.count(1) - 1),
            |a| {
                Box::new(Mass {
                    chain: Chain::exponential(&[a.count(0); 2]),
                    window: Window::new(a.count(1)),
                })
            },
        ),
    spec("historical_volatility", Volatility, "the standard deviation of log returns, for a year")
        .params(&[period(20.0, 2.0), BARS_PER_YEAR])
        .own(
            |a| Exactly(a.count(0)),
            |a| {
                Box::new(Returns { close: Move::default(), window: Window::new(a.count(0)), year: a.real(1) })
            },
        ),
    spec("ewma_volatility", Volatility, "the root of squared log returns that fade by lambda, for a year")
        .params(&[real("lambda", 0.94, 0.5, 0.9999), BARS_PER_YEAR])
        .own(
            |_| Exactly(1),
            |a| {
                let square = Smooth::from_first(1.0 - a.real(0));
                Box::new(Fading { close: Move::default(), square, year: a.real(1) })
            },
        ),
    spec("parkinson", Volatility, "volatility for a year from the ranges of bars")
        .reads(HL)
        .params(&[period(20.0, 1.0), BARS_PER_YEAR])
        .own(
            |a| Exactly(a.count(0) - 1),
            |a| Box::new(Ranges::new(Estimate::Parkinson, a.count(0), a.real(1))),
        ),
    spec("garman_klass", Volatility, "volatility for a year from ranges and bodies of bars")
        .reads(OHLC)
        .params(&[period(20.0, 1.0), BARS_PER_YEAR])
        .own(
            |a| Exactly(a.count(0) - 1),
            |a| Box::new(Ranges::new(Estimate::GarmanKlass, a.count(0), a.real(1))),
        ),
    spec("rogerssatchell", Volatility, "volatility for a year from bars, right under a drift too")
        .reads(OHLC)
        .params(&[period(10.0, 1.0), BARS_PER_YEAR])
        .library(FuncId::ROGERSSATCHELL),
    spec(
        "yang_zhang",
        Volatility,
        "volatility for a year from gaps, bodies and ranges, right under drift and gaps",
    )
    .reads(OHLC)
    .params(&[period(20.0, 2.0), BARS_PER_YEAR])
    .own(|a| Exactly(a.count(0)), |a| Box::new(YangZhang::new(a.count(0), a.real(1)))),
    spec(
        "ulcer_index",
        Volatility,
        "the root mean square of how far closes were under their highest, in percent",
    )
    .params(&[period(14.0, 1.0)])
    .own(
        |a| Exactly(2 * (a.count(0) - 1)),
        |a| Box::new(Ulcer { closes: Window::new(a.count(0)), squares: Window::new(a.count(0)) }),
    ),
    spec(
        "volatility_ratio",
        Volatility,
        "Schwager's ratio of the bar's true range to its exponential average",
    )
    .reads(HLC)
    .params(&[period(14.0, 1.0)])
    .own(
        |a| Exactly(a.count(0)),
        |a| Box::new(Ratio { range: TrueRange::default(), average: Smooth::exponential(a.count(0)) }),
    ),
    spec(
        "corwin_schultz",
        Volatility,
        "the spread that highs and lows of neighbouring bars betray, as a part of the price",
    )
    .reads(HL)
    .params(&[period(20.0, 1.0)])
    .own(|a| Exactly(a.count(0)), |a| Box::new(HighLow { last: None, window: Window::new(a.count(0)) })),
    spec(
        "roll_spread",
        Volatility,
        "the spread that the bounce of closes betrays, in price; 0 where they do not bounce",
    )
    .params(&[period(20.0, 2.0)])
    .own(|a| Exactly(a.count(0) + 1), |a| Box::new(Bounce::new(a.count(0)))),
];

#[derive(Clone, Serialize, Deserialize)]
struct TrueAverage(AverageRange);

impl Step for TrueAverage {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        self.0.next(&bar)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Normal(AverageRange);

impl Step for Normal {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let average = self.0.next(&bar)?;
        Some(100.0 * ratio_or_zero(average, bar.close))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Chaikin {
    average: Smooth,
    lag: Lag,
}

impl Step for Chaikin {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let average = self.average.next(bar.range())?;
        let before = self.lag.next(average)?;
        Some(100.0 * ratio_or_zero(average - before, before))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Mass {
    chain: Chain,
    window: Window,
}

impl Step for Mass {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [once, twice] = self.chain.all(bar.range())?;
        self.window.with(ratio_or_zero(once, twice)).map(Window::sum)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Returns {
    close: Move,
    window: Window,
    year: f64,
}

impl Step for Returns {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let return_ = self.close.log_return(close)?;
        let window = self.window.with(return_)?;
        Some(window.sample_deviation() * self.year.sqrt())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Fading {
    close: Move,
    square: Smooth,
    year: f64,
}

impl Step for Fading {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let return_ = self.close.log_return(close)?;
        let variance = self.square.next(return_ * return_)?;
        Some((variance * self.year).sqrt())
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Estimate {
    Parkinson,
    GarmanKlass,
    RogersSatchell,
}

impl Estimate {
    /// The variance that one bar speaks for.
    fn variance(self, bar: &Bar) -> f64 {
        let log = |part: f64, whole: f64| (part / whole).ln();
        let range = log(bar.high, bar.low);
        match self {
            Self::Parkinson => range * range / (4.0 * std::f64::consts::LN_2),
            Self::GarmanKlass => {
                let body = log(bar.close, bar.open);
                0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body
            }
            Self::RogersSatchell => {
                log(bar.high, bar.close) * log(bar.high, bar.open)
                    + log(bar.low, bar.close) * log(bar.low, bar.open)
            }
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Ranges {
    estimate: Estimate,
    window: Window,
    year: f64,
}

impl Ranges {
    fn new(estimate: Estimate, period: usize, year: f64) -> Self {
        Self { estimate, window: Window::new(period), year }
    }
}

impl Step for Ranges {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let variance = self.window.mean_with(self.estimate.variance(&bar))?;
        Some((variance * self.year).sqrt())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct YangZhang {
    close: Move,
    gaps: Window,
    bodies: Window,
    ranges: Window,
    /// How much of the variance of bodies counts; the rest is that of ranges.
    share: f64,
    year: f64,
}

impl YangZhang {
    fn new(period: usize, year: f64) -> Self {
        let window = Window::new(period);
        let count = period as f64;
        let share = 0.34 / (1.34 + (count + 1.0) / (count - 1.0));
        Self {
            close: Move::default(),
            gaps: window.clone(),
            bodies: window.clone(),
            ranges: window,
            share,
            year,
        }
    }
}

impl Step for YangZhang {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.close.previous(bar.close)?;
        self.bodies.push((bar.close / bar.open).ln());
        self.ranges.push(Estimate::RogersSatchell.variance(&bar));
        let gaps = self.gaps.with((bar.open / before).ln())?.sample_deviation();
        if !self.bodies.is_full() || !self.ranges.is_full() {
            return None;
        }
        let bodies = self.bodies.sample_deviation();
        let variance = gaps * gaps + self.share * bodies * bodies + (1.0 - self.share) * self.ranges.mean();
        Some((variance * self.year).sqrt())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Ulcer {
    closes: Window,
    squares: Window,
}

impl Step for Ulcer {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let highest = self.closes.with(close)?.highest();
        let under = 100.0 * ratio_or_zero(close - highest, highest);
        self.squares.mean_with(under * under).map(f64::sqrt)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Ratio {
    range: TrueRange,
    average: Smooth,
}

impl Step for Ratio {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let range = self.range.next(&bar)?;
        ratio(range, self.average.next(range)?)
    }
}

/// Corwin and Schultz: two bars together hold the variance of both and the spread once.
#[derive(Clone, Serialize, Deserialize)]
struct HighLow {
    last: Option<[f64; 2]>,
    window: Window,
}

impl Step for HighLow {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let [high, low] = self.last.replace([bar.high, bar.low])?;
        let square = |high: f64, low: f64| (high / low).ln().powi(2);
        let single = square(bar.high, bar.low) + square(high, low);
        let double = square(bar.high.max(high), bar.low.min(low));
        let scale = 3.0 - 2.0 * std::f64::consts::SQRT_2;
        let alpha = ((2.0 * single).sqrt() - single.sqrt()) / scale - (double / scale).sqrt();
        let spread = 2.0 * (alpha.exp() - 1.0) / (1.0 + alpha.exp());
        self.window.mean_with(spread.max(0.0))
    }
}

/// Roll: closes that bounce between bid and ask have moves that turn back on each other.
#[derive(Clone, Serialize, Deserialize)]
struct Bounce {
    close: Move,
    change: Move,
    moves: Window,
    before: Window,
}

impl Bounce {
    fn new(period: usize) -> Self {
        let window = Window::new(period);
        Self { close: Move::default(), change: Move::default(), moves: window.clone(), before: window }
    }
}

impl Step for Bounce {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let change = self.close.next(close)?;
        let before = self.change.previous(change)?;
        self.before.push(before);
        let covariance = self.moves.with(change)?.covariance(&self.before);
        Some(2.0 * (-covariance).max(0.0).sqrt())
    }
}
