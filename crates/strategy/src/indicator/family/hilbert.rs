//! Ehlers' Hilbert transform: from prices to the two parts of their cycle, and to its period.
//!
//! Prices are smoothed over four bars; the transform is a filter over six bars, scaled by the period found before.
//! After the first three bars a fixed number is skipped, as TA-Lib does, so that values agree from the start.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy)]
pub(super) struct Cycle {
    pub in_phase: f64,
    pub quadrature: f64,
    /// The dominant period, smoothed, in bars.
    pub period: f64,
    /// The price over four bars, the newest weighing most.
    pub smooth: f64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Hilbert {
    skip: u64,
    seen: u64,
    prices: [f64; 4],
    smooths: Line,
    detrenders: Line,
    in_phases: Line,
    quadratures: Line,
    last: Phasor,
    real: f64,
    imaginary: f64,
    period: f64,
    smooth_period: f64,
}

/// The last seven numbers, the newest first.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Line([f64; 7]);

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Phasor {
    in_phase: f64,
    quadrature: f64,
}

const NEAR: f64 = 0.5769;
const FAR: f64 = 0.0962;

impl Line {
    fn push(&mut self, value: f64) {
        self.0.rotate_right(1);
        self.0[0] = value;
    }

    /// The transform of what the line holds, with the newest in front.
    fn transform(&mut self, value: f64, scale: f64) -> f64 {
        self.push(value);
        let [now, _, two, _, four, _, six] = self.0;
        (FAR * (now - six) + NEAR * (two - four)) * scale
    }
}

impl Hilbert {
    /// `skip` is how many smoothed prices are left out at first.
    pub fn new(skip: u64) -> Self {
        Self {
            skip,
            seen: 0,
            prices: [0.0; 4],
            smooths: Line::default(),
            detrenders: Line::default(),
            in_phases: Line::default(),
            quadratures: Line::default(),
            last: Phasor::default(),
            real: 0.0,
            imaginary: 0.0,
            period: 0.0,
            smooth_period: 0.0,
        }
    }

    /// How many prices it has seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The cycle, once the first prices are skipped.
    pub fn next(&mut self, price: f64) -> Option<Cycle> {
        self.seen = self.seen.saturating_add(1);
        self.prices.rotate_right(1);
        self.prices[0] = price;
        if self.seen <= self.skip.saturating_add(3) {
            return None;
        }
        let [now, one, two, three] = self.prices;
        let smooth = (4.0 * now + 3.0 * one + 2.0 * two + three) / 10.0;
        let scale = 0.075 * self.period + 0.54;
        let detrender = self.smooths.transform(smooth, scale);
        let quadrature = self.detrenders.transform(detrender, scale);
        let in_phase = self.detrenders.0[3];
        let ahead = Phasor {
            in_phase: self.in_phases.transform(in_phase, scale),
            quadrature: self.quadratures.transform(quadrature, scale),
        };
        let turned =
            Phasor { in_phase: in_phase - ahead.quadrature, quadrature: quadrature + ahead.in_phase };
        self.measure(turned);
        Some(Cycle { in_phase, quadrature, period: self.smooth_period, smooth })
    }

    /// The period from how far the phasor turned since the bar before.
    fn measure(&mut self, turned: Phasor) {
        let now = Phasor {
            in_phase: 0.2 * turned.in_phase + 0.8 * self.last.in_phase,
            quadrature: 0.2 * turned.quadrature + 0.8 * self.last.quadrature,
        };
        let last = std::mem::replace(&mut self.last, now);
        let real = now.in_phase * last.in_phase + now.quadrature * last.quadrature;
        let imaginary = now.in_phase * last.quadrature - now.quadrature * last.in_phase;
        self.real = 0.2 * real + 0.8 * self.real;
        self.imaginary = 0.2 * imaginary + 0.8 * self.imaginary;
        let before = self.period;
        let mut period = before;
        if self.imaginary != 0.0 && self.real != 0.0 {
            period = 360.0 / (self.imaginary / self.real).atan().to_degrees();
        }
        period = period.min(1.5 * before).max(0.67 * before).clamp(6.0, 50.0);
        self.period = 0.2 * period + 0.8 * before;
        self.smooth_period = 0.33 * self.period + 0.67 * self.smooth_period;
    }
}
