//! Moving averages: those with fixed weights from the library, those that fade from chains of averages.

use super::super::kernel::{Chain, Lag, Smooth, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Overlap, Spec, WarmUp::Exactly};
use super::{CV, HL, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("sma", Overlap, "the mean of the last closes").params(&[period(30.0, 1.0)]).library(FuncId::SMA),
    spec("wma", Overlap, "a mean whose weights fall in a straight line from the newest close")
        .params(&[period(30.0, 1.0)])
        .library(FuncId::WMA),
    spec("trima", Overlap, "a mean whose weights rise to the middle of the window and fall again")
        .params(&[period(30.0, 1.0)])
        .library(FuncId::TRIMA),
    spec("hma", Overlap, "Hull's average: a weighted mean with most of its lag taken out")
        .params(&[period(20.0, 1.0)])
        .library(FuncId::HMA),
    spec("alma", Overlap, "Arnaud Legoux' average: weights of a bell curve that leans to the newest")
        .params(&[period(9.0, 1.0), real("sigma", 6.0, 0.01, 1000.0), real("offset", 0.85, 0.0, 1.0)])
        .library(FuncId::ALMA),
    spec("vwma", Overlap, "the mean of the last closes, each weighted by its volume")
        .reads(CV)
        .params(&[period(30.0, 1.0)])
        .library(FuncId::VWMA),
    spec("midpoint", Overlap, "halfway between the highest and the lowest close")
        .params(&[period(14.0, 2.0)])
        .library(FuncId::MIDPOINT),
    spec("midprice", Overlap, "halfway between the highest high and the lowest low")
        .reads(HL)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::MIDPRICE),
    spec("ema", Overlap, "an average that fades by 2 / (period + 1) with each close")
        .params(&[period(30.0, 1.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Plain(Smooth::exponential(a.count(0))))),
    spec("rma", Overlap, "Wilder's average: it fades by 1 / period with each close")
        .params(&[period(30.0, 1.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Plain(Smooth::wilder(a.count(0))))),
    spec("dema", Overlap, "two exponential averages combined so that a steady trend has no lag")
        .params(&[period(30.0, 1.0)])
        .own(|a| Exactly(2 * (a.count(0) - 1)), |a| Box::new(Double(Chain::exponential(&[a.count(0); 2])))),
    spec("tema", Overlap, "three exponential averages combined so that a steady trend has no lag")
        .params(&[period(30.0, 1.0)])
        .own(|a| Exactly(3 * (a.count(0) - 1)), |a| Box::new(Triple(Chain::exponential(&[a.count(0); 3])))),
    spec("t3", Overlap, "Tillson's average: six exponential averages, weighted by the volume factor")
        .params(&[period(5.0, 1.0), real("volume_factor", 0.7, 0.0, 1.0)])
        .own(|a| Exactly(6 * (a.count(0) - 1)), |a| Box::new(Tillson::new(a.count(0), a.real(1)))),
    spec("zlema", Overlap, "an exponential average of closes moved ahead by their own lag")
        .params(&[period(30.0, 1.0)])
        .own(
            |a| Exactly((a.count(0) - 1) / 2 + a.count(0) - 1),
            |a| {
                let lag = Lag::new((a.count(0) - 1) / 2);
                Box::new(ZeroLag { lag, average: Smooth::exponential(a.count(0)) })
            },
        ),
    spec("super_smoother", Overlap, "Ehlers' two-pole filter: what is shorter than the period is taken out")
        .params(&[period(10.0, 2.0)])
        .own(|_| Exactly(2), |a| Box::new(SuperSmoother::new(a.real(0)))),
    spec("laguerre", Overlap, "Ehlers' Laguerre filter: four stages that each delay and smooth by gamma")
        .params(&[real("gamma", 0.8, 0.0, 0.99)])
        .own(|_| Exactly(0), |a| Box::new(Laguerre { gamma: a.real(0), stages: None })),
    spec(
        "alligator",
        Overlap,
        "Williams' three Wilder averages of the median price, each as it was some bars ago",
    )
    .reads(HL)
    .params(&[
        count("jaw", 13.0, 1.0),
        count("jaw_shift", 8.0, 0.0),
        count("teeth", 8.0, 1.0),
        count("teeth_shift", 5.0, 0.0),
        count("lips", 5.0, 1.0),
        count("lips_shift", 3.0, 0.0),
    ])
    .outputs(&["jaw", "teeth", "lips"])
    .own(
        |a| Exactly((0..3).map(|line| a.count(2 * line) - 1 + a.count(2 * line + 1)).max().unwrap_or(0)),
        |a| {
            let line = |at| (Smooth::wilder(a.count(at)), Lag::new(a.count(at + 1)));
            Box::new(Alligator { lines: [line(0), line(2), line(4)] })
        },
    ),
    spec(
        "least_squares_forecast",
        Overlap,
        "where the line of least squares through the closes leads, bars ahead",
    )
    .params(&[period(14.0, 2.0), count("ahead", 3.0, 0.0)])
    .own(
        |a| Exactly(a.count(0) - 1),
        |a| Box::new(Forecast { window: Window::new(a.count(0)), ahead: a.real(1) }),
    ),
];

#[derive(Clone, Serialize, Deserialize)]
struct Plain(Smooth);

impl Step for Plain {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.next(close)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Double(Chain);

impl Step for Double {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let [one, two] = self.0.all(close)?;
        Some(2.0 * one - two)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Triple(Chain);

impl Step for Triple {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let [one, two, three] = self.0.all(close)?;
        Some(3.0 * (one - two) + three)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Tillson {
    chain: Chain,
    weights: [f64; 4],
}

impl Tillson {
    fn new(period: usize, factor: f64) -> Self {
        let (square, cube) = (factor * factor, factor * factor * factor);
        let weights = [
            -cube,
            3.0 * (square + cube),
            -6.0 * square - 3.0 * (factor + cube),
            1.0 + 3.0 * (factor + square) + cube,
        ];
        Self { chain: Chain::exponential(&[period; 6]), weights }
    }
}

impl Step for Tillson {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let [_, _, three, four, five, six] = self.chain.all(close)?;
        let [of_six, of_five, of_four, of_three] = self.weights;
        Some(of_six * six + of_five * five + of_four * four + of_three * three)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct ZeroLag {
    lag: Lag,
    average: Smooth,
}

impl Step for ZeroLag {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let before = self.lag.next(close)?;
        self.average.next(2.0 * close - before)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct SuperSmoother {
    weights: [f64; 3],
    close: Option<f64>,
    last: Option<[f64; 2]>,
}

impl SuperSmoother {
    fn new(period: f64) -> Self {
        let decay = (-std::f64::consts::SQRT_2 * std::f64::consts::PI / period).exp();
        let one = 2.0 * decay * (std::f64::consts::SQRT_2 * std::f64::consts::PI / period).cos();
        let two = -decay * decay;
        Self { weights: [1.0 - one - two, one, two], close: None, last: None }
    }
}

impl Step for SuperSmoother {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let before = self.close.replace(close)?;
        let Some([one, two]) = self.last else {
            self.last = Some([close, before]);
            return None;
        };
        let [of_price, of_one, of_two] = self.weights;
        let value = of_price * f64::midpoint(close, before) + of_one * one + of_two * two;
        self.last = Some([value, one]);
        Some(value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Laguerre {
    gamma: f64,
    stages: Option<[f64; 4]>,
}

impl Step for Laguerre {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let stages = laguerre_stages(self.gamma, self.stages.unwrap_or([close; 4]), close);
        self.stages = Some(stages);
        let [one, two, three, four] = stages;
        Some((one + 2.0 * two + 2.0 * three + four) / 6.0)
    }
}

pub(super) fn laguerre_stages(gamma: f64, before: [f64; 4], close: f64) -> [f64; 4] {
    let one = (1.0 - gamma) * close + gamma * before[0];
    let two = before[0] - gamma * one + gamma * before[1];
    let three = before[1] - gamma * two + gamma * before[2];
    [one, two, three, before[2] - gamma * three + gamma * before[3]]
}

#[derive(Clone, Serialize, Deserialize)]
struct Alligator {
    lines: [(Smooth, Lag); 3],
}

impl Step for Alligator {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let values = self.lines.each_mut().map(|(average, lag)| {
            let average = average.next(bar.median())?;
            lag.next(average)
        });
        let [jaw, teeth, lips] = values;
        Some([jaw?, teeth?, lips?])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Forecast {
    window: Window,
    ahead: f64,
}

impl Step for Forecast {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let line = self.window.with(close)?.regression();
        Some(line.end + line.slope * self.ahead)
    }
}
