//! Momentum from the library's windows, and running indices of Wilder and Williams.

use super::super::kernel::{Lag, Move};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Momentum, Spec, WarmUp::Exactly};
use super::{HLC, HLCV, OC, OHLC, ratio_or_zero, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("mom", Momentum, "the change over the period, in price")
        .params(&[period(10.0, 1.0)])
        .library(FuncId::MOM),
    spec("roc", Momentum, "the change over the period, in percent")
        .params(&[period(10.0, 1.0)])
        .library(FuncId::ROC),
    spec("rocp", Momentum, "the change over the period, as a part of the price before")
        .params(&[period(10.0, 1.0)])
        .library(FuncId::ROCP),
    spec("rocr", Momentum, "the price as a multiple of the one a period before")
        .params(&[period(10.0, 1.0)])
        .library(FuncId::ROCR),
    spec("rocr100", Momentum, "the price in percent of the one a period before")
        .params(&[period(10.0, 1.0)])
        .library(FuncId::ROCR100),
    spec(
        "bop",
        Momentum,
        "the balance of power: how far the bar closed from its open, as a part of its range",
    )
    .reads(OHLC)
    .library(FuncId::BOP),
    spec("cci", Momentum, "Lambert's index: the typical price from its mean, in mean deviations")
        .reads(HLC)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::CCI),
    spec("cg", Momentum, "Ehlers' centre of gravity of the closes in the window")
        .params(&[period(10.0, 2.0)])
        .library(FuncId::CG),
    spec("coppock", Momentum, "Coppock's curve: two rates of change added and averaged with falling weights")
        .params(&[count("average", 10.0, 1.0), count("short", 11.0, 1.0), count("long", 14.0, 1.0)])
        .ordered(&[("short", "long")])
        .library(FuncId::COPPOCK),
    spec("dpo", Momentum, "an older close less the mean: what is left when the trend is taken out")
        .params(&[period(20.0, 2.0)])
        .library(FuncId::DPO),
    spec("fosc", Momentum, "how far the close is from where the line of least squares led, in percent")
        .params(&[period(5.0, 2.0)])
        .library(FuncId::FOSC),
    spec("kst", Momentum, "Pring's know sure thing: four smoothed rates of change, weighted 1 to 4")
        .params(&[
            count("roc_1", 10.0, 1.0),
            count("roc_2", 15.0, 1.0),
            count("roc_3", 20.0, 1.0),
            count("roc_4", 30.0, 1.0),
            count("mean_1", 10.0, 1.0),
            count("mean_2", 10.0, 1.0),
            count("mean_3", 10.0, 1.0),
            count("mean_4", 15.0, 1.0),
            count("signal", 9.0, 1.0),
        ])
        .outputs(&["kst", "signal"])
        .library(FuncId::KST),
    spec("mfi", Momentum, "the money flow index: an RSI of the typical price weighted by volume")
        .reads(HLCV)
        .params(&[period(14.0, 2.0)])
        .library(FuncId::MFI),
    spec("qstick", Momentum, "the mean of how far bars closed from their opens")
        .reads(OC)
        .params(&[period(10.0, 1.0)])
        .library(FuncId::QSTICK),
    spec("si", Momentum, "Wilder's swing index of one bar to the next")
        .reads(OHLC)
        .params(&[real("limit_move", 3.0, 1e-8, 1e9)])
        .library(FuncId::SI),
    spec(
        "squeeze_momentum",
        Momentum,
        "momentum, and how tightly the bands are squeezed into their channel: 0 to 3",
    )
    .reads(HLC)
    .params(&[
        period(20.0, 2.0),
        real("deviations", 2.0, 0.0, 100.0),
        count("channel_period", 20.0, 2.0),
        real("wide", 2.0, 0.0, 100.0),
        real("normal", 1.5, 0.0, 100.0),
        real("narrow", 1.0, 0.0, 100.0),
    ])
    .ordered(&[("narrow", "normal"), ("normal", "wide")])
    .outputs(&["momentum", "squeeze"])
    .library(FuncId::SQZMOM),
    spec("ultosc", Momentum, "Williams' ultimate oscillator: buying pressure over three periods")
        .reads(HLC)
        .params(&[count("short", 7.0, 1.0), count("middle", 14.0, 1.0), count("long", 28.0, 1.0)])
        .library(FuncId::ULTOSC),
    spec("asi", Momentum, "the running total of Wilder's swing index")
        .reads(OHLC)
        .params(&[real("limit_move", 3.0, 1e-8, 1e9)])
        .own(|_| Exactly(0), |a| Box::new(Swing { limit: a.real(0), last: None, total: 0.0 })),
    spec(
        "wad",
        Momentum,
        "Williams' accumulation: moves up from the true low, down from the true high, added up",
    )
    .reads(HLC)
    .own(|_| Exactly(0), |_| Box::new(Accumulation::default())),
    spec(
        "td_setup",
        Momentum,
        "DeMark's count of closes in a row above (+) or below (-) the close so many before",
    )
    .params(&[count("compare", 4.0, 1.0)])
    .own(|a| Exactly(a.count(0)), |a| Box::new(Setup { lag: Lag::new(a.count(0)), count: 0.0 })),
];

#[derive(Clone, Serialize, Deserialize)]
struct Swing {
    limit: f64,
    /// Open and close of the bar before.
    last: Option<[f64; 2]>,
    total: f64,
}

impl Swing {
    /// Wilder's swing index; nothing where no price moved.
    fn index(&self, bar: &Bar, [open, close]: [f64; 2]) -> f64 {
        let (high, low) = ((bar.high - close).abs(), (bar.low - close).abs());
        let body = 0.25 * (close - open).abs();
        let scale = bar.range().max(high - 0.5 * low).max(low - 0.5 * high) + body;
        let moved = bar.close - close + 0.5 * (bar.close - bar.open) + 0.25 * (close - open);
        50.0 * ratio_or_zero(moved, scale) * high.max(low) / self.limit
    }
}

impl Step for Swing {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        if let Some(before) = self.last.replace([bar.open, bar.close]) {
            self.total += self.index(&bar, before);
        }
        Some(self.total)
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Accumulation {
    close: Move,
    total: f64,
}

impl Step for Accumulation {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        if let Some(before) = self.close.previous(bar.close) {
            if bar.close > before {
                self.total += bar.close - bar.low.min(before);
            } else if bar.close < before {
                self.total += bar.close - bar.high.max(before);
            }
        }
        Some(self.total)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Setup {
    lag: Lag,
    count: f64,
}

impl Step for Setup {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let before = self.lag.next(close)?;
        self.count = if close > before {
            self.count.max(0.0) + 1.0
        } else if close < before {
            self.count.min(0.0) - 1.0
        } else {
            0.0
        };
        Some(self.count)
    }
}
