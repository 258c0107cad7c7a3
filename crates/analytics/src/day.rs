//! A calendar day as a count since 1970-01-01, and its year, month and day of the month.

use model::{NANOS_PER_SECOND, Time};
use serde::Serialize;
use std::fmt;

const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;
/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i32 = 146_097;
/// From 0000-03-01 to 1970-01-01; years are counted from March, so that a leap day ends one.
const DAYS_TO_1970: i32 = 719_468;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Day(pub i32);

impl Day {
    /// The UTC day of a moment.
    #[must_use]
    pub fn of(time: Time) -> Self {
        Self(
            i32::try_from(time.0.div_euclid(NANOS_PER_DAY))
                .expect("invariant: an i64 of ns spans 107,000 days"),
        )
    }

    /// `None` for a date that no calendar has, such as 2023-02-29. Years from 1 to 9999.
    #[must_use]
    pub fn from_date(year: i32, month: i32, day: i32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let (era, of_era) = (march_year.div_euclid(400), march_year.rem_euclid(400));
        let of_year = (153 * march_month + 2) / 5 + day - 1;
        let found =
            Self(era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970);
        (found.date() == (year, month, day)).then_some(found)
    }

    /// Reads `2026-11-21`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| part.parse::<i32>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() { None } else { Self::from_date(year, month, day) }
    }

    /// Year, month and day of the month.
    #[must_use]
    pub fn date(self) -> (i32, i32, i32) {
        let days = self.0 + DAYS_TO_1970;
        let (era, of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_century_goes_there_and_back_in_order() {
        assert_eq!(Day::parse("1970-01-01"), Some(Day(0)));
        assert_eq!(Day::parse("2000-03-01"), Some(Day(11_017)));
        for day in -20_000..60_000 {
            let (year, month, of_month) = Day(day).date();
            assert_eq!(Day::from_date(year, month, of_month), Some(Day(day)));
            assert!(Day(day).date() < Day(day + 1).date());
        }
        assert_eq!(Day::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        for text in ["2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1", "2024-01-01-01", "x"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn moments_before_1970_have_their_own_day() {
        assert_eq!(Day::of(Time(-1)), Day(-1));
        assert_eq!(Day::of(Time::parse("2026-11-21T23:59:59Z").unwrap()).to_string(), "2026-11-21");
    }
}
