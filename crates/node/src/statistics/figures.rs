//! From what prices did to the figures that limits ask for, each as the command that hands it in. A figure that
//! cannot be computed is left out. What is rounded is rounded to the strict side: more volatility, more loss,
//! less volume.

use super::needs::{Line, Needs, Tail};
use super::{History, Method, Statistics};
use analytics::number::amount::{from_float, to_float};
use analytics::number::sample::Sample;
use analytics::risk::{
    TailRisk, conditional_normal, cornish_fisher, ewma_variance, fit_student, historical, normal, student,
};
use model::{AssetId, InstrumentId, Money, Qty, Rate, Scope, Statistic, Time, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const DECAY: f64 = 0.94;

/// What may be lost over the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feared {
    pub value_at_risk: Money,
    pub expected_shortfall: Money,
}

/// The figures of one moment.
pub(super) struct Figures<'a> {
    settings: &'a Statistics,
    history: &'a History,
    needs: &'a Needs,
    /// The intervals that count.
    reach: Range<i64>,
}

impl<'a> Figures<'a> {
    pub fn new(settings: &'a Statistics, history: &'a History, needs: &'a Needs, now: Time) -> Self {
        let reach = history.reach(history.interval(now));
        Self { settings, history, needs, reach }
    }

    /// What changes when an interval ends.
    pub fn of_the_interval(&self) -> Vec<Statistic> {
        let mut all = Vec::new();
        for instrument in self.history.instruments() {
            if self.needs.volatility {
                all.extend(self.volatility(instrument));
            }
            if self.needs.volume {
                all.extend(self.volume(instrument));
            }
        }
        if self.needs.correlation {
            all.extend(self.correlations());
        }
        all
    }

    /// What changes with every trade.
    pub fn of_the_moment(&self) -> Vec<Statistic> {
        let tails = self.needs.tails.iter();
        tails.filter_map(|tail| self.tail(tail)).collect()
    }

    fn volatility(&self, instrument: InstrumentId) -> Option<Statistic> {
        let returns: Vec<f64> = self.returns(instrument)?.into_iter().flatten().collect();
        let sample = Sample::new("a return series", &returns, self.settings.returns_min.max(2)).ok()?;
        let value = rate_above(sample.moving_deviation().ok()? * self.settings.periods().sqrt())?;
        Some(Statistic::Volatility { instrument, value })
    }

    fn volume(&self, instrument: InstrumentId) -> Option<Statistic> {
        let intervals = self.reach.end.saturating_sub(self.reach.start);
        if intervals < i64::try_from(self.settings.returns_min).ok()? {
            return None;
        }
        let traded = self.history.of(instrument)?.traded(self.reach.start, self.reach.end);
        let heard_ns = i128::from(intervals).checked_mul(self.settings.interval_ns.into())?;
        let mean = i128::from(traded).checked_mul(self.settings.horizon_ns.into())?.checked_div(heard_ns)?;
        let value = Qty(i64::try_from(mean).ok()?);
        (value > Qty::ZERO).then_some(Statistic::AverageVolume { instrument, value })
    }

    /// Of what is held with everything else.
    fn correlations(&self) -> Vec<Statistic> {
        let held: BTreeSet<InstrumentId> = self.needs.lines.iter().map(|line| line.instrument).collect();
        let all: Vec<_> = self.history.instruments().filter_map(|id| Some((id, self.returns(id)?))).collect();
        let mut found = Vec::new();
        for (a, of_a) in all.iter().filter(|(a, _)| held.contains(a)) {
            for (b, of_b) in all.iter().filter(|(b, _)| b != a && (b > a || !held.contains(b))) {
                if found.len() >= self.settings.pairs_max {
                    return found;
                }
                found.extend(self.correlation((*a, of_a), (*b, of_b)));
            }
        }
        found
    }

    fn correlation(
        &self,
        (a, of_a): (InstrumentId, &[Option<f64>]),
        (b, of_b): (InstrumentId, &[Option<f64>]),
    ) -> Option<Statistic> {
        let both = of_a.iter().zip(of_b).filter_map(|(a, b)| Some(((*a)?, (*b)?)));
        let (left, right): (Vec<f64>, Vec<f64>) = both.unzip();
        if left.len() < self.settings.returns_min.max(2) {
            return None;
        }
        let matrix = analytics::risk::correlations(&[left, right]).ok()?;
        let value = rate_away(matrix.get(0, 1)?)?;
        Some(Statistic::Correlation { a, b, value })
    }

    fn tail(&self, tail: &Tail) -> Option<Statistic> {
        let lines = self.needs.lines.iter().filter(|line| is_within(line, tail.scope));
        let feared = self.feared(lines, tail.asset)?;
        let (scope, asset) = (tail.scope, tail.asset);
        Some(if tail.shortfall {
            Statistic::ExpectedShortfall { scope, asset, value: feared.expected_shortfall }
        } else {
            Statistic::ValueAtRisk { scope, asset, value: feared.value_at_risk }
        })
    }

    /// Of these positions. What one user wins pays for what another loses nowhere, so users are added up, and
    /// only what a user holds is netted.
    pub fn feared<'l>(&self, lines: impl Iterator<Item = &'l Line>, asset: AssetId) -> Option<Feared> {
        let mut users: BTreeMap<UserId, BTreeMap<InstrumentId, i64>> = BTreeMap::new();
        for line in lines {
            let qty = users.entry(line.user).or_default().entry(line.instrument).or_default();
            *qty = qty.checked_add(line.qty.0)?;
        }
        let mut returns = BTreeMap::new();
        users.values().try_fold(Feared::default(), |sum, held| {
            let one = self.feared_of(held, asset, &mut returns)?;
            Some(Feared {
                value_at_risk: sum.value_at_risk.checked_add(one.value_at_risk)?,
                expected_shortfall: sum.expected_shortfall.checked_add(one.expected_shortfall)?,
            })
        })
    }

    fn feared_of(
        &self,
        held: &BTreeMap<InstrumentId, i64>,
        asset: AssetId,
        returns: &mut BTreeMap<InstrumentId, Vec<Option<f64>>>,
    ) -> Option<Feared> {
        let mut sums = vec![Some(0.0); usize::try_from(self.reach.end - self.reach.start).ok()?];
        let held = held.iter().filter(|(_, qty)| **qty != 0);
        let mut any = false;
        for (instrument, qty) in held {
            any = true;
            let worth = to_float(self.needs.worth(*instrument, Qty(*qty), asset)?);
            if let std::collections::btree_map::Entry::Vacant(place) = returns.entry(*instrument) {
                place.insert(self.returns(*instrument)?);
            }
            for (sum, one) in sums.iter_mut().zip(returns.get(instrument)?) {
                *sum = sum.zip(*one).map(|(sum, one)| sum + worth * one);
            }
        }
        if !any {
            return Some(Feared::default());
        }
        let moves: Vec<f64> = sums.into_iter().flatten().collect();
        if moves.len() < self.settings.returns_min.max(2) {
            return None;
        }
        let risk = method(self.settings.method, &moves, self.settings.confidence)?;
        let risk = risk.over_periods(self.settings.periods()).ok()?;
        let value_at_risk = money_above(risk.value_at_risk)?;
        Some(Feared { value_at_risk, expected_shortfall: money_above(risk.expected_shortfall)? })
    }

    /// What the price did in each interval that counts; none of one that has fallen silent.
    fn returns(&self, instrument: InstrumentId) -> Option<Vec<Option<f64>>> {
        let series = self.history.of(instrument)?;
        let silent = self.reach.end.saturating_sub(series.last_priced()?);
        (silent <= self.settings.silence_max).then(|| series.returns(self.reach.start, self.reach.end))
    }
}

/// What may be lost with these positions, counted in an asset; none where that cannot be said.
#[must_use]
pub fn feared<'l>(
    settings: &Statistics,
    history: &History,
    needs: &Needs,
    lines: impl Iterator<Item = &'l Line>,
    asset: AssetId,
) -> Option<Feared> {
    Figures::new(settings, history, needs, needs.time).feared(lines, asset)
}

fn is_within(line: &Line, scope: Scope) -> bool {
    match scope {
        Scope::House => true,
        Scope::User(user) => line.user == user,
        Scope::Account(account) => line.account == account,
        Scope::Book(book) => line.book == book,
        Scope::Instrument(instrument) => line.instrument == instrument,
        Scope::AccountInstrument(account, instrument) => {
            line.account == account && line.instrument == instrument
        }
        Scope::Venue(venue) => line.venue == venue,
    }
}

fn method(method: Method, moves: &[f64], confidence: f64) -> Option<TailRisk> {
    let risk = match method {
        Method::Historical => historical(moves, confidence),
        Method::Normal => normal(moves, confidence),
        Method::CornishFisher => cornish_fisher(moves, confidence).map(|found| found.risk),
        Method::Student => fit_student(moves).and_then(|fit| student(&fit, confidence)),
        Method::Ewma => {
            ewma_variance(moves, DECAY).and_then(|variance| conditional_normal(variance, confidence))
        }
    };
    risk.ok()
}

/// A loss rounded up; where nothing would be lost it is zero.
fn money_above(loss: f64) -> Option<Money> {
    // A float of this size has no digit below that.
    let nudged = loss.max(0.0) * (1.0 + f64::EPSILON);
    from_float("a loss", nudged).ok()?.checked_add(Money(1))
}

fn rate_above(share: f64) -> Option<Rate> {
    parts((share * 1e9).ceil())
}

/// Away from zero, and no more than one.
fn rate_away(share: f64) -> Option<Rate> {
    let size = parts((share.abs() * 1e9).ceil().min(1e9))?;
    Some(if share < 0.0 { Rate(-size.0) } else { size })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and what is out of bounds is not given"
)]
fn parts(value: f64) -> Option<Rate> {
    (value.is_finite() && value.abs() <= 9e18).then_some(Rate(value as i64))
}
