//! The cycle in prices, after Ehlers: its period, its phase, its sine, and whether there is one at all.

use super::super::kernel::Window;
use super::super::machine::Step;
use super::super::{Category::Cycle, Category::Overlap, Spec, WarmUp::Exactly};
use super::hilbert::{self, Hilbert};
use super::{ratio, spec};
use serde::{Deserialize, Serialize};

pub const LIST: &[Spec] = &[
    spec("ht_dcperiod", Cycle, "the dominant cycle's period, in bars")
        .own(|_| Exactly(32), |_| Box::new(Period(Hilbert::new(9)))),
    spec("ht_phasor", Cycle, "the two parts of the cycle, a quarter of a turn apart")
        .outputs(&["in_phase", "quadrature"])
        .own(|_| Exactly(32), |_| Box::new(Parts(Hilbert::new(9)))),
    spec("ht_dcphase", Cycle, "where in its turn the dominant cycle is, in degrees")
        .own(|_| Exactly(63), |_| Box::new(Phase(Dominant::new()))),
    spec("ht_sine", Cycle, "the sine of the cycle's phase, and the same an eighth of a turn ahead")
        .outputs(&["sine", "lead"])
        .own(|_| Exactly(63), |_| Box::new(Sine(Dominant::new()))),
    spec("ht_trendmode", Cycle, "1 where prices trend, 0 where they cycle")
        .own(|_| Exactly(63), |_| Box::new(TrendMode::new())),
    spec("ht_trendline", Overlap, "prices with the dominant cycle taken out")
        .own(|_| Exactly(63), |_| Box::new(TrendLine(Dominant::new()))),
];

const LONGEST: usize = 50;

#[derive(Clone, Serialize, Deserialize)]
struct Period(Hilbert);

impl Step for Period {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let cycle = self.0.next(close)?;
        (self.0.seen() > 32).then_some(cycle.period)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Parts(Hilbert);

impl Step for Parts {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        let cycle = self.0.next(close)?;
        (self.0.seen() > 32).then_some([cycle.in_phase, cycle.quadrature])
    }
}

/// The dominant cycle with its phase and the line that prices follow under it.
#[derive(Clone, Serialize, Deserialize)]
struct Dominant {
    hilbert: Hilbert,
    closes: Window,
    smooths: Window,
    phase: f64,
    means: [f64; 3],
}

#[derive(Clone, Copy)]
struct State {
    cycle: hilbert::Cycle,
    phase: f64,
    line: f64,
}

impl Dominant {
    fn new() -> Self {
        Self {
            hilbert: Hilbert::new(34),
            closes: Window::new(LONGEST),
            smooths: Window::new(LONGEST),
            phase: 0.0,
            means: [0.0; 3],
        }
    }

    fn next(&mut self, close: f64) -> Option<State> {
        self.closes.push(close);
        let cycle = self.hilbert.next(close)?;
        self.smooths.push(cycle.smooth);
        let length = (cycle.period + 0.5).floor();
        self.phase = self.turn(&cycle, length);
        let line = self.line(length);
        Some(State { cycle, phase: self.phase, line })
    }

    /// As `next`, once there is a value to show.
    fn shown(&mut self, close: f64) -> Option<State> {
        let state = self.next(close)?;
        (self.hilbert.seen() > 63).then_some(state)
    }

    fn turn(&self, cycle: &hilbert::Cycle, length: f64) -> f64 {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (smooth, step) in self.smooths.iter().rev().zip(0_i32..) {
            let step = f64::from(step);
            if step >= length {
                break;
            }
            let angle = step * std::f64::consts::TAU / length;
            real += angle.sin() * smooth;
            imaginary += angle.cos() * smooth;
        }
        let mut phase = self.phase;
        if imaginary != 0.0 {
            phase = (real / imaginary).atan().to_degrees();
        } else if real < 0.0 {
            phase -= 90.0;
        } else if real > 0.0 {
            phase += 90.0;
        }
        // The smoothed price lags by a bar, which the second term makes up for.
        phase += 90.0 + ratio(360.0, cycle.period).unwrap_or_default();
        if imaginary < 0.0 {
            phase += 180.0;
        }
        if phase > 315.0 { phase - 360.0 } else { phase }
    }

    fn line(&mut self, length: f64) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for close in self.closes.iter().rev() {
            if count >= length {
                break;
            }
            sum += close;
            count += 1.0;
        }
        let mean = ratio(sum, count).unwrap_or_default();
        let [one, two, three] = self.means;
        self.means = [mean, one, two];
        (4.0 * mean + 3.0 * one + 2.0 * two + three) / 10.0
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Phase(Dominant);

impl Step for Phase {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.shown(close).map(|state| state.phase)
    }
}

fn sines(phase: f64) -> [f64; 2] {
    [phase.to_radians().sin(), (phase + 45.0).to_radians().sin()]
}

#[derive(Clone, Serialize, Deserialize)]
struct Sine(Dominant);

impl Step for Sine {
    type In = f64;
    type Out = [f64; 2];

    fn step(&mut self, close: f64) -> Option<[f64; 2]> {
        self.0.shown(close).map(|state| sines(state.phase))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct TrendLine(Dominant);

impl Step for TrendLine {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        self.0.shown(close).map(|state| state.line)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct TrendMode {
    dominant: Dominant,
    phase: f64,
    sines: [f64; 2],
    bars: f64,
}

impl TrendMode {
    fn new() -> Self {
        Self { dominant: Dominant::new(), phase: 0.0, sines: [0.0; 2], bars: 0.0 }
    }

    /// A cycle is there while the sines cross, or turn at the cycle's own pace, and prices keep to the line.
    fn is_trend(&mut self, state: &State) -> bool {
        let [sine, lead] = sines(state.phase);
        let [last_sine, last_lead] = std::mem::replace(&mut self.sines, [sine, lead]);
        let crossed = (sine > lead && last_sine <= last_lead) || (sine < lead && last_sine >= last_lead);
        self.bars = if crossed { 1.0 } else { self.bars + 1.0 };
        let turn = state.phase - std::mem::replace(&mut self.phase, state.phase);
        let pace = ratio(360.0, state.cycle.period).unwrap_or(f64::INFINITY);
        let keeps_pace = turn > 0.67 * pace && turn < 1.5 * pace;
        let is_cycle = crossed || self.bars < 0.5 * state.cycle.period || keeps_pace;
        let distance = ratio(state.cycle.smooth - state.line, state.line).unwrap_or_default();
        !is_cycle || distance.abs() >= 0.015
    }
}

impl Step for TrendMode {
    type In = f64;
    type Out = f64;

    fn step(&mut self, close: f64) -> Option<f64> {
        let state = self.dominant.next(close)?;
        let is_trend = self.is_trend(&state);
        (self.dominant.hilbert.seen() > 63).then_some(f64::from(u8::from(is_trend)))
    }
}
