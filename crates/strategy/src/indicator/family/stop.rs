//! Lines that trail behind prices and turn when prices cross them.

use super::super::kernel::{Smooth, TrueRange, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Bar, Category::Overlap, Spec, WarmUp::Exactly};
use super::{HL, HLC, spec};
use serde::{Deserialize, Serialize};

pub const LIST: &[Spec] = &[
    spec("sar", Overlap, "Wilder's parabolic stop and reverse: it closes in faster the longer a trend lasts")
        .reads(HL)
        .params(&[real("acceleration", 0.02, 0.0, 10.0), real("maximum", 0.2, 0.0, 10.0)])
        .own(
            |_| Exactly(1),
            |a| {
                let pace = Pace { first: a.real(0), step: a.real(0), most: a.real(1) };
                Box::new(Parabolic::new(0.0, 0.0, [pace, pace], false))
            },
        ),
    spec(
        "sarext",
        Overlap,
        "the parabolic stop with a pace for each side; negative while it is above prices",
    )
    .reads(HL)
    .params(&[
        real("start", 0.0, -1e9, 1e9),
        real("offset_on_reverse", 0.0, 0.0, 10.0),
        real("first_long", 0.02, 0.0, 10.0),
        real("step_long", 0.02, 0.0, 10.0),
        real("most_long", 0.2, 0.0, 10.0),
        real("first_short", 0.02, 0.0, 10.0),
        real("step_short", 0.02, 0.0, 10.0),
        real("most_short", 0.2, 0.0, 10.0),
    ])
    .own(
        |_| Exactly(1),
        |a| {
            let pace = |at| Pace { first: a.real(at), step: a.real(at + 1), most: a.real(at + 2) };
            Box::new(Parabolic::new(a.real(0), a.real(1), [pace(2), pace(5)], true))
        },
    ),
    spec("supertrend", Overlap, "a band of true ranges that trails prices, and the trend: 1 up, -1 down")
        .reads(HLC)
        .params(&[period(10.0, 2.0), real("multiplier", 3.0, 0.0, 100.0)])
        .outputs(&["line", "trend"])
        .own(|a| Exactly(a.count(0)), |a| Box::new(SuperTrend::new(a.count(0), a.real(1)))),
    spec(
        "chande_kroll_stop",
        Overlap,
        "two stops: extremes less their true ranges, and the extremes of those",
    )
    .reads(HLC)
    .params(&[period(10.0, 2.0), real("multiplier", 1.0, 0.0, 100.0), count("stop_period", 9.0, 1.0)])
    .outputs(&["high_stop", "low_stop"])
    .own(
        |a| Exactly(a.count(0) + a.count(2) - 1),
        |a| Box::new(ChandeKroll::new(a.count(0), a.real(1), a.count(2))),
    ),
    spec("chandelier", Overlap, "exits that hang true ranges under the highest high and over the lowest low")
        .reads(HLC)
        .params(&[period(22.0, 1.0), real("multiplier", 3.0, 0.0, 100.0)])
        .outputs(&["long_exit", "short_exit"])
        .own(|a| Exactly(a.count(0)), |a| Box::new(Chandelier(Hanging::new(a.count(0), a.real(1))))),
    spec(
        "atr_stop",
        Overlap,
        "a stop that trails the close by true ranges and turns when the close crosses it",
    )
    .reads(HLC)
    .params(&[period(14.0, 1.0), real("multiplier", 3.0, 0.0, 100.0)])
    .outputs(&["stop", "trend"])
    .own(|a| Exactly(a.count(0)), |a| Box::new(RangeStop::new(a.count(0), a.real(1)))),
];

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Pace {
    first: f64,
    step: f64,
    most: f64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Parabolic {
    start: f64,
    offset: f64,
    /// Of a long and of a short trend.
    paces: [Pace; 2],
    is_signed: bool,
    before: Option<[f64; 2]>,
    trend: Option<Trend>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Trend {
    is_long: bool,
    stop: f64,
    extreme: f64,
    pace: f64,
}

impl Parabolic {
    fn new(start: f64, offset: f64, paces: [Pace; 2], is_signed: bool) -> Self {
        let paces = paces.map(|pace| Pace {
            first: pace.first.min(pace.most),
            step: pace.step.min(pace.most),
            most: pace.most,
        });
        Self { start, offset, paces, is_signed, before: None, trend: None }
    }

    fn pace(&self, is_long: bool) -> Pace {
        self.paces[usize::from(!is_long)]
    }

    /// The trend begins to the side where the second bar went further.
    fn begin(&self, bar: &Bar, [high, low]: [f64; 2]) -> Trend {
        let (up, down) = (bar.high - high, low - bar.low);
        let is_long = match self.start {
            start if start > 0.0 => true,
            start if start < 0.0 => false,
            _ => !(down > 0.0 && up < down),
        };
        let extreme = if is_long { bar.high } else { bar.low };
        let stop = match self.start.abs() {
            start if start > 0.0 => start,
            _ if is_long => low,
            _ => high,
        };
        Trend { is_long, stop, extreme, pace: self.pace(is_long).first }
    }

    /// The new trend after prices crossed the stop, and the stop that this bar shows.
    fn reverse(&self, trend: Trend, bar: &Bar, before: [f64; 2]) -> (Trend, f64) {
        let is_long = !trend.is_long;
        let mut shown = keep_clear(trend.extreme, is_long, bar, before);
        shown += shown * if is_long { -self.offset } else { self.offset };
        let extreme = if is_long { bar.high } else { bar.low };
        let pace = self.pace(is_long).first;
        let stop = keep_clear(shown + pace * (extreme - shown), is_long, bar, before);
        (Trend { is_long, stop, extreme, pace }, shown)
    }

    fn follow(&self, trend: Trend, bar: &Bar, before: [f64; 2]) -> Trend {
        let Trend { is_long, mut extreme, mut pace, stop } = trend;
        let goes_further = if is_long { bar.high > extreme } else { bar.low < extreme };
        if goes_further {
            extreme = if is_long { bar.high } else { bar.low };
            pace = (pace + self.pace(is_long).step).min(self.pace(is_long).most);
        }
        let stop = keep_clear(stop + pace * (extreme - stop), is_long, bar, before);
        Trend { is_long, stop, extreme, pace }
    }
}

/// A stop stays outside of the last two bars.
fn keep_clear(stop: f64, is_long: bool, bar: &Bar, [high, low]: [f64; 2]) -> f64 {
    if is_long { stop.min(low).min(bar.low) } else { stop.max(high).max(bar.high) }
}

impl Step for Parabolic {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        let before = self.before.replace([bar.high, bar.low])?;
        let (trend, before) = match self.trend {
            Some(trend) => (trend, before),
            // The second bar is held against itself: the first one has only set the start.
            None => (self.begin(&bar, before), [bar.high, bar.low]),
        };
        let is_crossed = if trend.is_long { bar.low <= trend.stop } else { bar.high >= trend.stop };
        let (next, shown) = if is_crossed {
            self.reverse(trend, &bar, before)
        } else {
            (self.follow(trend, &bar, before), trend.stop)
        };
        self.trend = Some(next);
        Some(if self.is_signed && !next.is_long { -shown } else { shown })
    }
}

/// Wilder's average of the true range.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AverageRange {
    range: TrueRange,
    average: Smooth,
}

impl AverageRange {
    pub fn new(period: usize) -> Self {
        Self { range: TrueRange::default(), average: Smooth::wilder(period) }
    }

    pub fn next(&mut self, bar: &Bar) -> Option<f64> {
        let range = self.range.next(bar)?;
        self.average.next(range)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct SuperTrend {
    range: AverageRange,
    multiplier: f64,
    last: Option<Bands>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Bands {
    upper: f64,
    lower: f64,
    close: f64,
    is_up: bool,
}

impl SuperTrend {
    fn new(period: usize, multiplier: f64) -> Self {
        Self { range: AverageRange::new(period), multiplier, last: None }
    }
}

impl Bands {
    /// A band moves only towards prices, unless the close before was beyond it.
    fn next(self, upper: f64, lower: f64, close: f64) -> Self {
        let upper = if upper < self.upper || self.close > self.upper { upper } else { self.upper };
        let lower = if lower > self.lower || self.close < self.lower { lower } else { self.lower };
        let is_up = if self.is_up { close >= lower } else { close > upper };
        Self { upper, lower, close, is_up }
    }
}

impl Step for SuperTrend {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let band = self.multiplier * self.range.next(&bar)?;
        let (upper, lower) = (bar.median() + band, bar.median() - band);
        let bands = match self.last {
            Some(last) => last.next(upper, lower, bar.close),
            None => Bands { upper, lower, close: bar.close, is_up: true },
        };
        self.last = Some(bands);
        Some(if bands.is_up { [bands.lower, 1.0] } else { [bands.upper, -1.0] })
    }
}

/// The highest high less, and the lowest low plus, a multiple of the average true range.
#[derive(Clone, Serialize, Deserialize)]
struct Hanging {
    range: AverageRange,
    highs: Window,
    lows: Window,
    multiplier: f64,
}

impl Hanging {
    fn new(period: usize, multiplier: f64) -> Self {
        let window = Window::new(period);
        Self { range: AverageRange::new(period), highs: window.clone(), lows: window, multiplier }
    }

    fn next(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        self.highs.push(bar.high);
        self.lows.push(bar.low);
        let distance = self.multiplier * self.range.next(bar)?;
        Some([self.highs.highest() - distance, self.lows.lowest() + distance])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Chandelier(Hanging);

impl Step for Chandelier {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        self.0.next(&bar)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct ChandeKroll {
    first: Hanging,
    high_stops: Window,
    low_stops: Window,
}

impl ChandeKroll {
    fn new(period: usize, multiplier: f64, stop_period: usize) -> Self {
        let window = Window::new(stop_period);
        Self { first: Hanging::new(period, multiplier), high_stops: window.clone(), low_stops: window }
    }
}

impl Step for ChandeKroll {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let [high_stop, low_stop] = self.first.next(&bar)?;
        self.low_stops.push(low_stop);
        let highest = self.high_stops.with(high_stop)?.highest();
        Some([highest, self.low_stops.lowest()])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct RangeStop {
    range: AverageRange,
    multiplier: f64,
    last: Option<(f64, bool)>,
}

impl RangeStop {
    fn new(period: usize, multiplier: f64) -> Self {
        Self { range: AverageRange::new(period), multiplier, last: None }
    }
}

impl Step for RangeStop {
    type In = Bar;
    type Out = [f64; 2];

    fn step(&mut self, bar: Bar) -> Option<[f64; 2]> {
        let distance = self.multiplier * self.range.next(&bar)?;
        let (below, above) = (bar.close - distance, bar.close + distance);
        let (stop, is_up) = match self.last {
            None => (below, true),
            Some((stop, true)) if bar.close >= stop => (stop.max(below), true),
            Some((stop, false)) if bar.close <= stop => (stop.min(above), false),
            Some((_, true)) => (above, false),
            Some((_, false)) => (below, true),
        };
        self.last = Some((stop, is_up));
        Some([stop, if is_up { 1.0 } else { -1.0 }])
    }
}
