//! Schedules of algos: by each moment so much of the whole. Whatever makes one, what comes out is what the engine
//! takes: moments that rise, shares that never fall, and a last one that is exactly all of it.
//! Shares are rounded to the nearest part of 10⁻⁹, which keeps their order.

mod almgren_chriss;
mod volume_profile;

pub use almgren_chriss::{AlmgrenChriss, Urgency};
pub use volume_profile::VolumeProfile;

use model::{Rate, Slice, Time};

/// As many points as the engine takes in one schedule.
pub const SLICES_MAX: u32 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error("a schedule ends after it starts; give a later end")]
    Span,
    #[error("a schedule has 1 to {SLICES_MAX} slices, each at least a nanosecond long")]
    Slices,
    #[error(
        "volatility, impact and risk aversion are finite and not negative, and temporary impact is positive"
    )]
    Parameters,
    #[error("permanent impact is too large for slices this long; use more slices")]
    PermanentImpact,
    #[error("every period of a history has the same number of buckets, and at least one")]
    Buckets,
    #[error("the history has no volume and no flat periods are mixed in; give either")]
    NoVolume,
    #[error("the period of a profile is at least a nanosecond a bucket long")]
    Period,
    #[error("the number of flat periods is finite and not negative")]
    FlatPeriods,
}

/// Slices at even steps from `start` to `end`; `done` says how much is to be done at a share of the time.
fn even(start: Time, end: Time, count: u32, done: impl Fn(f64) -> f64) -> Result<Vec<Slice>, ScheduleError> {
    let span = end.0.checked_sub(start.0).filter(|span| *span > 0).ok_or(ScheduleError::Span)?;
    if count == 0 || count > SLICES_MAX || span < i64::from(count) {
        return Err(ScheduleError::Slices);
    }
    let mut slices = Vec::with_capacity(count as usize);
    let mut least = Rate::ZERO;
    for number in 1..=count {
        // The product of two counts of 64 bits fits 128, and the share of the span is no more than the span.
        let part = i128::from(span) * i128::from(number) / i128::from(count);
        let at = Time(start.0 + i64::try_from(part).unwrap_or(span));
        let share = if number == count { Rate::ONE } else { rate_of(done(part as f64 / span as f64)) };
        // Neighbours that differ by less than a float can say must not come out the wrong way round.
        least = share.max(least);
        slices.push(Slice { at, done: least });
    }
    Ok(slices)
}

/// The nearest rate to a share of the whole.
fn rate_of(share: f64) -> Rate {
    let parts = (share.clamp(0.0, 1.0) * 1e9).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between 0 and 10⁹ and whole; not a number comes to 0"
    )]
    Rate(parts as i64)
}

#[cfg(test)]
fn is_sound(slices: &[Slice], start: Time) -> bool {
    let rises = slices.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].done <= pair[1].done);
    let begins = slices.first().is_some_and(|first| first.at > start && first.done >= Rate::ZERO);
    rises && begins && slices.last().is_some_and(|last| last.done == Rate::ONE)
}
