//! Two series beside each other.

use super::super::kernel::Window;
use super::super::machine::Step;
use super::super::param::period;
use super::super::{Category::Statistics, Pair, Spec, WarmUp::Exactly};
use super::{XY, ratio, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("correl", Statistics, "Pearson's correlation of the two series, from -1 to 1")
        .reads(XY)
        .params(&[period(30.0, 2.0)])
        .library(FuncId::CORREL),
    spec("beta", Statistics, "how much the returns of the second series move with those of the first")
        .reads(XY)
        .params(&[period(5.0, 1.0)])
        .library(FuncId::BETA),
    spec("covariance", Statistics, "the covariance of the two series, of the whole window")
        .reads(XY)
        .params(&[period(30.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Together::new(Figure::Covariance, a.count(0)))),
    spec("hedge_ratio", Statistics, "how many of x to sell for one y: the slope of y on x")
        .reads(XY)
        .params(&[period(60.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Together::new(Figure::HedgeRatio, a.count(0)))),
    spec(
        "spread_zscore",
        Statistics,
        "y less its hedge in x, in standard deviations of what the hedge leaves",
    )
    .reads(XY)
    .params(&[period(60.0, 3.0)])
    .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Together::new(Figure::SpreadScore, a.count(0)))),
    spec("ratio_zscore", Statistics, "the ratio of y to x, in standard deviations from its mean")
        .reads(XY)
        .params(&[period(60.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(RatioScore(Window::new(a.count(0))))),
];

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Figure {
    Covariance,
    HedgeRatio,
    SpreadScore,
}

#[derive(Clone, Serialize, Deserialize)]
struct Together {
    figure: Figure,
    x: Window,
    y: Window,
}

impl Together {
    fn new(figure: Figure, period: usize) -> Self {
        Self { figure, x: Window::new(period), y: Window::new(period) }
    }

    fn score(&self, slope: f64) -> Option<f64> {
        let (x, y) = (&self.x, &self.y);
        let spread = (y.newest() - y.mean()) - slope * (x.newest() - x.mean());
        let left = y.moment(2) - slope * x.covariance(y);
        ratio(spread, left.max(0.0).sqrt())
    }
}

impl Step for Together {
    type In = Pair;
    type Out = f64;

    fn step(&mut self, pair: Pair) -> Option<f64> {
        self.y.push(pair.y);
        let covariance = self.x.with(pair.x)?.covariance(&self.y);
        let slope = ratio(covariance, self.x.moment(2));
        match self.figure {
            Figure::Covariance => Some(covariance),
            Figure::HedgeRatio => slope,
            Figure::SpreadScore => self.score(slope?),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct RatioScore(Window);

impl Step for RatioScore {
    type In = Pair;
    type Out = f64;

    fn step(&mut self, pair: Pair) -> Option<f64> {
        let value = ratio(pair.y, pair.x)?;
        let window = self.0.with(value)?;
        ratio(value - window.mean(), window.deviation())
    }
}
