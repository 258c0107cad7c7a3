//! A run: market data in order of time, and between it whatever is due in the engine, at the venue and with the
//! strategies. At one moment what closes comes before what opens. A stretch of bars in which nobody wants anything,
//! nothing works and nothing is due is gone through at once; it comes to the same state as bar by bar.

mod acts;
mod bars;
mod facts;
mod finish;
mod heard;
mod ticks;

use crate::acts::Acts;
use crate::desk::{Desk, Wanted};
use crate::error::BacktestError;
use crate::house::House;
use crate::lane::{Lane, Moment};
use crate::plan::Plan;
use crate::tally::{AccountOutcome, Tally, Trade};
use heard::Heard;
use model::{Command, Level, OrderId, OutsideTrade, Qty, Time};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use strategy::{Look, Market};

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub name: String,
    /// Over the engine's last state and every fill: equal for equal inputs.
    pub digest: String,
    pub from: Time,
    pub until: Time,
    pub bars: u64,
    pub ticks: u64,
    pub commands: u64,
    pub fills: u64,
    pub trades_made: u64,
    pub accounts: Vec<AccountOutcome>,
    pub strategies: Vec<StrategyOutcome>,
    pub trades: Vec<Trade>,
    /// Why funding, splits and the like could not be done, and how often.
    pub undone: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategyOutcome {
    pub name: String,
    pub kind: String,
    pub params: Vec<(String, f64)>,
    /// Why orders of it were refused, and how often.
    pub refused: BTreeMap<String, u64>,
}

/// Runs a plan over its data.
pub fn run(plan: &Plan) -> Result<Outcome, BacktestError> {
    Run::new(plan)?.go()
}

/// A run that takes every bar, quote and print one by one, through every door: what a run has to be equal to.
pub fn run_slowly(plan: &Plan) -> Result<Outcome, BacktestError> {
    let mut run = Run::new(plan)?;
    run.is_slow = true;
    run.go()
}

/// A fact for a strategy.
enum Note {
    Fill(OutsideTrade),
    End { order: OrderId, left: Qty, is_refused: bool },
}

const NOBODY: u32 = u32::MAX;

struct Run<'a> {
    plan: &'a Plan,
    house: House,
    desks: Vec<Desk>,
    lanes: Vec<Lane>,
    tally: Tally,
    /// Whose an order is, by the slot that its id names.
    owners: Vec<u32>,
    notes: VecDeque<Note>,
    /// The commands that an intent comes to; empty in between.
    wanted: Vec<Wanted>,
    /// What is on its way to the house, never in another order than it was said.
    late: VecDeque<(Time, Heard)>,
    latest_feed: Time,
    acts: Acts,
    /// By market: the best prices of the book that the house was told last.
    touches: Vec<(Option<Level>, Option<Level>)>,
    /// What could not be done to holders, and how often.
    undone: BTreeMap<String, u64>,
    now: Time,
    from: Time,
    bars: u64,
    ticks: u64,
    is_slow: bool,
}

struct Worth<'a>(&'a Tally, usize);

impl Look for Worth<'_> {
    fn equity(&self) -> Option<f64> {
        Some(self.0.equity(self.1))
    }
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan) -> Result<Self, BacktestError> {
        plan.check()?;
        let lanes: Vec<Lane> = plan
            .markets
            .iter()
            .map(|market| Lane::open(&market.symbol, &market.feed))
            .collect::<Result<_, _>>()?;
        let from = lanes.iter().filter_map(Lane::next).map(|(time, _)| time).min().unwrap_or_default();
        let house = House::build(plan, from)?;
        let tally = Tally::new(plan);
        let mut desks = Vec::with_capacity(plan.strategies.len());
        for (of, book) in plan.strategies.iter().zip(&house.books) {
            let (strategy, reads, warm_up) = of.build()?;
            let market = |&place: &usize| Market {
                tick: crate::tally::number(plan.markets[place].tick),
                tick_value: tally.tick_value(place),
                ..Market::default()
            };
            let view = of.markets.iter().map(market).collect();
            let account = house.accounts[of.account];
            desks.push(Desk::new(strategy, (reads, warm_up), of, (account, *book), view));
        }
        Ok(Self {
            plan,
            house,
            desks,
            lanes,
            tally,
            owners: Vec::new(),
            notes: VecDeque::new(),
            wanted: Vec::new(),
            late: VecDeque::new(),
            latest_feed: Time::MIN,
            acts: Acts::new(plan, from),
            touches: vec![(None, None); plan.markets.len()],
            undone: BTreeMap::new(),
            now: from,
            from,
            bars: 0,
            ticks: 0,
            is_slow: false,
        })
    }

    fn go(mut self) -> Result<Outcome, BacktestError> {
        while let Some((time, lane, moment)) = self.next_moment() {
            self.wait_until(time);
            match moment {
                Moment::Open if self.pass(lane)? => {}
                Moment::Open => self.open_bar(lane, time),
                Moment::Point(at) => self.point(lane, at, time),
                Moment::Close if self.pass(lane)? => {}
                Moment::Close => self.close_bar(lane)?,
                Moment::Tick => self.tick(lane, time)?,
            }
        }
        // What is on its way still arrives.
        self.acts.stop();
        while let Some(time) =
            self.next_inside().filter(|time| *time < self.now.saturating_add_ns(60_000_000_000))
        {
            self.wait_until(time);
        }
        self.finish()
    }

    /// The next thing that the market says: the earliest, what closes first, then in the order of the markets.
    #[inline]
    fn next_moment(&self) -> Option<(Time, usize, Moment)> {
        let moments = self.lanes.iter().enumerate();
        let moments = moments
            .filter_map(|(at, lane)| lane.next().map(|(time, moment)| (time, moment.rank(), at, moment)));
        moments
            .min_by_key(|(time, rank, at, _)| (*time, *rank, *at))
            .map(|(time, _, at, moment)| (time, at, moment))
    }

    /// When something is due that the market does not say.
    #[inline]
    fn next_inside(&self) -> Option<Time> {
        let timers = self.desks.iter().filter_map(|desk| desk.timers.first().map(|(time, _)| *time));
        let late = self.late.front().map(|(time, _)| *time);
        [self.house.venue.next(), self.house.engine.next_due(), late, self.acts.next()]
            .into_iter()
            .flatten()
            .chain(timers)
            .min()
    }

    /// Everything that is due by then happens, in its order.
    #[inline]
    fn wait_until(&mut self, time: Time) {
        while let Some(due) = self.next_inside().filter(|due| *due <= time) {
            let due = due.max(self.now);
            self.now = due;
            self.house.venue.advance(due);
            self.settle();
            self.act();
            if self.late.front().is_some_and(|(time, _)| *time <= due)
                && let Some((_, heard)) = self.late.pop_front()
            {
                self.hear(heard);
            }
            if self.house.engine.next_due().is_some_and(|next| next <= due) {
                self.apply(Command::AdvanceTime);
                self.settle();
            }
            self.ring_timers();
        }
        self.now = self.now.max(time);
    }

    fn ring_timers(&mut self) {
        for at in 0..self.desks.len() {
            while let Some(&(time, tag)) = self.desks[at].timers.first().filter(|(time, _)| *time <= self.now)
            {
                self.desks[at].timers.remove(&(time, tag));
                self.desks[at].stir();
                self.tell(at, |desk, view| desk.strategy.on_timer(tag, view, &mut desk.intents));
                self.settle();
            }
        }
    }
}
