//! Times of the outside: counts since 1970 or since midnight, dates and clocks of a zone.

use super::decimal::Decimal;
use crate::DataError;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use model::{NANOS_PER_SECOND, Time};
use serde::Deserialize;

/// How a source writes time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size (from 1973 on).
    #[default]
    Auto,
    S,
    Ms,
    Us,
    Ns,
    /// `2026-11-21`, `2026-11-21 14:30:00`, `2026-11-21T14:30:00.5`, with or without `Z` or an offset.
    Iso,
    /// `20261121`, `20261121 14:30`.
    Compact,
    /// Since midnight of the date the mapping gives.
    MsOfDay,
    SOfDay,
}

#[derive(Clone, Debug)]
pub(crate) struct Clock {
    unit: TimeUnit,
    zone: Option<TimeZone>,
    midnight_ns: Option<i64>,
    shift_ns: i64,
}

impl Clock {
    pub(crate) fn new(
        unit: TimeUnit,
        zone: Option<&str>,
        date: Option<&str>,
        shift_ns: i64,
    ) -> Result<Self, DataError> {
        let zone = zone.filter(|name| *name != "UTC").map(crate::zone).transpose()?;
        let mut clock = Self { unit, zone, midnight_ns: None, shift_ns };
        if let Some(date) = date {
            let midnight =
                clock.local(date).ok_or_else(|| DataError::Mapping(format!("`{date}` is not a date")))?;
            clock.midnight_ns = Some(midnight);
        } else if matches!(unit, TimeUnit::MsOfDay | TimeUnit::SOfDay) {
            return Err(DataError::Mapping("times of the day need a `date`".to_owned()));
        }
        Ok(clock)
    }

    pub(crate) fn unit(&self) -> String {
        format!("{:?}", self.unit).to_lowercase()
    }

    pub(crate) fn parse(&self, text: &str) -> Option<Time> {
        let text = text.trim();
        let count = |unit_ns: i64| -> Option<i64> {
            let scale = unit_ns.ilog10();
            // Some venues write picoseconds; a moment here is the nanosecond they fall in.
            let end = text.find('.').map_or(text.len(), |point| text.len().min(point + 1 + scale as usize));
            i64::try_from(Decimal::parse(text.get(..end)?).ok()?.scaled(scale).ok()?).ok()
        };
        let written = text.contains(['T', ':']) || text.bytes().filter(|byte| *byte == b'-').count() == 2;
        let ns = match self.unit {
            _ if written => self.local(text)?,
            TimeUnit::Iso | TimeUnit::Compact => self.local(text)?,
            TimeUnit::S => count(NANOS_PER_SECOND)?,
            TimeUnit::Ms => count(1_000_000)?,
            TimeUnit::Us => count(1_000)?,
            TimeUnit::Ns => count(1)?,
            TimeUnit::Auto => count(auto_unit(text)?)?,
            TimeUnit::MsOfDay => count(1_000_000)?.checked_add(self.midnight_ns?)?,
            TimeUnit::SOfDay => count(NANOS_PER_SECOND)?.checked_add(self.midnight_ns?)?,
        };
        ns.checked_add(self.shift_ns).map(Time)
    }

    /// A date and clock of the zone; where the clock is set back the first, where it leaps the later.
    fn local(&self, text: &str) -> Option<i64> {
        let zoned = text.ends_with('Z') || text.get(10..).is_some_and(|clock| clock.contains(['+', '-']));
        if zoned {
            let moment: jiff::Timestamp = text.parse().ok()?;
            return i64::try_from(moment.as_nanosecond()).ok();
        }
        let moment = match text.len() {
            8 => Date::strptime("%Y%m%d", text).ok()?.at(0, 0, 0, 0),
            10 => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
            14 => DateTime::strptime("%Y%m%d %H:%M", text).ok()?,
            _ => text.parse::<DateTime>().ok()?,
        };
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        i64::try_from(zone.to_ambiguous_timestamp(moment).compatible().ok()?.as_nanosecond()).ok()
    }
}

fn auto_unit(text: &str) -> Option<i64> {
    let digits = text.split('.').next()?.trim_start_matches('-').len();
    Some(match digits {
        9..=10 => NANOS_PER_SECOND,
        11..=13 => 1_000_000,
        14..=16 => 1_000,
        17..=19 => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_moment() {
        let check = |unit: TimeUnit, zone: Option<&str>, text: &str, expected: &str| {
            let clock = Clock::new(unit, zone, Some("2012-06-21"), 0).expect("a clock");
            assert_eq!(
                clock.parse(text).map(|time| time.to_string()).unwrap_or_default(),
                expected,
                "{text}"
            );
        };
        let new_york = Some("America/New_York");
        check(TimeUnit::Auto, None, "1723161256", "2024-08-08T23:54:16Z");
        check(TimeUnit::Auto, None, "1723161256172", "2024-08-08T23:54:16.172Z");
        check(TimeUnit::Auto, None, "1723161256172210", "2024-08-08T23:54:16.17221Z");
        check(TimeUnit::Auto, None, "1723161256172210766", "2024-08-08T23:54:16.172210766Z");
        check(TimeUnit::S, None, "1723161256.5", "2024-08-08T23:54:16.5Z");
        check(TimeUnit::SOfDay, new_york, "34200.004241176", "2012-06-21T13:30:00.004241176Z");
        check(TimeUnit::MsOfDay, new_york, "34200000", "2012-06-21T13:30:00Z");
        check(TimeUnit::Iso, new_york, "2013-10-07T09:30:00", "2013-10-07T13:30:00Z");
        check(TimeUnit::Iso, new_york, "2013-12-09 09:30:00.25", "2013-12-09T14:30:00.25Z");
        check(TimeUnit::Iso, new_york, "2013-10-07T09:30:00Z", "2013-10-07T09:30:00Z");
        check(TimeUnit::Iso, new_york, "2013-10-07T09:30:00+02:00", "2013-10-07T07:30:00Z");
        check(TimeUnit::Iso, None, "1998-01-02", "1998-01-02T00:00:00Z");
        check(TimeUnit::Compact, new_york, "20131007 00:00", "2013-10-07T04:00:00Z");
        check(TimeUnit::Compact, None, "20131007", "2013-10-07T00:00:00Z");
        check(TimeUnit::Ms, None, "2013-10-07T09:30:00Z", "2013-10-07T09:30:00Z");
        for text in ["", "yesterday", "2013-13-07", "20131307", "1e40", "-"] {
            check(TimeUnit::Auto, None, text, "");
            check(TimeUnit::Iso, None, text, "");
        }
        assert!(Clock::new(TimeUnit::MsOfDay, None, None, 0).is_err());
        assert!(Clock::new(TimeUnit::Iso, Some("Mars/Olympus"), None, 0).is_err());
    }
}
