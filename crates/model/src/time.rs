//! A moment: nanoseconds since 1970-01-01T00:00:00Z. Stamped at the door, never read inside.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a moment: write it like 2026-11-21T14:30:00Z")]
pub struct TimeError;

pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Time {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);

    #[inline]
    #[must_use]
    pub fn saturating_add_ns(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// Reads RFC 3339 in UTC, with up to nine digits of a second.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        parse(text).ok_or(TimeError)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND);
        let nanos = self.0.rem_euclid(NANOS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) =
            (of_day.div_euclid(3600), of_day.rem_euclid(3600).div_euclid(60), of_day.rem_euclid(60));
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if nanos != 0 {
            write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

fn parse(text: &str) -> Option<Time> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !in_range || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let days = days_from_civil(year, month, day)?;
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    let zeros = 9u32.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let nanos = number(fraction)?.checked_mul(10i64.checked_pow(zeros)?)?;
    let of_day = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    let seconds = days.checked_mul(SECONDS_PER_DAY)?.checked_add(of_day)?;
    seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos).map(Time)
}

fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days since 1970-01-01 of a proleptic Gregorian date; years are counted from March, so that the leap day
/// is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let from_march = month.checked_add(9)?.rem_euclid(12);
    let of_year =
        from_march.checked_mul(153)?.checked_add(2)?.div_euclid(5).checked_add(day)?.checked_sub(1)?;
    let leaps = year.div_euclid(4).checked_sub(year.div_euclid(100))?.checked_add(year.div_euclid(400))?;
    year.checked_mul(365)?.checked_add(leaps)?.checked_add(of_year)?.checked_sub(719_468)
}

/// The reverse, for any day an `i64` of nanoseconds can name (so nothing here can overflow).
#[expect(clippy::arithmetic_side_effects, reason = "days of an i64 of nanoseconds are below 2^17")]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days.clamp(-200_000, 200_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T14:30:00Z", 1_795_271_400_000_000_000),
            ("2000-02-29T23:59:59.5Z", 951_868_799_500_000_000),
            ("1969-12-31T23:59:59.999999999Z", -1),
        ] {
            assert_eq!(Time::parse(text), Ok(Time(nanos)), "{text}");
            assert_eq!(Time(nanos).to_string(), text);
        }
        assert!(Time::MIN.to_string().starts_with("1677-09-21"));
        assert!(Time::MAX.to_string().starts_with("2262-04-11"));
    }

    #[test]
    fn refuses_what_no_calendar_has() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21 14:30:00Z",
            "",
            "Z",
            "2026-11-21T24:00:00Z",
            "9999-01-01T00:00:00Z",
            "2026-11-21T14:30:00.1234567890Z",
            "2026-11-21T14:30:00",
            "2026-1-1T-1:00:00Z",
        ] {
            assert_eq!(Time::parse(text), Err(TimeError), "{text}");
        }
    }
}
