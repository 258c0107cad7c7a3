//! Prices weighted by volume: from the first bar, from a moment, from the session's start, and over a window.

use super::super::kernel::Window;
use super::super::machine::Step;
use super::super::param::{Param, SESSION, count, period, real};
use super::super::{Bar, Category::Overlap, Category::Volume, Field, Spec, WarmUp::AtLeast, WarmUp::Exactly};
use super::{HLCV, HLV, ratio, spec};
use serde::{Deserialize, Serialize};

const TIMED: &[Field] = &[Field::Time, Field::High, Field::Low, Field::Close, Field::Volume];

const ANCHOR: Param = Param { name: "anchor_seconds", default: 0.0, min: 0.0, max: 1e11, is_whole: true };

pub const LIST: &[Spec] = &[
    spec("vwap", Overlap, "the typical price weighted by volume, from the first bar on")
        .reads(HLCV)
        .own(|_| Exactly(0), |_| Box::new(Anchored::default())),
    spec(
        "vwap_anchored",
        Overlap,
        "the typical price weighted by volume, from a moment on: seconds since 1970",
    )
    .reads(TIMED)
    .params(&[ANCHOR])
    .own(|_| AtLeast(0), |a| Box::new(Anchored { from: a.nanos(0), ..Anchored::default() })),
    spec("vwap_session", Overlap, "the typical price weighted by volume, anew each session, with deviations")
        .reads(TIMED)
        .params(&[SESSION[0], SESSION[1], real("width", 2.0, 0.0, 100.0)])
        .outputs(&["upper", "vwap", "lower"])
        .own(
            |_| Exactly(0),
            |a| {
                let session = Session::new(a.nanos(0), a.nanos(1));
                Box::new(Sessioned { session, sums: Sums::default(), width: a.real(2) })
            },
        ),
    spec("vwap_rolling", Overlap, "the typical price weighted by volume, over a window of bars")
        .reads(HLCV)
        .params(&[period(50.0, 1.0)])
        .own(
            |a| Exactly(a.count(0) - 1),
            |a| Box::new(Rolling { values: Window::new(a.count(0)), volumes: Window::new(a.count(0)) }),
        ),
    spec(
        "volume_profile",
        Volume,
        "the price at which most traded, and the area around it with most of the volume",
    )
    .reads(HLV)
    .params(&[period(60.0, 2.0), count("rows", 24.0, 2.0), real("area_percent", 70.0, 1.0, 100.0)])
    .outputs(&["point_of_control", "area_high", "area_low"])
    .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Profile::new(a.count(0), a.count(1), a.real(2)))),
];

/// A mean and the squares around it, moved on by each price: sums of squares of prices would lose the digits in
/// which they differ.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Sums {
    volume: f64,
    mean: f64,
    square: f64,
}

impl Sums {
    fn add(&mut self, price: f64, volume: f64) {
        self.volume += volume;
        let away = price - self.mean;
        self.mean += away * ratio(volume, self.volume).unwrap_or_default();
        self.square += volume * away * (price - self.mean);
    }

    fn mean(&self) -> Option<f64> {
        (self.volume > 0.0).then_some(self.mean)
    }

    fn deviation(&self) -> Option<f64> {
        Some(ratio(self.square, self.volume)?.max(0.0).sqrt())
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Anchored {
    from: i64,
    sums: Sums,
}

impl Step for Anchored {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        if bar.time < self.from {
            return None;
        }
        self.sums.add(bar.typical(), bar.volume);
        self.sums.mean()
    }
}

/// Which trading session a time is in: they follow each other from an offset, all of one length.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    length: i64,
    offset: i64,
    current: Option<i64>,
}

impl Session {
    pub fn new(length: i64, offset: i64) -> Self {
        Self { length, offset, current: None }
    }

    /// True where the time is the first of its session, the very first session too.
    pub fn begins(&mut self, time: i64) -> bool {
        let session = time.saturating_sub(self.offset).div_euclid(self.length.max(1));
        self.current.replace(session) != Some(session)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Sessioned {
    session: Session,
    sums: Sums,
    width: f64,
}

impl Step for Sessioned {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        if self.session.begins(bar.time) {
            self.sums = Sums::default();
        }
        self.sums.add(bar.typical(), bar.volume);
        let (mean, band) = (self.sums.mean()?, self.width * self.sums.deviation()?);
        Some([mean + band, mean, mean - band])
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Rolling {
    values: Window,
    volumes: Window,
}

impl Step for Rolling {
    type In = Bar;
    type Out = f64;

    fn step(&mut self, bar: Bar) -> Option<f64> {
        self.volumes.push(bar.volume);
        let value = self.values.with(bar.typical() * bar.volume)?.sum();
        ratio(value, self.volumes.sum())
    }
}

/// Each bar's volume is spread evenly over the rows between its low and its high.
#[derive(Clone, Serialize, Deserialize)]
struct Profile {
    highs: Window,
    lows: Window,
    volumes: Window,
    rows: u16,
    area: f64,
}

const ROWS_MOST: usize = 1000;

impl Profile {
    fn new(period: usize, rows: usize, percent: f64) -> Self {
        let window = Window::new(period);
        let rows = u16::try_from(rows.min(ROWS_MOST)).unwrap_or(u16::MAX);
        Self { highs: window.clone(), lows: window.clone(), volumes: window, rows, area: percent / 100.0 }
    }

    fn histogram(&self, floor: f64, height: f64) -> Vec<f64> {
        let bars = self.highs.iter().zip(self.lows.iter()).zip(self.volumes.iter());
        let mut rows = vec![0.0; usize::from(self.rows)];
        for ((high, low), volume) in bars {
            for (row, at) in rows.iter_mut().zip(0_u16..) {
                let bottom = floor + f64::from(at) * height;
                *row += volume * share(low, high, bottom, bottom + height, at + 1 == self.rows);
            }
        }
        rows
    }
}

/// The part of a bar that is in a row; a bar of one price is in the row that begins at or under it.
fn share(low: f64, high: f64, bottom: f64, top: f64, is_last: bool) -> f64 {
    if high > low {
        return (high.min(top) - low.max(bottom)).max(0.0) / (high - low);
    }
    f64::from(u8::from(low >= bottom && (low < top || is_last)))
}

/// From the fullest row out, to the fuller neighbour first, until the rows hold their part of the volume.
fn area(rows: &[f64], most: usize, part: f64) -> (usize, usize) {
    let goal = rows.iter().sum::<f64>() * part;
    let (mut first, mut last) = (most, most);
    let mut held = rows.get(most).copied().unwrap_or_default();
    while held < goal {
        let below = first.checked_sub(1).and_then(|at| rows.get(at)).copied();
        let above = rows.get(last + 1).copied();
        match (below, above) {
            (None, None) => break,
            (Some(below), above) if above.is_none_or(|above| below >= above) => {
                first -= 1;
                held += below;
            }
            (_, above) => {
                last += 1;
                held += above.unwrap_or_default();
            }
        }
    }
    (first, last)
}

impl Step for Profile {
    type In = Bar;
    type Out = [f64; 3];

    fn step(&mut self, bar: Bar) -> Option<[f64; 3]> {
        self.highs.push(bar.high);
        self.lows.push(bar.low);
        self.volumes.with(bar.volume)?;
        let (floor, ceiling) = (self.lows.lowest(), self.highs.highest());
        let height = (ceiling - floor) / f64::from(self.rows);
        if self.volumes.sum() <= 0.0 {
            return None;
        }
        if height <= 0.0 {
            return Some([floor; 3]);
        }
        let rows = self.histogram(floor, height);
        let most = (0..rows.len()).max_by(|one, two| rows[*one].total_cmp(&rows[*two]).then(two.cmp(one)))?;
        let (first, last) = area(&rows, most, self.area);
        let at = |row: usize| floor + row as f64 * height;
        Some([at(most) + height / 2.0, at(last + 1), at(first)])
    }
}
