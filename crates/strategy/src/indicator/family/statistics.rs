//! Statistics of a window of one series.

use super::super::kernel::{Move, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Category::Statistics, Spec, WarmUp::AtLeast, WarmUp::Exactly};
use super::{ratio, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("max", Statistics, "the highest close of the window")
        .params(&[period(30.0, 2.0)])
        .library(FuncId::MAX),
    spec("min", Statistics, "the lowest close of the window")
        .params(&[period(30.0, 2.0)])
        .library(FuncId::MIN),
    spec("sum", Statistics, "the sum of the closes of the window")
        .params(&[period(30.0, 2.0)])
        .library(FuncId::SUM),
    spec("median", Statistics, "the middle of the closes when sorted")
        .params(&[period(30.0, 2.0)])
        .library(FuncId::MEDIAN),
    spec(
        "percentile",
        Statistics,
        "the close under which so many percent of the window lie, by nearest rank",
    )
    .params(&[period(100.0, 2.0), real("percentile", 50.0, 0.0, 100.0)])
    .library(FuncId::PERCENTILE),
    spec("percentrank", Statistics, "how many of the closes before lie under this one, in percent")
        .params(&[period(100.0, 2.0)])
        .library(FuncId::PERCENTRANK),
    spec("avgdev", Statistics, "the mean distance of the closes from their mean")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::AVGDEV),
    spec("var", Statistics, "the variance of the closes, of the whole window")
        .params(&[period(5.0, 1.0), real("deviations", 1.0, -1000.0, 1000.0)])
        .library(FuncId::VAR),
    spec("stddev", Statistics, "the standard deviation of the closes, of the whole window")
        .params(&[period(5.0, 2.0), real("deviations", 1.0, -1000.0, 1000.0)])
        .library(FuncId::STDDEV),
    spec("kurtosis", Statistics, "how heavy the tails of the closes are beyond a normal distribution's")
        .params(&[period(30.0, 4.0)])
        .library(FuncId::KURTOSIS),
    spec("linearreg", Statistics, "the line of least squares through the closes, at its end")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::LINEARREG),
    spec("linearreg_slope", Statistics, "how much the line of least squares rises with each bar")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::LINEARREG_SLOPE),
    spec("linearreg_angle", Statistics, "the slope of the line of least squares, in degrees")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::LINEARREG_ANGLE),
    spec("linearreg_intercept", Statistics, "the line of least squares at the oldest close")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::LINEARREG_INTERCEPT),
    spec("tsf", Statistics, "where the line of least squares leads for the next bar")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::TSF),
    spec("cumsum", Statistics, "the sum of all closes").own(|_| Exactly(0), |_| Box::new(Total(0.0))),
    spec("bars_since_high", Statistics, "how many bars ago the highest close of the window was")
        .params(&[period(30.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::SinceHighest, a.count(0)))),
    spec("bars_since_low", Statistics, "how many bars ago the lowest close of the window was")
        .params(&[period(30.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::SinceLowest, a.count(0)))),
    spec("zscore", Statistics, "how far the close is from the mean, in standard deviations")
        .params(&[period(20.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::ZScore, a.count(0)))),
    spec("skewness", Statistics, "to which side the closes lean: 0 where they lean to none")
        .params(&[period(30.0, 3.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::Skewness, a.count(0)))),
    spec("r_squared", Statistics, "how much of the variance the line of least squares explains, from 0 to 1")
        .params(&[period(14.0, 3.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::RSquared, a.count(0)))),
    spec("standard_error", Statistics, "the standard error of the line of least squares through the closes")
        .params(&[period(14.0, 3.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::StandardError, a.count(0)))),
    spec("median_deviation", Statistics, "the middle distance of the closes from their median")
        .params(&[period(20.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::MedianDeviation, a.count(0)))),
    spec("drawdown", Statistics, "how far the close is under the highest of the window, as a part of it")
        .params(&[period(60.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::Drawdown, a.count(0)))),
    spec(
        "max_drawdown",
        Statistics,
        "the deepest fall from a high within the window, as a part of that high",
    )
    .params(&[period(60.0, 2.0)])
    .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Of::new(Measure::MaxDrawdown, a.count(0)))),
    spec(
        "half_life",
        Statistics,
        "in how many bars half of a distance from the mean is gone; none where it is not",
    )
    .params(&[period(60.0, 4.0)])
    .own(|a| AtLeast(a.count(0) - 1), |a| Box::new(Of::new(Measure::HalfLife, a.count(0)))),
    spec("log_return", Statistics, "the logarithm of the ratio of the close to the one before")
        .own(|_| Exactly(1), |_| Box::new(LogReturn(Move::default()))),
    spec(
        "autocorrelation",
        Statistics,
        "how well log returns agree with those so many bars before, from -1 to 1",
    )
    .params(&[period(60.0, 4.0), count("lag", 1.0, 1.0)])
    .own(|a| Exactly(a.count(0) + a.count(1)), |a| Box::new(Auto::new(a.count(0), a.count(1)))),
    spec("entropy", Statistics, "how evenly log returns fall into bins: 0 all in one, 1 the same in each")
        .params(&[period(60.0, 4.0), count("bins", 10.0, 2.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(OfReturns::new(Figure::Entropy(a.real(1)), a.count(0)))),
    spec(
        "hurst",
        Statistics,
        "the exponent of the rescaled range of log returns: above 0.5 trends, below turns back",
    )
    .params(&[period(128.0, 32.0)])
    .own(|a| Exactly(a.count(0)), |a| Box::new(OfReturns::new(Figure::Hurst, a.count(0)))),
    spec(
        "variance_ratio",
        Statistics,
        "the variance of log returns over several bars against that of single ones",
    )
    .params(&[period(60.0, 8.0), count("bars", 5.0, 2.0)])
    .ordered(&[("bars", "period")])
    .own(
        |a| Exactly(a.count(0)),
        |a| Box::new(OfReturns::new(Figure::VarianceRatio(a.count(1)), a.count(0))),
    ),
    spec("rolling_sharpe", Statistics, "the mean of log returns by their deviation, for a year")
        .params(&[period(60.0, 2.0), real("bars_per_year", 252.0, 1.0, 1e8)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(OfReturns::new(Figure::Sharpe(a.real(1)), a.count(0)))),
    spec(
        "rolling_sortino",
        Statistics,
        "the mean of log returns by the root mean square of the losses, for a year",
    )
    .params(&[period(60.0, 2.0), real("bars_per_year", 252.0, 1.0, 1e8)])
    .own(|a| AtLeast(a.count(0)), |a| Box::new(OfReturns::new(Figure::Sortino(a.real(1)), a.count(0)))),
];

#[derive(Clone, Serialize, Deserialize)]
struct Total(f64);

impl Step for Total {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0 += close;
        Some(self.0)
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Measure {
    SinceHighest,
    SinceLowest,
    ZScore,
    Skewness,
    RSquared,
    StandardError,
    MedianDeviation,
    Drawdown,
    MaxDrawdown,
    HalfLife,
}

/// A measure of the closes of a window.
#[derive(Clone, Serialize, Deserialize)]
struct Of {
    measure: Measure,
    window: Window,
}

impl Of {
    fn new(measure: Measure, period: usize) -> Self {
        Self { measure, window: Window::new(period) }
    }
}

impl Step for Of {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let window = self.window.with(close)?;
        match self.measure {
            Measure::SinceHighest => Some(window.since_highest()),
            Measure::SinceLowest => Some(window.since_lowest()),
            Measure::ZScore => ratio(close - window.mean(), window.deviation()),
            Measure::Skewness => ratio(window.moment(3), window.deviation().powi(3)),
            Measure::RSquared => Some(window.regression().r_squared),
            Measure::StandardError => {
                let freedom = window.count() / (window.count() - 2.0);
                Some(window.regression().deviation * freedom.sqrt())
            }
            Measure::MedianDeviation => Some(median_deviation(window)),
            Measure::Drawdown => ratio(window.highest() - close, window.highest()),
            Measure::MaxDrawdown => max_drawdown(window),
            Measure::HalfLife => half_life(window),
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = values.get(half).copied().unwrap_or_default();
    let lower = half.checked_sub(1).and_then(|at| values.get(at)).copied().unwrap_or(upper);
    if values.len() % 2 == 1 { upper } else { f64::midpoint(lower, upper) }
}

fn median_deviation(window: &Window) -> f64 {
    let middle = median(window.iter().collect());
    median(window.iter().map(|value| (value - middle).abs()).collect())
}

fn max_drawdown(window: &Window) -> Option<f64> {
    let mut high = f64::NEG_INFINITY;
    let mut deepest: f64 = 0.0;
    for close in window.iter() {
        high = high.max(close);
        deepest = deepest.max(ratio(high - close, high)?);
    }
    Some(deepest)
}

/// From the regression of changes on levels: a slope of -1 and less, or none at all, has no half-life.
fn half_life(window: &Window) -> Option<f64> {
    let pairs = || window.iter().zip(window.iter().skip(1)).map(|(level, next)| (level, next - level));
    let count = window.count() - 1.0;
    let level_mean = pairs().map(|(level, _)| level).sum::<f64>() / count;
    let change_mean = pairs().map(|(_, change)| change).sum::<f64>() / count;
    let cross: f64 = pairs().map(|(level, change)| (level - level_mean) * (change - change_mean)).sum();
    let square: f64 = pairs().map(|(level, _)| (level - level_mean).powi(2)).sum();
    let slope = ratio(cross, square)?;
    (slope > -1.0 && slope < 0.0).then(|| -std::f64::consts::LN_2 / slope.ln_1p())
}

#[derive(Clone, Serialize, Deserialize)]
struct LogReturn(Move);

impl Step for LogReturn {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.log_return(close)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Auto {
    close: Move,
    lag: super::super::kernel::Lag,
    returns: Window,
    before: Window,
}

impl Auto {
    fn new(period: usize, lag: usize) -> Self {
        let window = Window::new(period);
        let lag = super::super::kernel::Lag::new(lag);
        Self { close: Move::default(), lag, returns: window.clone(), before: window }
    }
}

impl Step for Auto {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let return_ = self.close.log_return(close)?;
        let before = self.lag.next(return_)?;
        self.before.push(before);
        let covariance = self.returns.with(return_)?.covariance(&self.before);
        ratio(covariance, self.returns.deviation() * self.before.deviation())
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Figure {
    Entropy(f64),
    Hurst,
    VarianceRatio(usize),
    Sharpe(f64),
    Sortino(f64),
}

/// A figure of the log returns of a window.
#[derive(Clone, Serialize, Deserialize)]
struct OfReturns {
    figure: Figure,
    close: Move,
    window: Window,
}

impl OfReturns {
    fn new(figure: Figure, period: usize) -> Self {
        Self { figure, close: Move::default(), window: Window::new(period) }
    }
}

impl Step for OfReturns {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let return_ = self.close.log_return(close)?;
        let window = self.window.with(return_)?;
        match self.figure {
            Figure::Entropy(bins) => Some(entropy(window, bins)),
            Figure::Hurst => hurst(window),
            Figure::VarianceRatio(bars) => variance_ratio(window, bars),
            Figure::Sharpe(year) => ratio(window.mean() * year.sqrt(), window.sample_deviation()),
            Figure::Sortino(year) => {
                let losses: f64 = window.iter().map(|value| value.min(0.0).powi(2)).sum();
                ratio(window.mean() * year.sqrt(), (losses / window.count()).sqrt())
            }
        }
    }
}

fn entropy(window: &Window, bins: f64) -> f64 {
    let (lowest, highest) = (window.lowest(), window.highest());
    if highest <= lowest {
        return 0.0;
    }
    let bin_of = |value: f64| ((value - lowest) / (highest - lowest) * bins).floor().min(bins - 1.0);
    let mut filled: Vec<f64> = window.iter().map(bin_of).collect();
    filled.sort_unstable_by(f64::total_cmp);
    let parts = filled.chunk_by(|one, next| one == next).map(|bin| bin.len() as f64 / window.count());
    parts.map(|part| -part * part.ln()).sum::<f64>() / bins.ln()
}

/// The range of the way that returns go around their mean, by their deviation.
fn rescaled_range(returns: &[f64]) -> Option<f64> {
    let count = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / count;
    let (mut way, mut lowest, mut highest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for value in returns {
        way += value - mean;
        lowest = lowest.min(way);
        highest = highest.max(way);
    }
    let variance = returns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    ratio(highest - lowest, variance.sqrt())
}

/// The slope of the logarithm of the mean rescaled range over that of the length: 8, 16, 32 … bars.
fn hurst(window: &Window) -> Option<f64> {
    let returns: Vec<f64> = window.iter().collect();
    let mut points = Vec::new();
    let mut length = 8;
    while length <= returns.len() {
        let ranges: Vec<f64> = returns.chunks_exact(length).filter_map(rescaled_range).collect();
        let mean = ratio(ranges.iter().sum(), ranges.len() as f64)?;
        points.push(((length as f64).ln(), mean.ln()));
        length *= 2;
    }
    let count = points.len() as f64;
    let x_mean = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let y_mean = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let cross = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    ratio(cross, points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum())
}

/// Lo and MacKinlay's ratio of overlapping returns, with their correction for a short window.
fn variance_ratio(window: &Window, bars: usize) -> Option<f64> {
    let returns: Vec<f64> = window.iter().collect();
    let (count, bars_count) = (returns.len() as f64, bars as f64);
    let mean = window.mean();
    let single = returns.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let sums = returns.windows(bars).map(|run| (run.iter().sum::<f64>() - bars_count * mean).powi(2));
    let scale = bars_count * (count - bars_count + 1.0) * (1.0 - bars_count / count);
    ratio(sums.sum::<f64>() / scale, single)
}
