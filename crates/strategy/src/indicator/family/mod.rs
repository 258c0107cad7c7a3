//! The families of indicators. Each file holds the rows of its list and, above the library, what computes them.

mod adaptive;
mod average;
mod band;
mod candle;
mod convergence;
mod cycle;
mod directional;
mod flow;
mod hilbert;
mod oscillator;
mod pair;
mod pivot;
mod price;
mod relative;
mod statistics;
mod stochastic;
mod stop;
mod swing;
mod volatility;
mod volume;
mod vwap;

use super::spec::spec;
use super::{Field, Spec};

/// The one list: a family is on it, or it does not exist.
pub(super) const FAMILIES: &[&[Spec]] = &[
    average::LIST,
    adaptive::LIST,
    band::LIST,
    vwap::LIST,
    stop::LIST,
    relative::LIST,
    stochastic::LIST,
    convergence::LIST,
    directional::LIST,
    oscillator::LIST,
    volatility::LIST,
    volume::LIST,
    cycle::LIST,
    statistics::LIST,
    pair::LIST,
    price::LIST,
    pivot::LIST,
    swing::LIST,
    flow::LIST,
    candle::LIST,
];

const HL: &[Field] = &[Field::High, Field::Low];
const HLC: &[Field] = &[Field::High, Field::Low, Field::Close];
const OHLC: &[Field] = &[Field::Open, Field::High, Field::Low, Field::Close];
const OC: &[Field] = &[Field::Open, Field::Close];
const HLCV: &[Field] = &[Field::High, Field::Low, Field::Close, Field::Volume];
const HLV: &[Field] = &[Field::High, Field::Low, Field::Volume];
const CV: &[Field] = &[Field::Close, Field::Volume];
const V: &[Field] = &[Field::Volume];
const QUOTE: &[Field] = &[Field::Quote];
const PRINT: &[Field] = &[Field::Print];
const XY: &[Field] = &[Field::X, Field::Y];

/// A part of a whole; none where the whole is zero.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    let ratio = part / whole;
    (whole != 0.0 && ratio.is_finite()).then_some(ratio)
}

/// As `ratio`, zero where TA-Lib has zero.
fn ratio_or_zero(part: f64, whole: f64) -> f64 {
    ratio(part, whole).unwrap_or_default()
}
