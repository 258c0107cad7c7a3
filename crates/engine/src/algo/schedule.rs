//! What is to be done by when, in lots. A share that does not come to whole lots is rounded down, and the last
//! point is always all of it.

use model::{Algo, Combination, Qty, Rate, Reject, Slice, Time};
use serde::{Deserialize, Serialize};

const POINTS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) at: Time,
    pub(crate) done: Qty,
}

/// The points of an algo that has some.
pub(super) fn points(algo: &Algo, qty: Qty, start: Time, end: Time) -> Result<Vec<Point>, Reject> {
    match algo {
        Algo::Twap { slices } => even(*slices, qty, start, end),
        Algo::Vwap { profile } => given(profile, qty, start),
        Algo::ImplementationShortfall { schedule } => given(schedule, qty, start),
        _ => Ok(Vec::new()),
    }
}

fn even(slices: u32, qty: Qty, start: Time, end: Time) -> Result<Vec<Point>, Reject> {
    let span = end.0.saturating_sub(start.0);
    if slices == 0 || slices as usize > POINTS_MAX || end == Time::MAX || span <= 0 {
        return Err(misfit());
    }
    let part = |of: i64, number: u32| {
        let share = i128::from(of).saturating_mul(i128::from(number));
        share.checked_div(i128::from(slices)).and_then(|part| i64::try_from(part).ok()).unwrap_or(of)
    };
    let point = |number| Point {
        at: Time(start.0.saturating_add(part(span, number))),
        done: Qty(part(qty.0, number)),
    };
    Ok((1..=slices).map(point).collect())
}

fn given(slices: &[Slice], qty: Qty, start: Time) -> Result<Vec<Point>, Reject> {
    let rising = slices.windows(2).all(|pair| match pair {
        [one, next] => one.at < next.at && one.done <= next.done,
        _ => true,
    });
    let whole = slices.last().is_some_and(|last| last.done == Rate::ONE);
    let after = slices.first().is_some_and(|first| first.at > start && first.done >= Rate::ZERO);
    if !rising || !whole || !after || slices.len() > POINTS_MAX {
        return Err(misfit());
    }
    let share = |rate: Rate| {
        let lots = i128::from(qty.0).saturating_mul(i128::from(rate.0)).checked_div(i128::from(Rate::ONE.0));
        Qty(lots.and_then(|lots| i64::try_from(lots).ok()).unwrap_or(qty.0))
    };
    Ok(slices.iter().map(|slice| Point { at: slice.at, done: share(slice.done) }).collect())
}

pub(super) fn misfit() -> Reject {
    Reject::IllegalCombination { what: Combination::AlgoSchedule }
}

/// A share of a volume, rounded down.
pub(super) fn share_of(volume: i64, rate: Rate) -> i64 {
    let share = i128::from(volume).saturating_mul(i128::from(rate.0)).checked_div(i128::from(Rate::ONE.0));
    share.and_then(|share| i64::try_from(share).ok()).unwrap_or(0)
}

/// The part that is this much once a share of the part itself is added to it: `part = amount + rate × part`.
pub(super) fn grown(amount: i64, rate: Rate) -> i64 {
    let one = i128::from(Rate::ONE.0);
    let rest = one.saturating_sub(i128::from(rate.0));
    let part = i128::from(amount).saturating_mul(one).checked_div(rest);
    part.and_then(|part| i64::try_from(part).ok()).unwrap_or(amount)
}
