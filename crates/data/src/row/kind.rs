//! The kinds of data, their names on disk, and how long a partition of each is.

use crate::DataError;
use model::{Money, NANOS_PER_SECOND, Name, Time};
use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Trades,
    Quotes,
    /// Levels of the book: changes and snapshots.
    Depth,
    /// Single orders of a venue's book.
    Orders,
    Bars(BarSpec),
    Funding,
    Actions,
    News,
    Facts,
    /// Any other series, by its name.
    Series(Name),
}

/// What ends a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarSpec {
    /// So many nanoseconds.
    Time(i64),
    /// So many trades.
    Ticks(i64),
    /// So many lots traded.
    Volume(i64),
    /// So much traded, in the quote asset ("dollar bars").
    Value(Money),
    /// A brick of so many ticks.
    Renko(i64),
    /// High and low so many ticks apart.
    Range(i64),
}

/// How much of time one partition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Year,
}

/// Bars of this length and longer come so seldom that a partition holds a year of them.
const HOUR_NS: i64 = 3600 * NANOS_PER_SECOND;
const DAY_NS: i64 = 24 * HOUR_NS;

const UNITS: [(&str, i64); 7] = [
    ("d", DAY_NS),
    ("h", HOUR_NS),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Kind {
    #[must_use]
    pub fn period(&self) -> Period {
        match self {
            Self::Trades | Self::Quotes | Self::Depth | Self::Orders => Period::Day,
            Self::Bars(BarSpec::Time(ns)) if *ns >= HOUR_NS => Period::Year,
            Self::Bars(_) => Period::Day,
            Self::Funding | Self::Actions | Self::News | Self::Facts | Self::Series(_) => Period::Year,
        }
    }
}

impl Period {
    /// The name of the partition that holds `time`: its day or year in UTC.
    #[must_use]
    pub fn partition_of(self, time: Time) -> String {
        let text = time.to_string();
        let length = match self {
            Self::Day => "2026-11-21".len(),
            Self::Year => "2026".len(),
        };
        text.get(..length).unwrap_or(&text).to_owned()
    }

    /// The first moment of a day by its number.
    pub(crate) fn day_start(day: i64) -> Time {
        Time(day.saturating_mul(DAY_NS))
    }

    /// The whole UTC days a row's partition may be decided by once: a day's number.
    pub(crate) fn day_of(time: Time) -> i64 {
        time.0.div_euclid(DAY_NS)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trades => f.write_str("trades"),
            Self::Quotes => f.write_str("quotes"),
            Self::Depth => f.write_str("depth"),
            Self::Orders => f.write_str("orders"),
            Self::Bars(spec) => write!(f, "bars-{spec}"),
            Self::Funding => f.write_str("funding"),
            Self::Actions => f.write_str("actions"),
            Self::News => f.write_str("news"),
            Self::Facts => f.write_str("facts"),
            Self::Series(name) => write!(f, "series-{name}"),
        }
    }
}

impl FromStr for Kind {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let unknown = || DataError::UnknownKind(text.to_owned());
        let plain = [
            Self::Trades,
            Self::Quotes,
            Self::Depth,
            Self::Orders,
            Self::Funding,
            Self::Actions,
            Self::News,
            Self::Facts,
        ];
        if let Some(kind) = plain.into_iter().find(|kind| kind.to_string() == text) {
            return Ok(kind);
        }
        if let Some(spec) = text.strip_prefix("bars-") {
            return spec.parse().map(Self::Bars);
        }
        let name = text.strip_prefix("series-").ok_or_else(unknown)?;
        Name::new(name).map(Self::Series).ok().ok_or_else(unknown)
    }
}

impl fmt::Display for BarSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(ns) => {
                let (unit, size) = UNITS.into_iter().find(|(_, size)| ns % size == 0).unwrap_or(("ns", 1));
                write!(f, "{}{unit}", ns / size)
            }
            Self::Ticks(count) => write!(f, "{count}t"),
            Self::Volume(lots) => write!(f, "volume{lots}"),
            Self::Value(money) => write!(f, "value{money}"),
            Self::Renko(ticks) => write!(f, "renko{ticks}"),
            Self::Range(ticks) => write!(f, "range{ticks}"),
        }
    }
}

impl FromStr for BarSpec {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        parse_spec(text).ok_or_else(|| DataError::UnknownKind(format!("bars-{text}")))
    }
}

fn parse_spec(text: &str) -> Option<BarSpec> {
    let count = |digits: &str| digits.parse::<i64>().ok().filter(|count| *count > 0);
    if let Some(money) = text.strip_prefix("value") {
        return Money::parse(money).ok().filter(|money| money.0 > 0).map(BarSpec::Value);
    }
    if let Some(digits) = text.strip_prefix("volume") {
        return count(digits).map(BarSpec::Volume);
    }
    if let Some(digits) = text.strip_prefix("renko") {
        return count(digits).map(BarSpec::Renko);
    }
    if let Some(digits) = text.strip_prefix("range") {
        return count(digits).map(BarSpec::Range);
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text.get(digits.len()..)?;
    if unit == "t" {
        return count(digits).map(BarSpec::Ticks);
    }
    let (_, size) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    count(digits)?.checked_mul(size).map(BarSpec::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in [
            "trades",
            "quotes",
            "depth",
            "orders",
            "funding",
            "actions",
            "news",
            "facts",
            "bars-1m",
            "bars-7m",
            "bars-1h",
            "bars-1d",
            "bars-250ms",
            "bars-100t",
            "bars-volume5000",
            "bars-value1000000.5",
            "bars-renko10",
            "bars-range4",
            "series-open-interest",
        ] {
            let kind: Kind = name.parse().expect(name);
            assert_eq!(kind.to_string(), name);
        }
        for name in ["", "trade", "bars", "bars-", "bars-0m", "bars-1x", "bars--1m", "series-", "bars-value0"]
        {
            assert!(name.parse::<Kind>().is_err(), "{name}");
        }
        assert_eq!("bars-60s".parse::<Kind>().expect("a kind").to_string(), "bars-1m");
    }

    #[test]
    fn partitions_are_days_or_years() {
        let time = Time::parse("2024-08-08T23:59:59.9Z").expect("a time");
        assert_eq!(Kind::Trades.period().partition_of(time), "2024-08-08");
        assert_eq!(Kind::Bars(BarSpec::Time(DAY_NS)).period().partition_of(time), "2024");
    }
}
