//! Levels of a trading session, from the high, low and close of the session before.

use super::super::machine::Step;
use super::super::param::SESSION;
use super::super::{Bar, Category::Structure, Field, Spec, WarmUp::AtLeast};
use super::spec;
use super::vwap::Session;
use serde::{Deserialize, Serialize};

const TIMED: &[Field] = &[Field::Time, Field::Open, Field::High, Field::Low, Field::Close];
const SIX: &[&str] = &["pivot", "r1", "r2", "r3", "s1", "s2", "s3"];

pub const LIST: &[Spec] = &[
    spec(
        "pivot_classic",
        Structure,
        "floor traders' levels: the mean of the last session, and its range around it",
    )
    .reads(TIMED)
    .params(&SESSION)
    .outputs(SIX)
    .own(|_| AtLeast(1), |a| Box::new(Pivot::new(Levels::Classic, a.nanos(0), a.nanos(1)))),
    spec(
        "pivot_fibonacci",
        Structure,
        "the mean of the last session, and 38.2, 61.8 and 100 percent of its range",
    )
    .reads(TIMED)
    .params(&SESSION)
    .outputs(SIX)
    .own(|_| AtLeast(1), |a| Box::new(Pivot::new(Levels::Fibonacci, a.nanos(0), a.nanos(1)))),
    spec(
        "pivot_camarilla",
        Structure,
        "levels at 1.1 of the last range by 12, 6, 4 and 2, around the last close",
    )
    .reads(TIMED)
    .params(&SESSION)
    .outputs(&["pivot", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4"])
    .own(|_| AtLeast(1), |a| Box::new(Camarilla(Sessions::new(a.nanos(0), a.nanos(1))))),
    spec("pivot_woodie", Structure, "levels around a mean in which the last close counts twice")
        .reads(TIMED)
        .params(&SESSION)
        .outputs(SIX)
        .own(|_| AtLeast(1), |a| Box::new(Pivot::new(Levels::Woodie, a.nanos(0), a.nanos(1)))),
    spec(
        "pivot_demark",
        Structure,
        "DeMark's levels: which price counts twice depends on where the session closed",
    )
    .reads(TIMED)
    .params(&SESSION)
    .outputs(&["pivot", "r1", "s1"])
    .own(|_| AtLeast(1), |a| Box::new(DeMark(Sessions::new(a.nanos(0), a.nanos(1))))),
    spec(
        "session_range",
        Structure,
        "high and low of the session so far, and the close of the session before",
    )
    .reads(TIMED)
    .params(&SESSION)
    .outputs(&["high", "low", "last_close"])
    .own(|_| AtLeast(1), |a| Box::new(SoFar(Sessions::new(a.nanos(0), a.nanos(1))))),
];

/// The session under way as one bar, and the one before it.
#[derive(Clone, Serialize, Deserialize)]
struct Sessions {
    session: Session,
    current: Option<[f64; 4]>,
    last: Option<[f64; 4]>,
}

impl Sessions {
    fn new(length: i64, offset: i64) -> Self {
        Self { session: Session::new(length, offset), current: None, last: None }
    }

    /// Open, high, low and close of the session before.
    fn next(&mut self, bar: &Bar) -> Option<[f64; 4]> {
        let fresh = [bar.open, bar.high, bar.low, bar.close];
        if self.session.begins(bar.time) {
            self.last = self.current.replace(fresh);
        } else {
            let [open, high, low, _] = self.current.unwrap_or(fresh);
            self.current = Some([open, high.max(bar.high), low.min(bar.low), bar.close]);
        }
        self.last
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Levels {
    Classic,
    Fibonacci,
    Woodie,
}

#[derive(Clone, Serialize, Deserialize)]
struct Pivot {
    levels: Levels,
    sessions: Sessions,
}

impl Pivot {
    fn new(levels: Levels, length: i64, offset: i64) -> Self {
        Self { levels, sessions: Sessions::new(length, offset) }
    }
}

impl Levels {
    fn around(self, [_, high, low, close]: [f64; 4]) -> [f64; 7] {
        let range = high - low;
        let pivot = match self {
            Self::Classic | Self::Fibonacci => (high + low + close) / 3.0,
            Self::Woodie => (high + low + 2.0 * close) / 4.0,
        };
        let (above, below) = match self {
            Self::Fibonacci => {
                let steps = [0.382, 0.618, 1.0].map(|part| part * range);
                (steps.map(|step| pivot + step), steps.map(|step| pivot - step))
            }
            Self::Classic | Self::Woodie => (
                [2.0 * pivot - low, pivot + range, high + 2.0 * (pivot - low)],
                [2.0 * pivot - high, pivot - range, low - 2.0 * (high - pivot)],
            ),
        };
        let ([r1, r2, r3], [s1, s2, s3]) = (above, below);
        [pivot, r1, r2, r3, s1, s2, s3]
    }
}

impl Step for Pivot {
    type In = Bar;
    type Out = [f64; 7];

    fn step(&mut self, bar: Bar) -> Option<[f64; 7]> {
        self.sessions.next(&bar).map(|last| self.levels.around(last))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Camarilla(Sessions);

impl Step for Camarilla {
    type In = Bar;
    type Out = [f64; 9];

    fn step(&mut self, bar: Bar) -> Option<[f64; 9]> {
        let [_, high, low, close] = self.0.next(&bar)?;
        let [one, two, three, four] = [12.0, 6.0, 4.0, 2.0].map(|by| 1.1 * (high - low) / by);
        let pivot = (high + low + close) / 3.0;
        let above = [close + one, close + two, close + three, close + four];
        let [r1, r2, r3, r4] = above;
        Some([pivot, r1, r2, r3, r4, close - one, close - two, close - three, close - four])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct DeMark(Sessions);

impl Step for DeMark {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let [open, high, low, close] = self.0.next(&bar)?;
        let sum = high + low + close;
        let weighed = if close < open {
            sum + low
        } else if close > open {
            sum + high
        } else {
            sum + close
        };
        Some([weighed / 4.0, weighed / 2.0 - low, weighed / 2.0 - high])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct SoFar(Sessions);

impl Step for SoFar {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        let [_, _, _, last_close] = self.0.next(&bar)?;
        let [_, high, low, _] = self.0.current?;
        Some([high, low, last_close])
    }
}
