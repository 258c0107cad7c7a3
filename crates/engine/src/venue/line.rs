//! The line of requests to one venue, and the budget that lets them out. Who comes first: the higher class, then
//! the older; a request gains a class each time it has waited for the venue's patience, so none waits for ever.
//! A lane is one class in the order of arrival, so only the heads of lanes are ever compared.

use model::{NewVenue, OrderId, Priority, RequestBudget, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Orders that may wait for one venue at once.
pub(crate) const WAITING_MAX: usize = 1 << 16;

/// What is asked about an order. What the request says exactly is read from the order when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Asks {
    Submit,
    Replace,
    Cancel,
    Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) order: OrderId,
    pub(crate) asks: Asks,
    since: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Lane {
    Normal,
    High,
    Critical,
    /// Stop-losses, and what closes a position.
    StopLoss,
    /// Cancels and queries: as urgent as a stop-loss, and before it.
    Care,
}

impl Lane {
    const ALL: [Self; 5] = [Self::Normal, Self::High, Self::Critical, Self::StopLoss, Self::Care];

    pub(crate) fn of(priority: Priority) -> Self {
        match priority {
            Priority::Normal => Self::Normal,
            Priority::High => Self::High,
            Priority::Critical => Self::Critical,
            Priority::StopLoss => Self::StopLoss,
        }
    }

    pub(crate) fn priority(self) -> Priority {
        match self {
            Self::Normal => Priority::Normal,
            Self::High => Priority::High,
            Self::Critical => Priority::Critical,
            Self::StopLoss | Self::Care => Priority::StopLoss,
        }
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) lane: Lane,
    number: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    lanes: [BTreeMap<u64, Waiting>; 5],
    made: u64,
}

impl Line {
    /// The last in its lane.
    pub(crate) fn join(&mut self, lane: Lane, order: OrderId, asks: Asks, now: Time) -> Place {
        self.made = self.made.wrapping_add(1);
        if let Some(line) = self.lanes.get_mut(lane as usize) {
            line.insert(self.made, Waiting { order, asks, since: now });
        }
        Place { lane, number: self.made }
    }

    pub(crate) fn leave(&mut self, place: Place) {
        if let Some(line) = self.lanes.get_mut(place.lane as usize) {
            line.remove(&place.number);
        }
    }

    /// Who goes next; of the cancels and queries alone if `care_only`.
    pub(crate) fn next(&self, now: Time, patience_ns: i64, care_only: bool) -> Option<(Place, Waiting)> {
        let lanes = Lane::ALL.into_iter().zip(&self.lanes);
        let heads = lanes.filter(|(lane, _)| !care_only || *lane == Lane::Care).filter_map(|(lane, line)| {
            let (number, waiting) = line.first_key_value()?;
            let waited = now.0.saturating_sub(waiting.since.0).checked_div(patience_ns).unwrap_or(0);
            let class = waited.saturating_add(lane.priority() as i64);
            Some((class, lane == Lane::Care, std::cmp::Reverse(*number), lane, *waiting))
        });
        let first = heads.max_by_key(|(class, care, number, ..)| (*class, *care, *number))?;
        let (_, _, std::cmp::Reverse(number), lane, waiting) = first;
        Some((Place { lane, number }, waiting))
    }

    pub(crate) fn is_idle(&self, care_only: bool) -> bool {
        let lanes = Lane::ALL.into_iter().zip(&self.lanes);
        lanes.filter(|(lane, _)| !care_only || *lane == Lane::Care).all(|(_, line)| line.is_empty())
    }

    /// Orders and changes that wait.
    pub(crate) fn orders(&self) -> usize {
        self.lanes.iter().take(Lane::Care as usize).map(BTreeMap::len).sum()
    }

    /// Every request, in no order of importance.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Place, &Waiting)> {
        Lane::ALL.into_iter().zip(&self.lanes).flat_map(|(lane, line)| {
            line.iter().map(move |(number, waiting)| (Place { lane, number: *number }, waiting))
        })
    }
}

/// When the last requests left: as many as the budget lets out in one window, so that no window, wherever it
/// begins, holds more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent(VecDeque<Time>);

impl Sent {
    pub(crate) const REQUESTS_MAX: u32 = 100_000;

    /// From when on the next may leave.
    pub(crate) fn free_at(&self, venue: &NewVenue) -> Time {
        let Some(RequestBudget { requests, window_ns }) = venue.budget else { return Time::MIN };
        let full = self.0.len() >= requests as usize;
        self.0.front().filter(|_| full).map_or(Time::MIN, |first| first.saturating_add_ns(window_ns))
    }

    pub(crate) fn note(&mut self, venue: &NewVenue, now: Time) {
        let Some(RequestBudget { requests, .. }) = venue.budget else { return };
        if self.0.len() >= requests as usize {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Name, VenueKind};

    const SECOND: i64 = 1_000_000_000;

    fn drain(line: &mut Line, now: i64) -> Vec<u64> {
        let mut order = Vec::new();
        while let Some((place, waiting)) = line.next(Time(now), SECOND, false) {
            line.leave(place);
            order.push(waiting.order.0);
        }
        order
    }

    fn line(requests: &[(Lane, i64)]) -> Line {
        let mut line = Line::default();
        for (order, (lane, since)) in (1..).zip(requests) {
            line.join(*lane, OrderId(order), Asks::Submit, Time(*since));
        }
        line
    }

    #[test]
    fn the_higher_class_comes_first_and_then_the_older() {
        let mut line = line(&[
            (Lane::Normal, 0),
            (Lane::High, 1),
            (Lane::StopLoss, 2),
            (Lane::Critical, 3),
            (Lane::Care, 4),
            (Lane::StopLoss, 5),
            (Lane::Normal, 6),
        ]);
        assert_eq!(drain(&mut line, 10), [5, 3, 6, 4, 2, 1, 7]);
    }

    #[test]
    fn who_has_waited_for_the_patience_is_a_class_higher() {
        let (normal, later) = ((Lane::Normal, 0), 2 * SECOND);
        assert_eq!(drain(&mut line(&[normal, (Lane::High, later)]), later), [1, 2]);
        assert_eq!(drain(&mut line(&[normal, (Lane::Critical, later)]), later), [1, 2]);
        assert_eq!(drain(&mut line(&[normal, (Lane::StopLoss, later)]), later), [2, 1]);
        assert_eq!(drain(&mut line(&[normal, (Lane::StopLoss, 3 * SECOND)]), 3 * SECOND), [1, 2]);
    }

    #[test]
    fn no_window_holds_more_than_the_budget() {
        let budget = Some(RequestBudget { requests: 3, window_ns: SECOND });
        let name = Name::new("x").expect("a name");
        let venue = NewVenue { name, kind: VenueKind::Outside, budget, patience_ns: 1 };
        let (mut sent, mut times) = (Sent::default(), Vec::new());
        for step in 0..200 {
            let now = Time(step * SECOND / 7 + step % 3);
            while sent.free_at(&venue) <= now {
                sent.note(&venue, now);
                times.push(now.0);
            }
        }
        assert!(times.windows(4).all(|four| four[3] - four[0] >= SECOND));
        // And no slower than it must be: about three in each second.
        assert!(times.len() > 75, "{}", times.len());
    }
}
