//! One price for a bar, and one bar for another.

use super::super::machine::Step;
use super::super::{Bar, Category::Price, Spec, WarmUp::Exactly};
use super::{HL, HLC, OHLC, spec};
use serde::{Deserialize, Serialize};
use ta_lib::abstract_api::FuncId;

pub const LIST: &[Spec] = &[
    spec("avgprice", Price, "the mean of open, high, low and close").reads(OHLC).library(FuncId::AVGPRICE),
    spec("medprice", Price, "the middle of high and low").reads(HL).library(FuncId::MEDPRICE),
    spec("typprice", Price, "the mean of high, low and close").reads(HLC).library(FuncId::TYPPRICE),
    spec("wclprice", Price, "the mean of high, low and twice the close").reads(HLC).library(FuncId::WCLPRICE),
    spec("heikin_ashi", Price, "candles that carry half of the candle before: trends show as one colour")
        .reads(OHLC)
        .outputs(&["open", "high", "low", "close"])
        .own(|_| Exactly(0), |_| Box::new(HeikinAshi(None))),
];

/// Open and close of the candle before.
#[derive(Clone, Serialize, Deserialize)]
struct HeikinAshi(Option<[f64; 2]>);

impl Step for HeikinAshi {
    type In = Bar;
    type Out = [f64; 4];

    fn step(&mut self, bar: Bar) -> Option<[f64; 4]> {
        let [open, close] = self.0.unwrap_or([bar.open, bar.close]);
        let open = f64::midpoint(open, close);
        let close = (bar.open + bar.high + bar.low + bar.close) / 4.0;
        self.0 = Some([open, close]);
        Some([open, bar.high.max(open).max(close), bar.low.min(open).min(close), close])
    }
}
