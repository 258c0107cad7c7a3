//! Averages that choose their own speed from what the market does.

use super::super::kernel::{Move, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Overlap, Spec, WarmUp::Exactly};
use super::hilbert::Hilbert;
use super::{HL, ratio, spec};
use serde::{Deserialize, Serialize};

pub const LIST: &[Spec] = &[
    spec("kama", Overlap, "Kaufman's average: fast where closes go one way, slow where they go nowhere")
        .params(&[period(30.0, 2.0)])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Kaufman::new(a.count(0)))),
    spec("vidya", Overlap, "Chande's average: an exponential average that slows as momentum fades")
        .params(&[period(12.0, 2.0), count("cmo_period", 9.0, 2.0)])
        .own(|a| Exactly(a.count(1)), |a| Box::new(Vidya::new(a.real(0), a.count(1)))),
    spec("mcginley", Overlap, "McGinley's Dynamic: it follows falling prices faster than rising ones")
        .params(&[period(14.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(McGinley { period: a.real(0), seen: 0, value: 0.0 })),
    spec("frama", Overlap, "Ehlers' average: the faster, the lower the fractal dimension; an odd period counts as the even one below it")
        .reads(HL)
        .params(&[period(16.0, 2.0)])
        .own(|a| Exactly(a.count(0) / 2 * 2), |a| Box::new(Fractal::new(a.count(0) / 2))),
    spec("mama", Overlap, "Ehlers' average that follows the phase of the cycle, and its slower follower")
        .params(&[real("fast_limit", 0.5, 0.01, 0.99), real("slow_limit", 0.05, 0.01, 0.99)])
        .outputs(&["mama", "fama"])
        .own(|_| Exactly(32), |a| Box::new(Mesa::new(a.real(0), a.real(1)))),
];

/// Smoothing of an average of 2 and of one of 30 closes.
const FASTEST: f64 = 2.0 / 3.0;
const SLOWEST: f64 = 2.0 / 31.0;

#[derive(Clone, Serialize, Deserialize)]
struct Kaufman {
    closes: Window,
    value: Option<f64>,
}

impl Kaufman {
    fn new(period: usize) -> Self {
        Self { closes: Window::new(period + 1), value: None }
    }
}

impl Step for Kaufman {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let closes = self.closes.with(close)?;
        let way = (close - closes.oldest()).abs();
        let path: f64 = closes.iter().zip(closes.iter().skip(1)).map(|(one, next)| (next - one).abs()).sum();
        let efficiency = ratio(way, path).map_or(1.0, |efficiency| efficiency.min(1.0));
        let speed = efficiency * (FASTEST - SLOWEST) + SLOWEST;
        let before = self.value.unwrap_or(closes.ago(1));
        let value = before + speed * speed * (close - before);
        self.value = Some(value);
        Some(value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Vidya {
    alpha: f64,
    close: Move,
    moves: Window,
    value: f64,
}

impl Vidya {
    fn new(period: f64, momentum: usize) -> Self {
        Self { alpha: 2.0 / (period + 1.0), close: Move::default(), moves: Window::new(momentum), value: 0.0 }
    }
}

impl Step for Vidya {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let Some(change) = self.close.next(close) else {
            self.value = close;
            return None;
        };
        let is_full = self.moves.push(change);
        let path: f64 = self.moves.iter().map(f64::abs).sum();
        let momentum = ratio(self.moves.sum().abs(), path).unwrap_or_default();
        self.value += self.alpha * momentum * (close - self.value);
        is_full.then_some(self.value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct McGinley {
    period: f64,
    seen: usize,
    value: f64,
}

impl Step for McGinley {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.seen = self.seen.saturating_add(1);
        // From zero the ratio of prices would never lead away again.
        if self.seen == 1 || self.value == 0.0 {
            self.value = close;
        } else {
            let next = self.value + (close - self.value) / (self.period * (close / self.value).powi(4));
            self.value = if next.is_finite() { next } else { self.value };
        }
        (self.seen as f64 >= self.period).then_some(self.value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Fractal {
    half: usize,
    highs: Window,
    lows: Window,
    median: Move,
    value: Option<f64>,
}

/// How steeply smoothing falls with the dimension: 1 smooths not at all, 2 as an average of about 200.
const STEEPNESS: f64 = -4.6;

impl Fractal {
    fn new(half: usize) -> Self {
        let window = Window::new(2 * half);
        Self { half, highs: window.clone(), lows: window, median: Move::default(), value: None }
    }

    fn alpha(&self) -> Option<f64> {
        let highest = |skip| self.highs.iter().skip(skip).take(self.half).fold(f64::NEG_INFINITY, f64::max);
        let lowest = |skip| self.lows.iter().skip(skip).take(self.half).fold(f64::INFINITY, f64::min);
        let older = highest(0) - lowest(0);
        let newer = highest(self.half) - lowest(self.half);
        let whole = self.highs.highest() - self.lows.lowest();
        let is_rough = older > 0.0 && newer > 0.0 && older + newer > whole;
        is_rough.then(|| (STEEPNESS / std::f64::consts::LN_2 * ((older + newer) / whole).ln()).exp())
    }
}

impl Step for Fractal {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let was_full = self.highs.is_full();
        self.highs.push(bar.high);
        self.lows.push(bar.low);
        let before = self.median.previous(bar.median());
        if !was_full {
            return None;
        }
        let before = self.value.or(before)?;
        let value = self.alpha().map_or(bar.median(), |alpha| before + alpha * (bar.median() - before));
        self.value = Some(value);
        Some(value)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Mesa {
    fast: f64,
    slow: f64,
    hilbert: Hilbert,
    phase: f64,
    mama: f64,
    fama: f64,
}

impl Mesa {
    fn new(fast: f64, slow: f64) -> Self {
        Self { fast, slow, hilbert: Hilbert::new(9), phase: 0.0, mama: 0.0, fama: 0.0 }
    }
}

impl Step for Mesa {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        let cycle = self.hilbert.next(close)?;
        let phase =
            ratio(cycle.quadrature, cycle.in_phase).map_or(0.0, |tangent| tangent.atan().to_degrees());
        let turn = (self.phase - phase).max(1.0);
        self.phase = phase;
        let alpha = if turn > 1.0 { (self.fast / turn).max(self.slow) } else { self.fast };
        self.mama += alpha * (close - self.mama);
        self.fama += 0.5 * alpha * (self.mama - self.fama);
        (self.hilbert.seen() > 32).then_some([self.mama, self.fama])
    }
}
