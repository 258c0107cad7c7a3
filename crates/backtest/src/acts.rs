//! What happens to holders on the clock of the data: funding, corporate actions, and the daily cost of what is sold
//! short. They are commands like any other, and come before what the market says at the same moment.

use crate::plan::Plan;
use model::{
    Borrow, Command, CorporateAction, Funding, InstrumentId, Mark, NANOS_PER_SECOND, Price, Rate, Time,
};

const DAY_NS: i64 = 86_400 * NANOS_PER_SECOND;
const DAYS_A_YEAR: i64 = 365;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The long pay the short so much of their position's value, at the mark where one is told with it.
    Funding {
        rate: Rate,
        mark: Option<Price>,
    },
    Corporate(CorporateAction),
}

/// What is due next, in order of time and then of the markets.
pub(crate) struct Acts {
    all: Vec<(Time, usize, Act)>,
    next: usize,
    /// By market: what a short position pays a year.
    rates: Vec<Rate>,
    midnight: Option<Time>,
}

/// One thing that is due.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    Act(usize, Act),
    /// A day is over.
    Midnight,
}

impl Acts {
    pub(crate) fn new(plan: &Plan, from: Time) -> Self {
        let of = plan.markets.iter().enumerate();
        let mut all: Vec<(Time, usize, Act)> = of
            .flat_map(|(at, market)| market.acts.iter().map(move |(time, act)| (*time, at, *act)))
            .collect();
        all.sort_by_key(|(time, at, _)| (*time, *at));
        let next = all.partition_point(|(time, ..)| *time < from);
        let rates: Vec<Rate> = plan.markets.iter().map(|market| market.borrow).collect();
        let borrows = rates.iter().any(|rate| rate.0 > 0);
        Self { all, next, rates, midnight: borrows.then(|| midnight_after(from)) }
    }

    pub(crate) fn next(&self) -> Option<Time> {
        let act = self.all.get(self.next).map(|(time, ..)| *time);
        [act, self.midnight].into_iter().flatten().min()
    }

    /// The data is over, and with it what happens to holders.
    pub(crate) fn stop(&mut self) {
        (self.next, self.midnight) = (self.all.len(), None);
    }

    pub(crate) fn take(&mut self, now: Time) -> Option<Due> {
        if let Some(midnight) = self.midnight.filter(|midnight| *midnight <= now) {
            self.midnight = Some(Time(midnight.0.saturating_add(DAY_NS)));
            return Some(Due::Midnight);
        }
        let (_, market, act) = self.all.get(self.next).filter(|(time, ..)| *time <= now)?;
        self.next += 1;
        Some(Due::Act(*market, *act))
    }

    /// What a market's shorts pay for a day.
    pub(crate) fn daily(&self, market: usize) -> Option<Rate> {
        let rate = self.rates.get(market).filter(|rate| rate.0 > 0)?;
        Some(Rate(rate.0 / DAYS_A_YEAR))
    }
}

fn midnight_after(time: Time) -> Time {
    Time((time.0.div_euclid(DAY_NS) + 1).saturating_mul(DAY_NS))
}

/// The commands that an act comes to.
pub(crate) fn commands(instrument: InstrumentId, act: Act) -> impl Iterator<Item = Command> {
    let (first, second) = match act {
        Act::Funding { rate, mark } => (
            mark.map(|price| Command::Mark(Mark { instrument, price })),
            Command::Funding(Funding { instrument, rate }),
        ),
        Act::Corporate(action) => (None, Command::Corporate { instrument, action }),
    };
    first.into_iter().chain(std::iter::once(second))
}

pub(crate) fn charge(instrument: InstrumentId, rate: Rate) -> Command {
    Command::Borrow(Borrow { instrument, rate })
}
