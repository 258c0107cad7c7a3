//! A trading session: the hours of an instrument in its own zone, through changes of the clock.

use crate::DataError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::Time;
use std::collections::BTreeSet;
use std::ops::Range;

const MINUTES_OF_DAY: u16 = 24 * 60;
const WEEKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

#[derive(Clone, Debug)]
pub struct Session {
    zone: TimeZone,
    /// Minutes after midnight; a session that closes before it opens ends on the next day.
    open: u16,
    close: u16,
    /// Monday first.
    days: [bool; 7],
    holidays: BTreeSet<Date>,
}

impl Session {
    /// Whole days of a zone.
    pub fn days_of(zone: &str) -> Result<Self, DataError> {
        Self::new(zone, 0, MINUTES_OF_DAY, [true; 7])
    }

    /// From minute `open` of the day on and before minute `close`.
    pub fn new(zone: &str, open: u16, close: u16, days: [bool; 7]) -> Result<Self, DataError> {
        if open >= MINUTES_OF_DAY || close > MINUTES_OF_DAY || open == close {
            return Err(DataError::Mapping(format!("a session from minute {open} to {close} is none")));
        }
        Ok(Self { zone: crate::zone(zone)?, open, close, days, holidays: BTreeSet::new() })
    }

    /// Reads `America/New_York` as whole days, and `America/New_York 09:30-16:00` as these hours from Monday to
    /// Friday.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let Some((zone, hours)) = text.split_once(' ') else { return Self::days_of(text) };
        let minute = |clock: &str| -> Option<u16> {
            let (hour, minute) = clock.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let both = hours.split_once('-').and_then(|(open, close)| minute(open).zip(minute(close)));
        let (open, close) = both.ok_or_else(|| {
            DataError::Mapping(format!("`{hours}` are no hours of a session: write them like 09:30-16:00"))
        })?;
        Self::new(zone, open, close, WEEKDAYS)
    }

    /// Leaves days out, as `2026-12-25`.
    pub fn without(mut self, days: &[&str]) -> Result<Self, DataError> {
        for day in days {
            let date =
                day.parse().ok().ok_or_else(|| DataError::Mapping(format!("`{day}` is not a date")))?;
            self.holidays.insert(date);
        }
        Ok(self)
    }

    /// The session that `time` is in; none between sessions.
    #[must_use]
    pub fn around(&self, time: Time) -> Option<Range<Time>> {
        let date = Timestamp::from_nanosecond(time.0.into()).ok()?.to_zoned(self.zone.clone()).date();
        let overnight = self.close < self.open;
        let dates = [Some(date), overnight.then(|| date.yesterday().ok()).flatten()];
        dates.into_iter().flatten().find_map(|date| self.on(date).filter(|range| range.contains(&time)))
    }

    fn on(&self, date: Date) -> Option<Range<Time>> {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
        if !*self.days.get(weekday)? || self.holidays.contains(&date) {
            return None;
        }
        let last = if self.close < self.open { date.tomorrow().ok()? } else { date };
        Some(self.moment(date, self.open)?..self.moment(last, self.close)?)
    }

    /// Minute 1440 is the next midnight, which a day of 23 or 25 hours reaches too.
    fn moment(&self, date: Date, minute: u16) -> Option<Time> {
        let date = if minute == MINUTES_OF_DAY { date.checked_add(1.day()).ok()? } else { date };
        let minute = minute % MINUTES_OF_DAY;
        let clock = date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        let moment = self.zone.to_ambiguous_timestamp(clock).compatible().ok()?;
        i64::try_from(moment.as_nanosecond()).ok().map(Time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_follow_the_clock_of_the_place() {
        let stock = Session::parse("America/New_York 09:30-16:00").expect("a session");
        for text in ["Mars", "UTC 9-16", "UTC 09:30", "UTC 25:00-26:00", "UTC 09:30-09:30"] {
            assert!(Session::parse(text).is_err(), "{text}");
        }
        let stock = stock.without(&["2026-11-26"]).expect("holidays");
        let futures = Session::new("America/Chicago", 1020, 960, WEEKDAYS).expect("a session");
        let check = |session: &Session, time: &str, expected: Option<(&str, &str)>| {
            let found = session.around(Time::parse(time).expect("a time"));
            let found = found.map(|range| (range.start.to_string(), range.end.to_string()));
            assert_eq!(found, expected.map(|(start, end)| (start.to_owned(), end.to_owned())), "{time}");
        };
        let winter = Some(("2026-11-24T14:30:00Z", "2026-11-24T21:00:00Z"));
        check(&stock, "2026-11-24T14:30:00Z", winter);
        check(&stock, "2026-11-24T20:59:59Z", winter);
        check(&stock, "2026-11-24T21:00:00Z", None);
        check(&stock, "2026-07-01T13:30:00Z", Some(("2026-07-01T13:30:00Z", "2026-07-01T20:00:00Z")));
        check(&stock, "2026-11-26T15:00:00Z", None);
        check(&stock, "2026-11-21T15:00:00Z", None);
        check(&futures, "2026-11-25T05:00:00Z", Some(("2026-11-24T23:00:00Z", "2026-11-25T22:00:00Z")));
        check(&futures, "2026-11-25T22:30:00Z", None);
        let day = Session::days_of("America/New_York").expect("a session");
        check(&day, "2026-03-08T12:00:00Z", Some(("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")));
    }
}
