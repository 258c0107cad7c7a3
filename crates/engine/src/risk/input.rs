//! Numbers from outside that checks need: statistics with the moment they came, and how old each kind may be.
//! What is too old is as good as missing, and refused by its own reason.

use crate::Engine;
use model::{
    AccountId, AssetId, Bound, Event, Input, InputKind, InstrumentId, Money, Rate, Reject, Scope, Statistic,
    Time,
};
use serde::{Deserialize, Serialize};

const STATISTICS_MAX: usize = 1 << 22;
const SECOND_NS: i64 = 1_000_000_000;
const HOUR_NS: i64 = 3600 * SECOND_NS;
pub(super) const DAY_S: i64 = 86_400;

/// A number, and when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
    pub(crate) input: Input,
    pub(crate) value: i128,
    /// What an amount is of; else asset 0.
    pub(crate) asset: AssetId,
    pub(crate) at: Time,
}

/// How old each kind of input may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ages {
    price: i64,
    fx_rate: i64,
    volatility: i64,
    correlation: i64,
    average_volume: i64,
    value_at_risk: i64,
    expected_shortfall: i64,
}

impl Ages {
    pub(crate) const DEFAULT: Self = Self {
        price: 60 * SECOND_NS,
        fx_rate: 24 * HOUR_NS,
        volatility: 48 * HOUR_NS,
        correlation: 48 * HOUR_NS,
        average_volume: 48 * HOUR_NS,
        value_at_risk: HOUR_NS,
        expected_shortfall: HOUR_NS,
    };

    pub(crate) fn of(&self, kind: InputKind) -> i64 {
        match kind {
            InputKind::Price => self.price,
            InputKind::FxRate => self.fx_rate,
            InputKind::Volatility => self.volatility,
            InputKind::Correlation => self.correlation,
            InputKind::AverageVolume => self.average_volume,
            InputKind::ValueAtRisk => self.value_at_risk,
            InputKind::ExpectedShortfall => self.expected_shortfall,
        }
    }

    fn of_mut(&mut self, kind: InputKind) -> &mut i64 {
        match kind {
            InputKind::Price => &mut self.price,
            InputKind::FxRate => &mut self.fx_rate,
            InputKind::Volatility => &mut self.volatility,
            InputKind::Correlation => &mut self.correlation,
            InputKind::AverageVolume => &mut self.average_volume,
            InputKind::ValueAtRisk => &mut self.value_at_risk,
            InputKind::ExpectedShortfall => &mut self.expected_shortfall,
        }
    }
}

fn kind_of(input: Input) -> InputKind {
    match input {
        Input::FxRate { .. } => InputKind::FxRate,
        Input::Volatility(_) => InputKind::Volatility,
        Input::Correlation { .. } => InputKind::Correlation,
        Input::AverageVolume(_) => InputKind::AverageVolume,
        Input::ValueAtRisk(_) => InputKind::ValueAtRisk,
        Input::ExpectedShortfall(_) => InputKind::ExpectedShortfall,
        Input::Price(_) | Input::Depth(_) | Input::Equity(_) | Input::Confidence => InputKind::Price,
    }
}

/// A pair of instruments has one correlation, whichever is named first.
pub(super) fn correlation(a: InstrumentId, b: InstrumentId) -> Input {
    Input::Correlation { a: a.min(b), b: a.max(b) }
}

/// The input that a statistic is, its number and the asset of that; none if it cannot be.
fn noted(statistic: &Statistic) -> Option<(Input, i128, AssetId)> {
    let (input, value, asset, sound) = match *statistic {
        Statistic::Volatility { instrument, value } => {
            (Input::Volatility(instrument), i128::from(value.0), AssetId(0), value >= Rate::ZERO)
        }
        Statistic::Correlation { a, b, value } => {
            let sound = a != b && value.0.unsigned_abs() <= Rate::ONE.0.unsigned_abs();
            (correlation(a, b), i128::from(value.0), AssetId(0), sound)
        }
        Statistic::AverageVolume { instrument, value } => {
            (Input::AverageVolume(instrument), i128::from(value.0), AssetId(0), value.0 > 0)
        }
        Statistic::ValueAtRisk { scope, asset, value } => {
            (Input::ValueAtRisk(scope), value.0, asset, !value.is_negative())
        }
        Statistic::ExpectedShortfall { scope, asset, value } => {
            (Input::ExpectedShortfall(scope), value.0, asset, !value.is_negative())
        }
        Statistic::FxRate { from, to, value } => {
            (Input::FxRate { from, to }, value.0, to, from != to && value > Money::ZERO)
        }
    };
    sound.then_some((input, value, asset))
}

impl Engine {
    pub(crate) fn take_statistic(&mut self, statistic: &Statistic) -> Result<Event, Reject> {
        let (input, value, asset) = noted(statistic).ok_or(Reject::BadStatistic)?;
        self.check_input(input)?;
        self.check_asset(asset)?;
        let fresh = Noted { input, value, asset, at: self.time };
        if let Some(at) = self.risk.noted.get(&input).copied() {
            if let Some(kept) = self.risk.kept.statistics.get_mut(at as usize) {
                *kept = fresh;
            }
        } else {
            if self.risk.kept.statistics.len() >= STATISTICS_MAX {
                return Err(Reject::BoundReached { what: Bound::Statistics });
            }
            self.risk.noted.insert(input, crate::index::place(self.risk.kept.statistics.len()));
            self.risk.kept.statistics.push(fresh);
            self.risk.rate(input);
            self.risk.outdate();
        }
        if let Input::FxRate { from, to } = input {
            self.feel_rate(from, to);
        }
        Ok(Event::StatisticTaken)
    }

    fn check_input(&self, input: Input) -> Result<(), Reject> {
        match input {
            Input::Volatility(id) | Input::AverageVolume(id) => self.check_scope(Scope::Instrument(id)),
            Input::Correlation { a, b } => {
                self.check_scope(Scope::Instrument(a)).and_then(|()| self.check_scope(Scope::Instrument(b)))
            }
            Input::ValueAtRisk(at) | Input::ExpectedShortfall(at) => self.check_scope(at),
            Input::FxRate { from, to } => self.check_asset(from).and_then(|()| self.check_asset(to)),
            Input::Price(_) | Input::Depth(_) | Input::Equity(_) | Input::Confidence => Ok(()),
        }
    }

    fn check_asset(&self, asset: AssetId) -> Result<(), Reject> {
        let known = (asset.0 as usize) < self.registry.kept.assets.len();
        if known { Ok(()) } else { Err(Reject::UnknownAsset { asset }) }
    }

    pub(crate) fn set_age(&mut self, kind: InputKind, ns: i64) -> Result<(), Reject> {
        if ns <= 0 {
            return Err(Reject::SettingOutOfRange);
        }
        *self.risk.kept.ages.of_mut(kind) = ns;
        Ok(())
    }

    pub(crate) fn set_day(&mut self, account: Option<AccountId>, seconds: i64) -> Result<(), Reject> {
        if seconds <= -DAY_S || seconds >= DAY_S {
            return Err(Reject::SettingOutOfRange);
        }
        match account {
            Some(account) => {
                self.registry.account(account)?;
                self.risk.kept.days.insert(account, seconds);
            }
            None => self.risk.kept.day_start = seconds,
        }
        self.renew_windows();
        Ok(())
    }

    /// A rate as it was told last, however long ago.
    pub(crate) fn rate_told(&self, from: AssetId, to: AssetId) -> Option<i128> {
        let at = self.risk.noted.get(&Input::FxRate { from, to })?;
        self.risk.kept.statistics.get(*at as usize).map(|noted| noted.value)
    }

    /// The number of a statistic, if it is there and not too old.
    pub(super) fn input(&self, input: Input) -> Result<&Noted, Reject> {
        let at = self.risk.noted.get(&input).ok_or(Reject::InputMissing { input })?;
        self.input_at(*at, input)
    }

    /// The same, of one whose place is known; `input` is what is missing where nothing is.
    #[inline]
    pub(super) fn input_at(&self, at: u32, input: Input) -> Result<&Noted, Reject> {
        let noted = self.risk.kept.statistics.get(at as usize).ok_or(Reject::InputMissing { input })?;
        let age_ns = self.time.0.saturating_sub(noted.at.0);
        let most_ns = self.risk.kept.ages.of(kind_of(noted.input));
        if age_ns > most_ns {
            return Err(Reject::InputTooOld { input: noted.input, age_ns, most_ns });
        }
        Ok(noted)
    }

    /// Whether what an order was refused for is there now.
    pub(crate) fn has_input(&self, input: Input) -> bool {
        match input {
            Input::Price(instrument) => self.reference(instrument).is_ok(),
            Input::FxRate { from, to } => self.factor(from, to).is_ok(),
            other => self.input(other).is_ok(),
        }
    }

    /// Until when a statistic is not too old.
    pub(super) fn fresh_until(&self, noted: &Noted) -> Time {
        noted.at.saturating_add_ns(self.risk.kept.ages.of(kind_of(noted.input)))
    }

    /// The day of an account, or of the house: how many have begun.
    pub(super) fn day_of(&self, account: Option<AccountId>) -> i64 {
        let own = account.filter(|_| !self.risk.kept.days.is_empty());
        let own = own.and_then(|account| self.risk.kept.days.get(&account));
        let start = own.copied().unwrap_or(self.risk.kept.day_start);
        self.time.0.div_euclid(SECOND_NS).saturating_sub(start).div_euclid(DAY_S)
    }
}
