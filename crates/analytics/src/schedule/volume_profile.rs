//! How volume is spread over a period that comes again: a day, a session. Made from periods that are over, so that
//! a schedule by it knows nothing of the future. Each period counts the same, however much it traded; with few of
//! them, flat ones are mixed in, since what a single day did is mostly noise.

use super::{ScheduleError, even};
use model::{Slice, Time};

#[derive(Clone, Debug, PartialEq)]
pub struct VolumeProfile {
    /// When some period began; any will do.
    origin: Time,
    period_ns: i64,
    /// The share of a period's volume that has traded by the end of each bucket; the last is 1.
    traded: Vec<f64>,
}

impl VolumeProfile {
    /// From the volumes of past periods, bucket by bucket. Of `flat` periods without any shape is added.
    pub fn from_history(
        origin: Time,
        period_ns: i64,
        history: &[Vec<u64>],
        flat: f64,
    ) -> Result<Self, ScheduleError> {
        if !flat.is_finite() || flat < 0.0 {
            return Err(ScheduleError::FlatPeriods);
        }
        let buckets = history.first().map_or(0, Vec::len);
        if buckets == 0 || history.iter().any(|period| period.len() != buckets) {
            return Err(ScheduleError::Buckets);
        }
        if i64::try_from(buckets).map_or(true, |buckets| period_ns < buckets) {
            return Err(ScheduleError::Period);
        }
        let mut shares = vec![flat / buckets as f64; buckets];
        for period in history {
            let volume: f64 = period.iter().map(|volume| *volume as f64).sum();
            if volume > 0.0 {
                shares.iter_mut().zip(period).for_each(|(share, traded)| *share += *traded as f64 / volume);
            }
        }
        let whole: f64 = shares.iter().sum();
        if whole <= 0.0 {
            return Err(ScheduleError::NoVolume);
        }
        let mut sum = 0.0;
        let traded = shares.iter().map(|share| {
            sum += share / whole;
            sum
        });
        Ok(Self { origin, period_ns, traded: traded.collect() })
    }

    /// The schedule from `start` to `end` in `count` slices of one length: by each moment the share of the volume
    /// that is expected by then. It may begin and end inside of a bucket, and span periods. Where no volume is
    /// expected at all it is a straight line.
    pub fn slices(&self, start: Time, end: Time, count: u32) -> Result<Vec<Slice>, ScheduleError> {
        let (before, span) = (self.traded_by(start), end.0.saturating_sub(start.0) as f64);
        let expected = self.traded_by(end) - before;
        even(start, end, count, |gone| {
            if expected <= 0.0 {
                return gone;
            }
            (self.traded_at(start, span * gone) - before) / expected
        })
    }

    /// The volume, in periods, from the origin to this moment.
    fn traded_by(&self, time: Time) -> f64 {
        self.traded_at(time, 0.0)
    }

    /// The same for some nanoseconds after it. Periods are counted whole before anything is a float, which could
    /// not tell one nanosecond of this century from the next.
    fn traded_at(&self, time: Time, after_ns: f64) -> f64 {
        let since = i128::from(time.0) - i128::from(self.origin.0);
        let period = i128::from(self.period_ns);
        let begun = since.div_euclid(period) as f64;
        let phase = (since.rem_euclid(period) as f64 + after_ns) / self.period_ns as f64;
        begun + phase.floor() + self.within(phase - phase.floor())
    }

    /// The share traded at a share of the period; even within a bucket.
    fn within(&self, phase: f64) -> f64 {
        let buckets = self.traded.len() as f64;
        let place = (phase * buckets).min(buckets);
        let (mut from, mut left) = (0.0, place);
        for to in &self.traded {
            if left < 1.0 {
                return from + (to - from) * left;
            }
            (from, left) = (*to, left - 1.0);
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ScheduleError, is_sound};
    use super::VolumeProfile;
    use model::{Rate, Time};
    use proptest::prelude::{ProptestConfig, prop, proptest};

    const HOUR: i64 = 3_600_000_000_000;

    fn profile(history: &[Vec<u64>], flat: f64) -> Result<VolumeProfile, ScheduleError> {
        VolumeProfile::from_history(Time(0), 4 * HOUR, history, flat)
    }

    /// Start, end and count of slices in hours; the shares in parts of a thousand.
    fn check(history: &[Vec<u64>], flat: f64, (start, end, count): (i64, i64, u32), expected: &[i64]) {
        let profile = profile(history, flat).unwrap();
        let slices = profile.slices(Time(start * HOUR), Time(end * HOUR), count).unwrap();
        let done: Vec<_> = slices.iter().map(|slice| slice.done.0 / 1_000_000).collect();
        assert_eq!(done, expected, "{start} to {end} h");
    }

    #[test]
    fn a_schedule_follows_the_volume_of_the_past() {
        let history = [vec![4, 1, 1, 2]];
        check(&history, 0.0, (0, 4, 4), &[500, 625, 750, 1000]);
        // From the middle, within one bucket, over the end of a period, and over two of them.
        check(&history, 0.0, (1, 4, 3), &[250, 500, 1000]);
        check(&history, 0.0, (3, 5, 4), &[166, 333, 666, 1000]);
        check(&history, 0.0, (0, 8, 2), &[500, 1000]);
        check(&history, 0.0, (-4, 0, 4), &[500, 625, 750, 1000]);
        // Each period counts the same, however much it traded.
        check(&[vec![4, 1, 1, 2], vec![0, 0, 0, 800]], 0.0, (0, 4, 4), &[250, 312, 375, 1000]);
        // Flat periods pull it straight; without volume it is straight.
        check(&history, 1.0, (0, 4, 4), &[375, 562, 750, 1000]);
        check(&[vec![0; 4]], 1.0, (0, 4, 4), &[250, 500, 750, 1000]);
        check(&[vec![1, 0, 0, 1]], 0.0, (1, 3, 2), &[500, 1000]);
    }

    #[test]
    fn what_makes_no_profile_is_refused() {
        assert_eq!(profile(&[], 1.0), Err(ScheduleError::Buckets));
        assert_eq!(profile(&[vec![1, 2], vec![1]], 1.0), Err(ScheduleError::Buckets));
        assert_eq!(profile(&[vec![0, 0]], 0.0), Err(ScheduleError::NoVolume));
        assert_eq!(profile(&[vec![1]], -1.0), Err(ScheduleError::FlatPeriods));
        let short = VolumeProfile::from_history(Time(0), 1, &[vec![1, 2]], 0.0);
        assert_eq!(short, Err(ScheduleError::Period));
        let backwards = profile(&[vec![1]], 0.0).unwrap().slices(Time(5), Time(5), 1);
        assert_eq!(backwards, Err(ScheduleError::Span));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_schedule_is_one_that_the_engine_takes(
            history in prop::collection::vec(prop::collection::vec(0u64..1_000_000_000, 24), 1..5),
            flat in 0.1f64..3.0,
            start in -1_000_000 * HOUR..1_000_000 * HOUR,
            span in 10_000i64..100 * HOUR,
            count in 1u32..500,
        ) {
            let profile = VolumeProfile::from_history(Time(17), 24 * HOUR, &history, flat).unwrap();
            let slices = profile.slices(Time(start), Time(start + span), count).unwrap();
            assert!(is_sound(&slices, Time(start)));
            assert_eq!(slices.last().unwrap().done, Rate::ONE);
        }
    }
}
