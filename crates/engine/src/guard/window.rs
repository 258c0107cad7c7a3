//! Days and weeks: where the one that a moment is in ends. A day begins so long after midnight UTC as is set,
//! a week with its Monday.

use model::{NANOS_PER_SECOND, Time};

pub(super) const DAY_NS: i64 = 24_i64.saturating_mul(3600).saturating_mul(NANOS_PER_SECOND);
const WEEK_NS: i64 = DAY_NS.saturating_mul(7);
/// The first of January 1970 was a Thursday; the Monday after it began the first whole week.
const MONDAY_NS: i64 = DAY_NS.saturating_mul(4);

pub(super) fn day_end(now: Time, start_ns: i64) -> Time {
    end(now, start_ns, DAY_NS)
}

pub(super) fn week_end(now: Time, start_ns: i64) -> Time {
    end(now, start_ns.saturating_add(MONDAY_NS), WEEK_NS)
}

fn end(now: Time, start_ns: i64, length: i64) -> Time {
    let into = now.0.saturating_sub(start_ns).rem_euclid(length);
    Time(now.0.saturating_add(length.saturating_sub(into)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_end_where_they_are_set_to() {
        let check = |now: &str, start_ns: i64, day: &str, week: &str| {
            let at = |text| Time::parse(text).unwrap();
            assert_eq!(day_end(at(now), start_ns), at(day), "day of {now}");
            assert_eq!(week_end(at(now), start_ns), at(week), "week of {now}");
        };
        // The first of January 2026 is a Thursday.
        check("2026-01-01T10:00:00Z", 0, "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z");
        check("2026-01-04T23:59:59Z", 0, "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z");
        check("2026-01-05T00:00:00Z", 0, "2026-01-06T00:00:00Z", "2026-01-12T00:00:00Z");
        let five_in_the_evening = 17 * 3600 * NANOS_PER_SECOND;
        check("2026-01-05T16:00:00Z", five_in_the_evening, "2026-01-05T17:00:00Z", "2026-01-05T17:00:00Z");
        check("2026-01-05T18:00:00Z", five_in_the_evening, "2026-01-06T17:00:00Z", "2026-01-12T17:00:00Z");
        check("2026-01-05T18:00:00Z", -DAY_NS / 2, "2026-01-06T12:00:00Z", "2026-01-11T12:00:00Z");
    }
}
